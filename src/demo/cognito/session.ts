/** The browser's session at the pool: the `cognito` cookie, one hour, never prolonged. */
import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { AuthorizeRequest } from './authorize_request.ts'
import { withParameters } from './location.ts'
import type { PoolUser } from './pool.ts'
import { randomSecret } from './secret.ts'
import { type Service, type Session, seconds } from './service.ts'

// Amazon's cookies are also Secure. Left out: this server speaks plain HTTP, and not every browser counts localhost as secure.
const COOKIE = { path: '/', httpOnly: true, sameSite: 'Lax' } as const

/** The session of this browser, if it has one that has not expired. */
export function sessionOf(c: Context, service: Service): Session | undefined {
  return service.sessions.get(getCookie(c, 'cognito') ?? '')
}

export function openSession(c: Context, service: Service, user: PoolUser): Session {
  const session = { user, authTime: seconds(service) }
  const id = randomSecret()
  service.sessions.put(id, session)
  setCookie(c, 'cognito', id, { ...COOKIE, maxAge: 3600 })
  return session
}

export function closeSession(c: Context, service: Service): void {
  service.sessions.take(getCookie(c, 'cognito') ?? '')
  deleteCookie(c, 'cognito', COOKIE)
}

/** The value that a form of this browser must repeat in `_csrf`; made when the browser has none. */
export function csrfToken(c: Context): string {
  const known = getCookie(c, 'XSRF-TOKEN')
  const token = known !== undefined && /^[0-9a-f-]{36}$/.test(known) ? known : randomUUID()
  setCookie(c, 'XSRF-TOKEN', token, COOKIE)
  return token
}

/** Makes a code for a signed-in user and gives the callback address that carries it. */
export function callbackWithCode(service: Service, request: AuthorizeRequest, session: Session): string {
  const { client, redirectUri, scopes, challenge, nonce, resource, state } = request
  const code = randomUUID()
  const grant = { clientId: client.id, user: session.user, scopes, authTime: session.authTime, originJti: randomUUID(), resource }
  service.codes.put(code, { grant, redirectUri, challenge, nonce })
  return withParameters(redirectUri, { code, state })
}
