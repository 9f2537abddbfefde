/** Logins that were begun in this browser, each in a sealed cookie of its own, so that several tabs can log in at once. */
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { BegunLogin } from '../cognito/login.ts'
import type { LoginReason } from '../cognito/login_reasons.ts'
import { StoreUnavailable } from '../session/ended.ts'
import { cookieNames, putCookie, removeCookie } from './cookies.ts'
import type { Handover } from './handover.ts'
import type { LoginService } from './service.ts'

/** What is to happen after a login: go to a path of the gateway, or hand the session to a program on this computer. */
export interface Errand {
  next: string | null
  handover: Handover | null
}

/** Seconds that a login may take. */
const LIFE = 600
/** Logins under way at once; more of these cookies would make requests too large for NGINX. */
const MOST = 4
/** Cookies that one answer removes: more of them would make answers too large for NGINX. */
const MOST_FORGOTTEN = 16

const prefixOf = ({ cookieName }: LoginService): string => `${cookieName}_login_`
const cookieOf = (service: LoginService, state: string): string => prefixOf(service) + state.slice(0, 16)

/** Keeps a begun login in the browser; of too many the oldest are forgotten. */
export async function keepBegun(c: Context, service: LoginService, begun: BegunLogin, errand: Errand): Promise<void> {
  const expiresAt = service.now() + LIFE
  // Ours alone: other names may be none that can be written back.
  const others = cookieNames(c).filter(
    (name) => name.startsWith(prefixOf(service)) && /^[\w-]{16}$/.test(name.slice(prefixOf(service).length)),
  )
  for (const name of others.slice(0, Math.min(MOST_FORGOTTEN, Math.max(0, others.length - MOST + 1)))) removeCookie(c, service, name)
  putCookie(c, service, cookieOf(service, begun.state), await service.sealer.seal('login', { begun, errand, expiresAt }), LIFE)
}

export type Taken = { ok: true; begun: BegunLogin; errand: Errand } | { ok: false; reason: LoginReason }

/**
 * Takes the login with this state out of the browser: it works once, in the browser that began it, for ten minutes.
 * @param state as it came back, or undefined
 */
export async function takeBegun(c: Context, service: LoginService, state: string | undefined): Promise<Taken> {
  if (state === undefined || !/^[A-Za-z0-9_-]{43}$/.test(state)) return { ok: false, reason: 'login_unknown' }
  const name = cookieOf(service, state)
  const data = await service.sealer.open('login', getCookie(c, name) ?? '')
  const { begun, errand, expiresAt } = (data ?? {}) as unknown as { begun?: BegunLogin; errand: Errand; expiresAt: number }
  if (begun?.state !== state) return { ok: false, reason: 'login_unknown' }
  removeCookie(c, service, name)
  if (service.now() >= expiresAt) return { ok: false, reason: 'login_expired' }
  const reason = await useOnce(service, `login ${state}`, expiresAt)
  return reason === null ? { ok: true, begun, errand } : { ok: false, reason }
}

/** Takes note that an id was used. Null when it was the first time. */
export async function useOnce(service: LoginService, id: string, until: number): Promise<LoginReason | null> {
  try {
    return (await service.ended.note(id, until)) ? null : 'login_used'
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    return service.whenUnknown === 'open' ? null : 'store_unavailable'
  }
}
