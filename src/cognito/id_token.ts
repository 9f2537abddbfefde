/** What an ID token of Cognito says about a user who has just logged in (AWS developer guide, "Understanding the identity token"). */
import type { Verified } from '../gate/decide.ts'
import type { Reason } from '../gate/refusal.ts'
import { createSignatureVerifier, type SignatureOptions } from './signature.ts'
import { CLOCK_AHEAD, isListOfNames, isName } from './verifier.ts'

export interface IdToken {
  subject: string
  username: string
  /** Null when the claim is absent: the user is in no group, or the token does not say. */
  groups: readonly string[] | null
}

const refuse = (reason: Reason): { ok: false; reason: Reason } => ({ ok: false, reason })

/**
 * Makes the function that verifies ID tokens of one app client. It resolves to a reason for every bad token and never rejects for one.
 * The nonce is checked by who sent it (OpenID Connect Core 3.1.3.7).
 */
export function createIdTokenVerifier(options: SignatureOptions & { clientId: string }): (token: string) => Promise<Verified<IdToken>> {
  const verifySignature = createSignatureVerifier(options)
  return async function verifyIdToken(token) {
    const verified = await verifySignature(token)
    if (!verified.ok) return verified
    const { token_use, aud, iat = 0, sub, 'cognito:username': username, 'cognito:groups': groups = null } = verified.value.payload
    if (token_use !== 'id') return refuse('token_use')
    if (aud !== options.clientId) return refuse('token_client')
    if (iat > options.now() + CLOCK_AHEAD) return refuse('token_not_yet_valid')
    if (!isName(sub) || !isName(username) || (groups !== null && !isListOfNames(groups))) return refuse('token_claims')
    return { ok: true, value: { subject: sub, username, groups } }
  }
}
