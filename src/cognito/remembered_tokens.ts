/** Access tokens that were verified once: until they end, or their key is withdrawn, they are known by their digest. */
import { type CredentialKey, type CredentialMemory, createCredentialMemory, keyOf } from '../credential_memory.ts'
import type { Awaitable } from '../gate/awaitable.ts'
import { MAX_TOKEN } from '../gate/credentials.ts'
import type { Verified } from '../gate/decide.ts'
import type { AccessToken } from '../gate/principal.ts'
import type { PublishedKey } from './signature.ts'
import { createTokenProver, type TokenVerifierOptions } from './verifier.ts'

/** The answer, which says when to look again. */
export interface Remembered {
  ok: true
  value: AccessToken
  notBefore: number
  signedBy: PublishedKey
}

export interface RememberingVerifier {
  verifyToken(token: string): Awaitable<Verified<AccessToken>>
  recallToken(authorization: string): Verified<AccessToken> | undefined
}

/** Before the token in the header, as nearly everybody writes it. */
const SCHEME = 'Bearer '

/**
 * Makes a verifier that gives the same object again for a token that it remembers. Refused tokens are not remembered. What the clock and the
 * key store say is asked for every time; where it is not plainly yes, the token is verified again, and the reason is found there.
 */
export function createRememberingVerifier(
  options: TokenVerifierOptions,
  memory: CredentialMemory<Remembered> = createCredentialMemory(),
): RememberingVerifier {
  const prove = createTokenProver(options)
  const share = createSharing()
  let lastKey: PublishedKey | null = null
  const recall = (key: CredentialKey): Verified<AccessToken> | undefined => {
    const remembered = memory.get(key)
    if (remembered === undefined) return undefined
    if (stillGood(remembered, options.now())) return remembered
    memory.delete(key)
    return undefined
  }
  const verify = async (token: string, key: CredentialKey): Promise<Verified<AccessToken>> => {
    const proof = await prove(token)
    if (!proof.ok) return proof
    const { token: said, notBefore, signedBy } = proof.value
    const value = { ...said, clientId: share(said.clientId), groups: share(said.groups), scopes: share(said.scopes) }
    // One object for all tokens of a key.
    if (lastKey?.key !== signedBy.key) lastKey = signedBy
    const remembered: Remembered = { ok: true, value, notBefore, signedBy: lastKey }
    memory.set(key, remembered, token.length)
    return remembered
  }
  return {
    verifyToken: (token) => {
      const key = keyOf(SCHEME + token)
      return recall(key) ?? verify(token, key)
    },
    recallToken: (authorization) => (authorization.length > SCHEME.length + MAX_TOKEN ? undefined : recall(keyOf(authorization))),
  }
}

/** Most values that are shared at a time. */
const MOST_SHARED = 256

/** Makes the function that gives equal values as one: nearly all tokens have the same few lists, which would be most of what is remembered. */
function createSharing(): <T extends string | readonly string[]>(value: T) => T {
  const known = new Map<string, unknown>()
  return <T>(value: T): T => {
    const text = JSON.stringify(value)
    const found = known.get(text) as T | undefined
    if (found !== undefined) return found
    if (known.size >= MOST_SHARED) known.clear()
    known.set(text, value)
    return value
  }
}

/** Whole seconds, as the claims were checked. A key store that has to wait for keys gives a promise, which is no key. */
function stillGood({ value: token, notBefore, signedBy }: Remembered, now: number): boolean {
  const second = Math.floor(now)
  return second < token.expiresAt && second >= notBefore && signedBy.keys.find(signedBy.kid) === signedBy.key
}
