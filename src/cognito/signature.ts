/** From the text of a JWT to its payload: structure first, issuer next, then signature and time. What the claims mean is judged elsewhere. */
import { isUtf8 } from 'node:buffer'
import { type CryptoKey, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Verified } from '../gate/decide.ts'
import type { Reason } from '../gate/refusal.ts'
import type { KeyStore } from './keys.ts'

export interface SignatureOptions {
  /** `iss` → the keys of the pool that issues under this name. */
  keysOf: ReadonlyMap<string, KeyStore>
  /** Seconds since 1970. */
  now(): number
  /** Longest token that is looked at, in characters. */
  maxLength: number
}

/** The very key that a pool published when the signature was checked. */
export interface PublishedKey {
  keys: KeyStore
  kid: string
  key: CryptoKey
}

export interface Signed {
  payload: JWTPayload
  signedBy: PublishedKey
}

/** Longest header, in characters; Cognito's has 80. What is read before the signature must not cost much. */
const MAX_HEADER = 512

const REASON_OF_CODE: Record<string, Reason> = {
  ERR_JWS_INVALID: 'token_malformed',
  ERR_JWT_INVALID: 'token_malformed',
  ERR_JOSE_ALG_NOT_ALLOWED: 'token_header',
  ERR_JOSE_NOT_SUPPORTED: 'token_header',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'token_signature',
  ERR_JWT_EXPIRED: 'token_expired',
}

const refuse = (reason: Reason): { ok: false; reason: Reason } => ({ ok: false, reason })

/**
 * Makes the function that checks structure, issuer, signature, `exp` and `nbf` of a token of the pools. It resolves to a reason for every
 * bad token and never rejects for one.
 */
export function createSignatureVerifier(options: SignatureOptions): (token: string) => Promise<Verified<Signed>> {
  return async function verifySignature(token) {
    const outline = readOutline(token, options.maxLength)
    if (!outline.ok) return outline
    const keys = options.keysOf.get(outline.value.issuer)
    if (keys === undefined) return refuse('token_issuer')
    const { kid, issuer } = outline.value
    const key = await keys.find(kid)
    if (key === undefined) return refuse('keys_unavailable')
    if (key === null) return refuse('token_key')
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['RS256'],
        issuer,
        requiredClaims: ['exp', 'iat', 'sub', 'token_use'],
        currentDate: new Date(options.now() * 1000),
      })
      return { ok: true, value: { payload, signedBy: { keys, kid, key } } }
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
      if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf' && error.reason === 'check_failed')
        return refuse('token_not_yet_valid')
      return refuse(REASON_OF_CODE[error.code] ?? 'token_claims')
    }
  }
}

/** Header and issuer, unverified: enough to refuse what could not be ours before any key is looked up. */
function readOutline(token: string, maxLength: number): Verified<{ kid: string; issuer: string }> {
  if (token.length > maxLength) return refuse('token_too_large')
  const parts = token.split('.').map(decodeCanonical)
  const [header, payload] = parts
  if (parts.length !== 3 || !header || !payload || !parts[2] || !isUtf8(payload)) return refuse('token_malformed')
  const kid = readKid(header.toString('utf8'))
  if (kid === null) return refuse('token_header')
  try {
    const claims: unknown = JSON.parse(payload.toString('utf8'))
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return refuse('token_malformed')
    const { iss } = claims as { iss?: unknown }
    return typeof iss === 'string' ? { ok: true, value: { kid, issuer: iss } } : refuse('token_issuer')
  } catch {
    return refuse('token_malformed')
  }
}

/** RFC 7515 section 2: no padding; and only the one spelling of each value, so that a token has one text. Null for anything else, or for nothing. */
function decodeCanonical(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.length > 0 && bytes.toString('base64url') === part ? bytes : null
}

/**
 * The kid of a header that holds what Cognito's holds: `alg` RS256, `kid`, at most `typ` JWT besides, each once.
 * So `crit`, `b64`, `jku`, `x5u`, `jwk`, `zip`, `cty` and whatever comes next are refused without being understood.
 */
function readKid(text: string): string | null {
  if (text.length > MAX_HEADER) return null
  let header: Record<string, unknown>
  try {
    header = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return null
  const { alg, kid, typ = 'JWT', ...others } = header
  if (alg !== 'RS256' || typeof kid !== 'string' || kid === '' || typ !== 'JWT' || Object.keys(others).length > 0) return null
  const members = text.match(/"(?:[^"\\]|\\.)*"\s*:/g) ?? []
  return members.length === Object.keys(header).length ? kid : null
}
