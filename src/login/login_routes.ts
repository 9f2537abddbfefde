/** Login: to Cognito and back, with a session in the end. */
import { type Context, Hono } from 'hono'
import type { LoggedIn } from '../cognito/login.ts'
import { loginEnd } from '../cognito/login_reasons.ts'
import { StoreUnavailable } from '../session/ended.ts'
import { type NewSession, sealSession } from '../session/session.ts'
import { answerFailure, answerPage, isOwn } from './answers.ts'
import { type Errand, keepBegun, takeBegun } from './begun.ts'
import { compareCode } from './compare_code.ts'
import { putCookie } from './cookies.ts'
import { endSessions } from './end_sessions.ts'
import { backToProgram, grantRequest, type Handover, readHandover, redeemCode, sealRequest } from './handover.ts'
import { HandoverPage } from './pages/handover.tsx'
import { knowsGroup, type LoginService, nextOf, PATHS } from './service.ts'

export function loginRoutes(service: LoginService): Hono {
  const app = new Hono()
  app.get('/oauth2/providers', (c) => {
    const providers = service.login === null ? [] : [{ name: 'cognito', display_name: 'Amazon Cognito', login_url: PATHS.login }]
    return c.json({ providers })
  })
  app.get(PATHS.login, (c) => begin(c, service))
  app.get(PATHS.callback, (c) => callback(c, service))
  app.post('/oauth2/handover', (c) => handover(c, service))
  app.post('/oauth2/session', (c) => redeem(c, service))
  return app
}

const queryOf = (c: Context): URLSearchParams => new URL(c.req.url).searchParams

async function begin(c: Context, service: LoginService) {
  if (service.login === null) return answerFailure(c, service, { reason: 'login_not_available' })
  const query = queryOf(c)
  const asked = readHandover(query)
  if (asked === undefined) return answerFailure(c, service, { reason: 'request_malformed', detail: 'handover' })
  const { url, begun } = await service.login.flow.begin(service.gateway + PATHS.callback)
  await keepBegun(c, service, begun, { next: asked === null ? nextOf(query, service) : null, handover: asked })
  return c.redirect(url)
}

async function callback(c: Context, service: LoginService) {
  if (service.login === null) return answerFailure(c, service, { reason: 'login_not_available' })
  const query = queryOf(c)
  const taken = await takeBegun(c, service, query.get('state') ?? undefined)
  if (!taken.ok) return answerFailure(c, service, { reason: taken.reason })
  const { begun, errand } = taken
  const result = await service.login.flow.finish(new URL(`${service.gateway}${PATHS.callback}?${query}`), begun)
  if (result.ok && !service.clientIds?.has(result.user.username)) return arrive(c, service, result.user, errand)
  const failure = result.ok ? { reason: 'user_not_allowed' as const } : result.failure
  const page = await answerFailure(c, service, failure)
  return errand.handover === null ? page : c.redirect(backToProgram(errand.handover, service.gateway, { error: failure.reason }))
}

function arrive(c: Context, service: LoginService, user: LoggedIn, { next, handover }: Errand) {
  return handover === null ? openSession(c, service, user, next) : askForConsent(c, service, user, handover)
}

async function openSession(c: Context, service: LoginService, user: LoggedIn, next: string | null) {
  const made = await seal(service, user)
  if (made === null) return answerFailure(c, service, { reason: 'session_too_large' })
  await endReplaced(c, service)
  putCookie(c, service, service.cookieName, made.seal, service.sessionSeconds)
  service.log.info({ user: user.username, client_id: user.clientId, by: 'browser' }, 'signed in')
  return c.redirect(next ?? PATHS.start)
}

const seal = (service: LoginService, user: LoggedIn): Promise<NewSession | null> =>
  sealSession(service.sealer, user, service.now(), service.sessionSeconds, knowsGroup(service))

/** The session that the new one takes the place of: nobody could sign it out any more. */
async function endReplaced(c: Context, service: LoginService): Promise<void> {
  try {
    await endSessions(c, service)
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    service.log.warn('a session was replaced and not ended')
  }
}

async function askForConsent(c: Context, service: LoginService, user: LoggedIn, handover: Handover) {
  const { origin, host } = new URL(handover.redirectUri)
  const page = HandoverPage({
    user: user.username,
    address: host,
    code: compareCode(handover.challenge),
    grant: await sealRequest(service, user, handover),
    cancel: backToProgram(handover, service.gateway, { error: 'access_denied' }),
  })
  return answerPage(c, page, 200, [origin])
}

/** The user has agreed. */
async function handover(c: Context, service: LoginService) {
  if (!isOwn(c, service)) return answerFailure(c, service, { reason: 'cross_site' })
  const form = new URLSearchParams(await c.req.text())
  const granted = await grantRequest(service, form.get('grant') ?? '')
  return granted.ok ? c.redirect(granted.value, 303) : answerFailure(c, service, { reason: granted.reason })
}

/** The program fetches its session: an endpoint in the manner of RFC 6749 section 4.1.3. */
async function redeem(c: Context, service: LoginService) {
  const form = new URLSearchParams(await c.req.text())
  if (form.get('grant_type') !== 'authorization_code') return c.json({ error: 'unsupported_grant_type' }, 400)
  const redeemed = await redeemCode(service, form)
  if (!redeemed.ok) {
    const description = 'The code is not valid, was used, has expired, or belongs to another verifier or redirect_uri.'
    return redeemed.reason === 'store_unavailable'
      ? c.json({ error: 'temporarily_unavailable', message: loginEnd('store_unavailable').happened }, 503)
      : c.json({ error: 'invalid_grant', error_description: description }, 400)
  }
  const user = redeemed.value
  const made = await seal(service, user)
  if (made === null)
    return c.json({ error: 'access_denied', error_description: 'The user is in more groups than a session can hold.' }, 403)
  const { username, groups, expiresAt } = made.session
  service.log.info({ user: username, client_id: user.clientId, by: 'program' }, 'signed in')
  return c.json({ cookie_name: service.cookieName, cookie: made.seal, username, groups, expires_at: Math.floor(expiresAt) })
}
