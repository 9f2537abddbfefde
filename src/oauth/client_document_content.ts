/** What a client's document says (draft-ietf-oauth-client-id-metadata-document-02 section 4; the members are those of RFC 7591). */
import type { ClientDocument, DocumentFailure } from './client_document.ts'
import { cleanClientName } from './client_name.ts'

export type Problem = { ok: false; reason: DocumentFailure; detail: string }

const MAX_REDIRECT_URIS = 20
/** Characters of a URI. */
const LONGEST_URI = 512
const ASCII_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/
/** Of a JSON Web Key: the members that are no public part of it (RFC 7518 section 6; `priv`: draft-ietf-cose-dilithium). */
const SECRET_OF_KEY = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv']

type Members = Record<string, unknown>

const problem = (reason: DocumentFailure, detail: string): Problem => ({ ok: false, reason, detail })

/**
 * @param body the document as it came
 * @param clientId the URL that it came from
 * @returns only what was checked; all else in the document is left out
 */
export function readDocument(body: Uint8Array, clientId: string): { ok: true; value: ClientDocument } | Problem {
  const members = parse(body)
  if (members === null) return problem('not_json', 'it is not a JSON object in UTF-8')
  if (own(members, 'client_id') !== clientId) return problem('client_id_mismatch', 'its client_id is not the URL that it was got from')
  const wrong = wrongIn(members)
  if (wrong !== null) return problem('document_invalid', wrong)
  const name = own(members, 'client_name') as string | undefined
  return {
    ok: true,
    value: Object.freeze({
      clientId,
      name: name === undefined ? null : cleanClientName(name),
      uri: homeOf(own(members, 'client_uri') as string | undefined, clientId),
      redirectUris: Object.freeze([...(own(members, 'redirect_uris') as string[])]),
    }),
  }
}

function parse(body: Uint8Array): Members | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null
  } catch {
    return null
  }
}

/** A member of the document's own; null counts as left out. */
const own = (members: Members, name: string): unknown => (Object.hasOwn(members, name) ? (members[name] ?? undefined) : undefined)

/** What is wrong with it, or null. Names members, never their values. */
function wrongIn(members: Members): string | null {
  for (const name of ['client_secret', 'client_secret_expires_at'])
    if (Object.hasOwn(members, name)) return `it holds ${name}, which a public document must not`
  for (const name of ['client_name', 'client_uri']) {
    const value = own(members, name)
    if (value !== undefined && typeof value !== 'string') return `its ${name} is not a string`
  }
  return wrongRedirects(own(members, 'redirect_uris')) ?? wrongMethod(members) ?? wrongFlow(members) ?? wrongKeys(own(members, 'jwks'))
}

function wrongRedirects(uris: unknown): string | null {
  if (!Array.isArray(uris) || uris.length === 0) return 'it has no redirect_uris'
  if (uris.length > MAX_REDIRECT_URIS) return `it has more than ${MAX_REDIRECT_URIS} redirect_uris`
  const wrong = uris.findIndex((uri) => typeof uri !== 'string' || uri.length > LONGEST_URI || !ASCII_URI.test(uri) || !URL.canParse(uri))
  return wrong === -1 ? null : `redirect_uris[${wrong}] is not an absolute URI of at most ${LONGEST_URI} characters`
}

/**
 * Section 4.1: no secret can be shared. Keys (section 8.2) we do not check, so a client that insists on its own must not pass without;
 * one that leaves the choice to us (`token_endpoint_auth_methods_supported`, OpenID Connect Relying Party Metadata Choices) may.
 */
function wrongMethod(members: Members): string | null {
  const method = own(members, 'token_endpoint_auth_method')
  if (method === undefined || method === 'none') return null
  if (method !== 'private_key_jwt') return 'its token_endpoint_auth_method must be "none"'
  const choices = own(members, 'token_endpoint_auth_methods_supported')
  if (Array.isArray(choices) && choices.includes('none')) return null
  return 'its token_endpoint_auth_method is private_key_jwt, which is not supported: it must be "none"'
}

function wrongFlow(members: Members): string | null {
  const needed = [
    ['grant_types', 'authorization_code'],
    ['response_types', 'code'],
  ] as const
  for (const [name, value] of needed) {
    const listed = own(members, name)
    if (listed !== undefined && !(Array.isArray(listed) && listed.includes(value))) return `its ${name} do not include "${value}"`
  }
  return null
}

/** Section 4.1: public keys only. Who publishes a private one can be anybody. */
function wrongKeys(jwks: unknown): string | null {
  const keys: unknown = typeof jwks === 'object' && jwks !== null ? own(jwks as Members, 'keys') : undefined
  const isSecret = (key: unknown): boolean =>
    typeof key === 'object' && key !== null && SECRET_OF_KEY.some((name) => Object.hasOwn(key, name))
  return Array.isArray(keys) && keys.some(isSecret) ? 'its jwks hold a key that is not public' : null
}

/** The client's home page, as far as its own host vouches for it; null for another one's. */
function homeOf(uri: string | undefined, clientId: string): string | null {
  if (uri === undefined || uri.length > LONGEST_URI || !ASCII_URI.test(uri) || !URL.canParse(uri)) return null
  const { origin, username, password, href } = new URL(uri)
  return origin === new URL(clientId).origin && username === '' && password === '' ? href : null
}
