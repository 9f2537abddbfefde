/** What a verified access token of Cognito says, its claims checked. */
import type { JWTPayload } from 'jose'
import { MAX_TOKEN } from '../gate/credentials.ts'
import type { Verified } from '../gate/decide.ts'
import type { AccessToken } from '../gate/principal.ts'
import type { Reason } from '../gate/refusal.ts'
import { createSignatureVerifier, type PublishedKey, type SignatureOptions } from './signature.ts'

export interface TokenVerifierOptions extends Omit<SignatureOptions, 'maxLength'> {
  /** App clients whose tokens are accepted; null accepts every client of the pools. */
  clientIds: ReadonlySet<string> | null
  /** Default: what a request header may hold. */
  maxLength?: number
}

/** Cognito's longest access token life, in seconds (AWS, API_CreateUserPoolClient, AccessTokenValidity). */
const MAX_LIFETIME = 24 * 3600
/** How far ahead of ours the issuer's clock may be, in seconds. */
export const CLOCK_AHEAD = 60

const refuse = (reason: Reason): { ok: false; reason: Reason } => ({ ok: false, reason })

/** A token whose signature and claims hold, and until what changes they do. */
export interface Proof {
  token: AccessToken
  /** Seconds since 1970: before it the clock is wrong for this token. */
  notBefore: number
  signedBy: PublishedKey
}

/** Makes the function that verifies Cognito access tokens. It resolves to a reason for every bad token and never rejects for one. */
export function createTokenVerifier(options: TokenVerifierOptions): (token: string) => Promise<Verified<AccessToken>> {
  const prove = createTokenProver(options)
  return async function verifyAccessToken(token) {
    const proof = await prove(token)
    return proof.ok ? { ok: true, value: proof.value.token } : proof
  }
}

/** Likewise, with what whoever remembers the token has to ask for again. */
export function createTokenProver(options: TokenVerifierOptions): (token: string) => Promise<Verified<Proof>> {
  const verifySignature = createSignatureVerifier({ maxLength: MAX_TOKEN, ...options })
  return async function proveAccessToken(text) {
    const signed = await verifySignature(text)
    if (!signed.ok) return signed
    const { payload, signedBy } = signed.value
    const token = checkClaims(payload, options)
    if (!token.ok) return token
    const { iat = 0, nbf = 0 } = payload
    return { ok: true, value: { token: token.value, notBefore: Math.max(nbf, iat - CLOCK_AHEAD), signedBy } }
  }
}

function checkClaims(payload: JWTPayload, { clientIds, now }: TokenVerifierOptions): Verified<AccessToken> {
  const { token_use, client_id, exp = 0, iat = 0, username, scope = '', aud, origin_jti, 'cognito:groups': groups = [] } = payload
  if (token_use !== 'access') return refuse('token_use')
  if (typeof client_id !== 'string' || client_id === '') return refuse('token_claims')
  if (clientIds !== null && !clientIds.has(client_id)) return refuse('token_client')
  if (iat > now() + CLOCK_AHEAD) return refuse('token_not_yet_valid')
  if (exp - iat > MAX_LIFETIME) return refuse('token_lifetime')
  if (!isName(username) && username !== undefined) return refuse('token_claims')
  // A user who signs up under an app client's id must not pass for that agent.
  if (username !== undefined && clientIds?.has(username)) return refuse('token_claims')
  if (typeof scope !== 'string' || !isListOfNames(groups)) return refuse('token_claims')
  const audience = aud === undefined ? null : [aud].flat()
  if (audience !== null && !isListOfNames(audience)) return refuse('token_claims')
  const scopes = scope.split(' ').filter((name) => name !== '')
  const signIn = isName(origin_jti) ? { signIn: origin_jti } : {}
  return { ok: true, value: { clientId: client_id, username: username ?? null, groups, scopes, ...signIn, audience, expiresAt: exp } }
}

export const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''
export const isListOfNames = (value: unknown): value is string[] => Array.isArray(value) && value.every(isName)
