/** Where an MCP client may have its user sent back to (RFC 6749 section 3.1.2, RFC 8252, RFC 9700 section 2.1). */

/** Characters; Cognito takes up to 1024, and this travels in a sealed state. */
const LONGEST = 512
/** The characters of RFC 3986 without the fragment's, so that every reader finds the same parts in it. */
const PLAIN = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~!$&'()*+,;=:@/?%[\]-]+$/
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(?::([1-9][0-9]{0,4}))?(\/[^?]*)?(?:\?.*)?$/
/** RFC 8252 section 7.1: schemes of an own begin with a reversed domain name, but the clients in use have short ones. */
const SCRIPT_OR_DATA = /^(?:about|blob|cid|data|file|filesystem|ftp|intent|javascript|jar|mailto|mid|sms|tel|vbscript|view-source|wss?):/i

/**
 * Whether a text can be a redirect URI at all: https, an own scheme of a program, or http on the loopback. No fragment
 * (RFC 6749 section 3.1.2), no user, no escapes that hide dots or slashes, nothing that a browser would read in another way.
 */
export function isRedirectUri(text: string): boolean {
  if (text.length > LONGEST || !PLAIN.test(text) || SCRIPT_OR_DATA.test(text) || !URL.canParse(text)) return false
  if (text.startsWith('http:')) return isLoopback(text)
  if (!text.startsWith('https:')) return /^[a-z][a-z0-9+.-]*:\/\/?[A-Za-z0-9]/.test(text) && isBare(new URL(text))
  return isAsRead(text)
}

/** RFC 8252 section 7.3. */
export function isLoopback(text: string): boolean {
  const [, , port = '80'] = LOOPBACK.exec(text) ?? [null, null, '0']
  return Number(port) > 0 && Number(port) <= 65_535 && PLAIN.test(text) && isAsRead(text)
}

/** Whether a browser that reads it finds what stands there. */
function isAsRead(text: string): boolean {
  const url = new URL(text)
  const bare = text.replace(/^(https?:\/\/[^/?]+)(?=\?|$)/, '$1/').replace(/^(http:\/\/[^/]+):80\//, '$1/')
  return isBare(url) && url.href === bare
}

/** Without a user, whom a person would take for the host, and without escapes that hide dots or slashes. */
const isBare = ({ username, password, pathname }: URL): boolean => username === '' && password === '' && !/%(?:2e|2f|5c)/i.test(pathname)

/** What a person is told of it: host and port, or the scheme of a program. */
export function placeOfRedirect(uri: string): string {
  const { protocol, host } = new URL(uri)
  return protocol === 'https:' || protocol === 'http:' ? host : `${protocol}//${host}`
}

/**
 * Two loopback URIs that differ in the port alone are one (RFC 8252 section 7.3). The three names of the loopback are one too: there are
 * clients whose document names another one than they listen at.
 */
export function isSameRedirect(registered: string, asked: string): boolean {
  if (registered === asked) return true
  if (!isLoopback(registered) || !isLoopback(asked)) return false
  const [one, other] = [new URL(registered), new URL(asked)]
  return one.pathname === other.pathname && one.search === other.search
}

/** The address that brings an answer to the client (RFC 6749 section 4.1.2). Its own query stays (section 3.1.2). */
export function withAnswer(redirectUri: string, answer: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(answer)) if (value !== null) query.set(name, value)
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`
}
