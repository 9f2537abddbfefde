/** What the answers have in common that are for clients, and those below /oauth2/ besides. */
import type { Context, MiddlewareHandler, Next } from 'hono'

/** Seconds. */
const YEAR = 31_536_000

/** Of every answer that says nothing else: no browser takes it for something else, or shows it inside of another page. */
export const PLAIN_ANSWER = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** Middleware for every answer. */
export async function plainAnswer(c: Context, next: Next): Promise<void> {
  await next()
  for (const [name, value] of Object.entries(PLAIN_ANSWER)) if (!c.res.headers.has(name)) c.res.headers.set(name, value)
}

/**
 * `Strict-Transport-Security` (RFC 6797) for a gateway of this URL, or null. It holds for all ports of a host, so it is sent only where the
 * gateway has the usual one and a host name of its own; and not for subdomains, which are not the gateway's to speak for.
 */
export function strictTransport(gateway: string): string | null {
  const { protocol, hostname, port } = new URL(gateway)
  const isName = hostname.includes('.') && !/^[\d.]+$/.test(hostname) && !hostname.endsWith('.localhost')
  return protocol === 'https:' && port === '' && isName ? `max-age=${YEAR}` : null
}

/** Middleware for pages: from then on their visitors' browsers come by https alone. */
export function overHttps(gateway: string): MiddlewareHandler {
  const value = strictTransport(gateway)
  return async (c, next) => {
    await next()
    if (value !== null) c.res.headers.set('strict-transport-security', value)
  }
}

/** Middleware for pages. */
export async function answerHeaders(c: Context, next: Next): Promise<void> {
  await forClients(c, next)
  c.res.headers.set('cross-origin-opener-policy', 'same-origin')
}

/** Middleware for pages that a client's page may open in a window of its own, to hear from it when it comes back. */
export async function forClients(c: Context, next: Next): Promise<void> {
  await next()
  const { headers } = c.res
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  // Not no-referrer: with that browsers send forms with "Origin: null".
  headers.set('referrer-policy', 'same-origin')
  headers.set('cross-origin-resource-policy', 'same-origin')
}
