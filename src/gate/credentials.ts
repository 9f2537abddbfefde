/** Credentials found on a request. Nothing here is verified. */
import type { Reason } from './refusal.ts'

export type Credentials =
  | { kind: 'none' }
  | { kind: 'bearer'; token: string }
  | { kind: 'session'; seal: string }
  | { kind: 'malformed'; reason: Reason }

/** Longest credential that is looked at, in characters. Cognito's tokens and this gateway's sessions stay below. */
export const MAX_TOKEN = 8192
export const MAX_SEAL = 4096

/**
 * Finds the credential that decides. A bearer token goes before a cookie, and a bad one is not rescued by a good cookie.
 * @param authorization the `Authorization` header as the client sent it, or undefined
 * @param cookie the `Cookie` header (RFC 6265 section 4.2), or undefined
 * @param cookieName name of the session cookie
 */
export function findCredentials(authorization: string | undefined, cookie: string | undefined, cookieName: string): Credentials {
  if (authorization !== undefined && authorization !== '') return bearer(authorization)
  const seals = cookie === undefined ? [] : cookieValues(cookie, cookieName)
  const [seal] = seals
  if (seal === undefined) return { kind: 'none' }
  if (seals.length > 1) return { kind: 'malformed', reason: 'session_duplicated' }
  if (seal === '' || seal.length > MAX_SEAL) return { kind: 'malformed', reason: 'session_malformed' }
  return { kind: 'session', seal }
}

/** RFC 6750 section 2.1: the scheme in any case (RFC 9110 section 11.1), one space, one b64token. */
function bearer(authorization: string): Credentials {
  if (authorization.length > MAX_TOKEN + 'Bearer '.length) return { kind: 'malformed', reason: 'token_too_large' }
  const match = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)
  return match?.[1] ? { kind: 'bearer', token: match[1] } : { kind: 'malformed', reason: 'authorization_malformed' }
}

/** Every value under the name, in the order of the header. */
export function cookieValues(header: string, name: string): string[] {
  const values: string[] = []
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (at !== -1 && unpadded(part.slice(0, at)) === name) values.push(unpadded(part.slice(at + 1)))
  }
  return values
}

/**
 * Without spaces and tabs around it (RFC 6265bis section 5.6), and nothing else: `trim()` takes more for white space, among it U+00A0, and
 * to a browser a name that begins with that byte has no prefix `__Host-`, so a sibling domain may set it.
 */
function unpadded(text: string): string {
  const from = text.search(/[^ \t]/)
  if (from === -1) return ''
  // No expression: one for the end would be tried at each blank of a long run inside, and anybody may send that.
  let to = text.length
  for (let code = text.charCodeAt(to - 1); code === SPACE || code === TAB; code = text.charCodeAt(to - 1)) to -= 1
  return text.slice(from, to)
}

const SPACE = 0x20
const TAB = 0x09
