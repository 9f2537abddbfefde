/** The session's own pages: what the user may do, and signing out. */
import { type Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { findCredentials } from '../gate/credentials.ts'
import { identify, type Verified } from '../gate/decide.ts'
import type { Session } from '../gate/principal.ts'
import { refusal } from '../gate/refusal.ts'
import { StoreUnavailable } from '../session/ended.ts'
import { accessOf } from './access.ts'
import { answerFailure, answerPage, isOwn, wantsJson } from './answers.ts'
import { consentCookie, putCookie, removeCookie } from './cookies.ts'
import { endSessions } from './end_sessions.ts'
import { AccessPage } from './pages/access.tsx'
import { LogoutPage } from './pages/logout.tsx'
import { SignInPage } from './pages/sign_in.tsx'
import { SignedOutPage } from './pages/signed_out.tsx'
import { type LoginService, nextOf, PATHS, placeOf } from './service.ts'
import { createTurns } from './turns.ts'

/** Seconds that the way to Cognito and back may take. */
const WAY_OUT = 300

export function sessionRoutes(service: LoginService): Hono {
  const app = new Hono()
  const inTurn = createTurns()
  app.get(PATHS.start, (c) => start(c, service, inTurn))
  app.get(PATHS.logout, (c) => confirm(c, service))
  app.post(PATHS.logout, (c) => logout(c, service))
  app.get(PATHS.signedOut, (c) => signedOut(c, service))
  app.get('/oauth2/whoami', (c) => whoAmI(c, service))
  return app
}

async function sessionOf(c: Context, { openSession, cookieName }: LoginService): Promise<Verified<Session>> {
  const credentials = findCredentials(undefined, c.req.header('cookie'), cookieName)
  if (credentials.kind === 'session') return openSession(credentials.seal)
  return { ok: false, reason: credentials.kind === 'malformed' ? credentials.reason : 'no_credentials' }
}

/** The sign-in page, or, for those who are signed in, what they may do. */
async function start(c: Context, service: LoginService, inTurn: ReturnType<typeof createTurns>) {
  const session = await sessionOf(c, service)
  const next = nextOf(new URL(c.req.url).searchParams, service)
  if (!session.ok) {
    if (session.reason === 'session_store_unavailable') return answerFailure(c, service, { reason: 'store_unavailable' })
    const notice = session.reason === 'no_credentials' ? null : refusal(session.reason).message
    return answerPage(c, SignInPage({ next, available: service.login !== null, notice }))
  }
  if (next !== null) return c.redirect(next)
  const policy = service.gate()?.policy
  if (policy === undefined) return answerFailure(c, service, { reason: 'policy_unavailable' })
  const { username, groups, expiresAt } = session.value
  const { gateway, cookieName } = service
  const answer = await inTurn(() => {
    const access = accessOf({ user: username, groups, endsAt: expiresAt, now: service.now(), gateway }, policy)
    return answerPage(c, AccessPage({ access, gateway, cookieName }), 200, logoutTargets(service))
  })
  return answer ?? answerFailure(c, service, { reason: 'busy' })
}

/** Where the form that signs out leads in the end. */
const logoutTargets = ({ login }: LoginService): string[] => (login === null ? [] : [login.domain])

/** A link must not sign anybody out, so it asks. */
async function confirm(c: Context, service: LoginService) {
  const { ok, path } = afterLogout(c, service)
  if (!ok) return answerFailure(c, service, { reason: 'redirect_not_allowed' })
  const session = await sessionOf(c, service)
  if (!session.ok) return c.redirect(path ?? PATHS.start)
  return answerPage(c, LogoutPage({ user: session.value.username, next: path }), 200, logoutTargets(service))
}

/** Where a logout's `redirect_uri` leads: a path of this gateway, or nowhere. */
function afterLogout(c: Context, service: LoginService): { ok: boolean; path: string | null } {
  const asked = new URL(c.req.url).searchParams.get('redirect_uri')
  const path = placeOf(asked, service)
  return { ok: asked === null || path !== null, path }
}

/** Ends the session here for every holder of a copy, then at Cognito (AWS developer guide, logout endpoint). */
async function logout(c: Context, service: LoginService) {
  const { ok, path } = afterLogout(c, service)
  if (!ok) return answerFailure(c, service, { reason: 'redirect_not_allowed' })
  if (!isOwn(c, service)) return answerFailure(c, service, { reason: 'cross_site' })
  const session = await sessionOf(c, service)
  // The cookie is kept, so that it can be tried again.
  if (!session.ok && session.reason === 'session_store_unavailable') return answerFailure(c, service, { reason: 'store_unavailable' })
  try {
    await endSessions(c, service)
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    return answerFailure(c, service, { reason: 'store_unavailable' })
  }
  if (session.ok) service.log.info({ user: session.value.username, client_id: session.value.clientId }, 'signed out')
  removeCookie(c, service, service.cookieName)
  // Whoever signs in next at this browser is asked again.
  if (getCookie(c, consentCookie(service)) !== undefined) removeCookie(c, service, consentCookie(service))
  if (path !== null) putCookie(c, service, afterName(service), path, WAY_OUT)
  const away = cognitoLogout(service) ?? PATHS.signedOut
  if (!wantsJson(c)) return c.redirect(away, 303)
  if (!session.ok) return c.json({ reason: session.reason, message: refusal(session.reason).message }, 401)
  return c.json({ username: session.value.username, logout_url: new URL(away, service.gateway).href })
}

/** Cognito compares `logout_uri` to the letter with the app client's sign-out URLs, so it carries nothing. */
function cognitoLogout({ login, gateway }: LoginService): string | null {
  if (login === null) return null
  return `${login.domain}/logout?${new URLSearchParams({ client_id: login.clientId, logout_uri: gateway + PATHS.signedOut })}`
}

const afterName = ({ cookieName }: LoginService): string => `${cookieName}_after_logout`

async function signedOut(c: Context, service: LoginService) {
  const path = placeOf(getCookie(c, afterName(service)), service)
  // By a link or a bookmark: it must not say what is not true.
  if ((await sessionOf(c, service)).ok) return c.redirect(PATHS.logout)
  if (path === null) return answerPage(c, SignedOutPage())
  removeCookie(c, service, afterName(service))
  return c.redirect(path)
}

/** For programs: who a cookie or a token is, and what it opens. */
async function whoAmI(c: Context, service: LoginService) {
  const gate = service.gate()
  if (gate === null) return c.json({ reason: 'policy_unavailable', message: refusal('policy_unavailable').message }, 503)
  const caller = await identify({ authorization: c.req.header('authorization'), cookie: c.req.header('cookie') }, null, gate)
  if (!caller.ok) {
    const { status, message } = refusal(caller.reason)
    if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="mcp"')
    return c.json({ reason: caller.reason, message }, status)
  }
  const { user, clientId, groups, scopes, authMethod, expiresAt } = caller.value
  const servers = [...new Set(gate.policy.rulesOf(scopes).map(({ server }) => server))]
  return c.json({ user, client_id: clientId, auth_method: authMethod, groups, scopes, servers, expires_at: Math.floor(expiresAt) })
}
