/** The cookies of login and session, set and removed (RFC 6265bis). */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { LoginService } from './service.ts'

type Service = Pick<LoginService, 'cookieName' | 'gateway'>

/** Lax, not Strict: the browser comes back from Cognito, which is another site. `Path=/` because `__Host-` asks for it. */
function attributes({ gateway }: Service) {
  return { path: '/', httpOnly: true, secure: gateway.startsWith('https:'), sameSite: 'Lax' } as const
}

export function putCookie(c: Context, service: Service, name: string, value: string, maxAge: number): void {
  setCookie(c, name, value, { ...attributes(service), maxAge })
}

export function removeCookie(c: Context, service: Service, name: string): void {
  deleteCookie(c, name, attributes(service))
}

/** The names of the cookies that this browser has sent, in its order: of the same path the older ones first (RFC 6265 section 5.4). */
export const cookieNames = (c: Context): string[] => Object.keys(getCookie(c))

/** Keeps which MCP clients the user of this browser has agreed to. */
export const consentCookie = ({ cookieName }: Pick<LoginService, 'cookieName'>): string => `${cookieName}_clients`
