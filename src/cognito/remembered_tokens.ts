/** Access tokens that were verified once: until they end, or their key is withdrawn, they are known by their digest. */
import { type CredentialKey, type CredentialMemory, createCredentialMemory, keyOf } from '../credential_memory.ts'
import type { Awaitable } from '../gate/awaitable.ts'
import { MAX_TOKEN } from '../gate/credentials.ts'
import type { Verified } from '../gate/decide.ts'
import type { AccessToken } from '../gate/principal.ts'
import { createTokenProver, type Proof, type TokenVerifierOptions } from './verifier.ts'

interface Remembered extends Proof {
  answer: Verified<AccessToken>
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
  const recall = (key: CredentialKey): Verified<AccessToken> | undefined => {
    const remembered = memory.get(key)
    if (remembered === undefined) return undefined
    if (stillGood(remembered, options.now())) return remembered.answer
    memory.delete(key)
    return undefined
  }
  const verify = async (token: string, key: CredentialKey): Promise<Verified<AccessToken>> => {
    const proof = await prove(token)
    if (!proof.ok) return proof
    const answer = { ok: true, value: proof.value.token } as const
    memory.set(key, { ...proof.value, answer }, token.length)
    return answer
  }
  return {
    verifyToken: (token) => {
      const key = keyOf(SCHEME + token)
      return recall(key) ?? verify(token, key)
    },
    recallToken: (authorization) => (authorization.length > SCHEME.length + MAX_TOKEN ? undefined : recall(keyOf(authorization))),
  }
}

/** Whole seconds, as the claims were checked. A key store that has to wait for keys gives a promise, which is no key. */
function stillGood({ token, notBefore, signedBy }: Proof, now: number): boolean {
  const second = Math.floor(now)
  return second < token.expiresAt && second >= notBefore && signedBy.keys.find(signedBy.kid) === signedBy.key
}
