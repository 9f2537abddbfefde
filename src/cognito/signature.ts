/** From the text of a JWT to its payload: structure first, issuer next, then signature and time. What the claims mean is judged elsewhere. */
import { isUtf8 } from 'node:buffer'
import { type CryptoKey, compactVerify, errors, type JWTPayload } from 'jose'
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

/** What jose says of a token that it does not verify; whatever else it throws is no matter of the token. */
const REASON_OF_CODE: Record<string, Reason> = {
  ERR_JWS_INVALID: 'token_malformed',
  ERR_JOSE_ALG_NOT_ALLOWED: 'token_header',
  ERR_JOSE_NOT_SUPPORTED: 'token_header',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'token_signature',
}

const refuse = (reason: Reason): { ok: false; reason: Reason } => ({ ok: false, reason })

/**
 * Makes the function that checks structure, issuer, signature, `exp` and `nbf` of a token of the pools. It resolves to a reason for every
 * bad token and never rejects for one.
 */
export function createSignatureVerifier(options: SignatureOptions): (token: string) => Promise<Verified<Signed>> {
  const readKid = createKidReader()
  return async function verifySignature(token) {
    if (token.length > options.maxLength) return refuse('token_too_large')
    const outline = readOutline(token, readKid)
    if (!outline.ok) return outline
    const { kid, issuer, payload } = outline.value
    const keys = options.keysOf.get(issuer)
    if (keys === undefined) return refuse('token_issuer')
    const key = await keys.find(kid)
    if (key === undefined) return refuse('keys_unavailable')
    if (key === null) return refuse('token_key')
    try {
      // Not `jwtVerify`, which would read the payload once more.
      await compactVerify(token, key, ALLOWED)
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
      return refuse(REASON_OF_CODE[error.code] ?? 'token_signature')
    }
    const reason = checkTime(payload, Math.floor(options.now()))
    return reason === null ? { ok: true, value: { payload, signedBy: { keys, kid, key } } } : refuse(reason)
  }
}

const ALLOWED = { algorithms: ['RS256'] }
const REQUIRED = ['exp', 'iat', 'sub', 'token_use']

/** RFC 7519 sections 4.1.4 and 4.1.5, as jose checks them, which takes no token whose claims about time are no numbers. */
function checkTime(payload: JWTPayload, now: number): Reason | null {
  if (!REQUIRED.every((claim) => Object.hasOwn(payload, claim))) return 'token_claims'
  const { iat, nbf = Number.NEGATIVE_INFINITY, exp } = payload as Record<string, unknown>
  if (typeof iat !== 'number' || typeof nbf !== 'number') return 'token_claims'
  if (!(nbf <= now)) return 'token_not_yet_valid'
  if (typeof exp !== 'number') return 'token_claims'
  return exp > now ? null : 'token_expired'
}

interface Outline {
  kid: string
  issuer: string
  payload: JWTPayload
}

/** Header and claims, unverified: enough to refuse what could not be ours before any key is looked up. */
function readOutline(token: string, readKid: (header: Buffer) => string | null): Verified<Outline> {
  const parts = token.split('.').map(decodeCanonical)
  const [header, claims] = parts
  if (parts.length !== 3 || !header || !claims || !parts[2] || !isUtf8(claims)) return refuse('token_malformed')
  const kid = readKid(header)
  if (kid === null) return refuse('token_header')
  try {
    const payload: JWTPayload | null = JSON.parse(claims.toString('utf8'))
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return refuse('token_malformed')
    const { iss: issuer } = payload as { iss?: unknown }
    return typeof issuer === 'string' ? { ok: true, value: { kid, issuer, payload } } : refuse('token_issuer')
  } catch {
    return refuse('token_malformed')
  }
}

/** RFC 7515 section 2: no padding; and only the one spelling of each value, so that a token has one text. Null for anything else, or for nothing. */
function decodeCanonical(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.length > 0 && bytes.toString('base64url') === part ? bytes : null
}

/** All tokens of a key have the same header: the last good one need not be read again. */
function createKidReader(): (header: Buffer) => string | null {
  let last = { text: '', kid: '' }
  return (header) => {
    const text = header.toString('utf8')
    if (text === last.text) return last.kid
    const kid = readKid(text)
    if (kid !== null) last = { text, kid }
    return kid
  }
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
