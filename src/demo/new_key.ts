/** Private keys that are made anew. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'

const AS_TEXT = { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } } as const

/**
 * By way of text: on Node 20 a key object, as `generateKeyPairSync` gives it, shares a lock with the job that made it. When the garbage
 * collector meets that job while the key is exported as JWK, which holds the lock, the process hangs for ever.
 * @param options as for `generateKeyPairSync`
 */
export function newPrivateKey(type: 'rsa' | 'ec' | 'ed25519', options: Record<string, unknown> = {}): KeyObject {
  const generate = generateKeyPairSync as (type: string, options: object) => { privateKey: string }
  return createPrivateKey(generate(type, { ...options, ...AS_TEXT }).privateKey)
}

export const newRsaKey = (): KeyObject => newPrivateKey('rsa', { modulusLength: 2048 })
