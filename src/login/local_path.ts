/** Where a browser may be sent after a login: somewhere on the gateway itself. Everything that is not plainly that is nowhere. */

const LONGEST = 2048
/** No percent escapes and no empty segments: whoever reads such a path may read another one in it. A final slash is a path's own. */
const PATH = /^\/(?:[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*\/?)?$/
const DOTS = /\/\.{1,2}(?:\/|$)/
/** The characters of RFC 3986, 3.4, without the apostrophe, which browsers escape. */
const QUERY = /^(?:[A-Za-z0-9._~!$&()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$/

/**
 * The path and query to send a browser to, or null.
 * @param text `/path?query`, or the same with the gateway's origin before it
 * @param gateway the gateway's origin, without a final slash
 */
export function localPath(text: string | undefined | null, gateway: string): string | null {
  if (typeof text !== 'string' || text.length > LONGEST) return null
  const local = text.startsWith(`${gateway}/`) ? text.slice(gateway.length) : text
  const mark = local.indexOf('?')
  const path = mark === -1 ? local : local.slice(0, mark)
  const query = mark === -1 ? '' : local.slice(mark + 1)
  if (!PATH.test(path) || DOTS.test(path) || !QUERY.test(query)) return null
  return staysOn(gateway, local) ? local : null
}

/** The last word is a browser's: it must read what was read here, and nothing else. */
function staysOn(gateway: string, local: string): boolean {
  const { origin } = new URL(gateway)
  const read = new URL(local, origin)
  return read.origin === origin && read.href === `${origin}${local}`
}
