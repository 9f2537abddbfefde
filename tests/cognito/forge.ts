/** Keys and tokens for the tests of the verifier: right ones, and every kind of wrong one. */

import { constants, createHash, createPrivateKey, createPublicKey, type KeyObject, privateEncrypt, sign } from 'node:crypto'
import { createKeyStore, type KeyStore } from '../../src/cognito/keys.ts'
import { type Pool, poolInRegion } from '../../src/cognito/pool.ts'
import { createRememberingVerifier } from '../../src/cognito/remembered_tokens.ts'
import { createTokenVerifier, type TokenVerifierOptions } from '../../src/cognito/verifier.ts'
import { newPrivateKey } from '../../src/demo/new_key.ts'
import type { GetDocument } from '../../src/document.ts'
import * as assert from '../support/assert.ts'
import { jwks } from '../support/documents.ts'
import { rsaKey } from '../support/rsa_keys.ts'

export type Json = Record<string, unknown>

export interface Key {
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
  /** As Cognito publishes it. */
  jwk: Json
}

/** Seconds since 1970 in these tests. */
export const NOW = 1_800_000_000
export const POOL: Pool = poolInRegion('us-east-1_TestPool1', 'us-east-1')
export const ISSUER = POOL.issuers[0] as string
export const CLIENT = '1testclient23456789'

export function makeKey(kid: string, modulusLength = 2048, publicExponent = 0x10001): Key {
  const isUsual = modulusLength === 2048 && publicExponent === 0x10001
  const privateKey = isUsual ? rsaKey() : newPrivateKey('rsa', { modulusLength, publicExponent })
  const publicKey = createPublicKey(privateKey)
  return { kid, privateKey, publicKey, jwk: { alg: 'RS256', ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } }
}

export const base64url = (value: string | Buffer): string => Buffer.from(value as string).toString('base64url')
const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The claims of an agent's access token. */
export const claims = (changes: Json = {}): Json => ({
  sub: CLIENT,
  token_use: 'access',
  scope: 'tools/read',
  auth_time: NOW,
  iss: ISSUER,
  exp: NOW + 3600,
  iat: NOW,
  version: 2,
  jti: '8f7e6d5c-0000-4000-8000-000000000000',
  client_id: CLIENT,
  ...changes,
})

/** The part of a token that is signed. Header and payload may be given as text, so that they can be wrong in every way. */
export const signingInput = (header: unknown, payload: unknown): string => `${base64url(text(header))}.${base64url(text(payload))}`

/** A token that is signed in the right way, whatever it says. */
export function token(key: Key, payload: unknown = claims(), header: unknown = { kid: key.kid, alg: 'RS256' }): string {
  const input = signingInput(header, payload)
  return `${input}.${base64url(sign('sha256', Buffer.from(input), key.privateKey))}`
}

/** The signature whose verification gives this block: RSA without any padding of its own. */
export function signatureOver(key: Key, block: Buffer): Buffer {
  const pkcs8 = createPrivateKey(key.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return privateEncrypt({ key: pkcs8, padding: constants.RSA_NO_PADDING }, block)
}

export const sha256 = (value: string): Buffer => createHash('sha256').update(value).digest()

export interface Bench {
  verify: ReturnType<typeof createTokenVerifier>
  store: KeyStore
  /** Every URL that was fetched. */
  fetched: string[]
  /** Milliseconds on the clock of the key store; move it to leave the penalty. */
  clock: { time: number }
}

/** A verifier for one pool that publishes these keys, with a store of keys that writes down what it fetches. */
export function createBench(keys: readonly Key[], options: Partial<TokenVerifierOptions> = {}): Bench {
  const fetched: string[] = []
  const clock = { time: 0 }
  const get: GetDocument = async (url) => {
    fetched.push(url)
    return jwks(keys.map(({ jwk }) => jwk))
  }
  const store = createKeyStore({ urls: POOL.jwksUrls, get, now: () => clock.time })
  const keysOf = new Map(POOL.issuers.map((issuer) => [issuer, store]))
  const settings = { keysOf, clientIds: new Set([CLIENT]), now: () => NOW, ...options }
  const verifyAlone = createTokenVerifier(settings)
  const remembering = createRememberingVerifier(settings)
  // Whoever remembers must come to the same, the first time and later, whatever the token is.
  const verify: Bench['verify'] = async (one) => {
    const result = await verifyAlone(one)
    for (const again of [await remembering.verifyToken(one), await remembering.verifyToken(one)]) {
      assert.equal(again.ok ? again.value : again.reason, result.ok ? result.value : result.reason)
    }
    return result
  }
  return { verify, store, fetched, clock }
}

/** What a token comes to: `accepted`, or the reason why not. */
export async function verdict({ verify }: Pick<Bench, 'verify'>, one: string): Promise<string> {
  const result = await verify(one)
  return result.ok ? 'accepted' : result.reason
}
