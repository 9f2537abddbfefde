/** Form bodies, and the answers that all endpoints with one share. */
import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'

export interface OAuthError {
  error: string
  error_description?: string
}

/** The fields, or undefined when the body is not declared as a form. */
export async function readForm(c: Context): Promise<URLSearchParams | undefined> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  return type === 'application/x-www-form-urlencoded' ? new URLSearchParams(await c.req.text()) : undefined
}

/** What Amazon was seen to answer to any other method or content type: 405, an XSRF-TOKEN cookie and no body. */
export function notAForm(c: Context) {
  return c.body(null, 405, { Allow: 'POST', 'Set-Cookie': `XSRF-TOKEN=${randomUUID()}; Path=/; HttpOnly; SameSite=Lax` })
}
