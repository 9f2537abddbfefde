/** URLs that are client ids (draft-ietf-oauth-client-id-metadata-document-02 section 3). */
import { domainToASCII, domainToUnicode } from 'node:url'

/** Characters. */
const LONGEST = 512
/** Name in lower case of at least two labels, no port; then path and query in the characters of RFC 3986, no fragment. */
const PLAIN =
  /^https:\/\/((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9]))(\/[A-Za-z0-9._~!$&'()*+,;=:@/%-]+)(\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]+)?$/
const LONGEST_HOST = 253
/** What readers of paths take differently: empty segments, escapes that stand for a dot, a slash or a control character. */
const ODD_PATH = /\/\/|%(?:2e|2f|5c|[01][0-9a-f]|7f)/i
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/

/**
 * Whether a client id is the URL of a document that we would ask for: https on port 443, a host name that is no address, a path that is
 * more than "/", no user, fragment or dot segment, and written so that nobody reads it in another way.
 */
export function isDocumentUrl(clientId: string): boolean {
  if (clientId.length > LONGEST) return false
  const [, host = '', path = ''] = PLAIN.exec(clientId) ?? []
  if (host === '' || host.length > LONGEST_HOST || ODD_PATH.test(path) || BROKEN_ESCAPE.test(clientId)) return false
  if (!isWellEncoded(host)) return false
  return URL.canParse(clientId) && new URL(clientId).href === clientId
}

/** Whether labels that begin with xn-- stand for other letters, and for nothing that is written otherwise. Not every Node refuses such URLs. */
function isWellEncoded(host: string): boolean {
  const read = domainToUnicode(host)
  return !/(?:^|\.)xn--/.test(read) && domainToASCII(read) === host
}
