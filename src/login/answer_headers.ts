/** What every answer below /oauth2/ has in common. */
import type { Context, Next } from 'hono'

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
  headers.set('x-content-type-options', 'nosniff')
  // Not no-referrer: with that browsers send forms with "Origin: null".
  headers.set('referrer-policy', 'same-origin')
  headers.set('cross-origin-resource-policy', 'same-origin')
}
