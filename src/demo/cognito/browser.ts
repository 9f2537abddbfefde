/** The endpoints that a browser visits: /oauth2/authorize, /login, /logout and /error. */
import { type Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { type AuthorizeRequest, checkAuthorizeRequest, type Outcome } from './authorize_request.ts'
import { readForm } from './form.ts'
import { withParameters } from './location.ts'
import { errorPage, loginPage } from './pages.ts'
import { findClient, type PoolUser } from './pool.ts'
import { sameSecret } from './secret.ts'
import type { Service } from './service.ts'
import { callbackWithCode, closeSession, csrfToken, openSession, sessionOf } from './session.ts'

/** Routes for a browser. */
export function browserRoutes(service: Service): Hono {
  const app = new Hono()
  app.get('/oauth2/authorize', (c) => withValidRequest(c, service, (request) => authorize(c, service, request)))
  app.all('/oauth2/authorize', (c) => c.body(null, 405, { Allow: 'GET' }))
  app.get('/login', (c) => withValidRequest(c, service, () => loginPage(c, csrfToken(c), 200)))
  app.post('/login', (c) => withValidRequest(c, service, (request) => login(c, service, request)))
  app.get('/logout', (c) => logout(c, service))
  app.get('/error', (c) => errorPage(c, c.req.query('error') ?? 'unknown'))
  return app
}

type Answer = Response | Promise<Response>

function withValidRequest(c: Context, service: Service, then: (request: AuthorizeRequest) => Answer): Answer {
  const outcome = checkAuthorizeRequest(service.pool, queryOf(c))
  return outcome.kind === 'valid' ? then(outcome.request) : refuse(c, service, outcome)
}

function refuse(c: Context, service: Service, outcome: Exclude<Outcome, { kind: 'valid' }>): Response {
  switch (outcome.kind) {
    case 'callback':
      return c.redirect(outcome.location)
    case 'error_page':
      return c.redirect(withParameters(`${service.origin}/error`, outcome.parameters))
    case 'empty_400':
      return c.body(null, 400)
  }
}

function authorize(c: Context, service: Service, request: AuthorizeRequest): Response {
  const session = request.prompts.includes('login') ? undefined : sessionOf(c, service)
  if (session) return c.redirect(callbackWithCode(service, request, session))
  if (request.prompts.includes('none')) {
    return c.redirect(withParameters(request.redirectUri, { error: 'login_required', state: request.state }))
  }
  return c.redirect(`${service.origin}/login${new URL(c.req.url).search}`)
}

async function login(c: Context, service: Service, request: AuthorizeRequest): Promise<Response> {
  const form = await readForm(c)
  const expected = getCookie(c, 'XSRF-TOKEN')
  // The status of a missing token and that of a wrong password are the stand-in's own; Amazon's are not known.
  if (!form || !expected || !sameSecret(form.get('_csrf') ?? '', expected)) {
    return loginPage(c, csrfToken(c), 403, 'This form has expired. Please sign in again.')
  }
  const user = authenticate(service.pool.users, form.get('username') ?? '', form.get('password') ?? '')
  if (!user) return loginPage(c, csrfToken(c), 200, 'Incorrect username or password.')
  return c.redirect(callbackWithCode(service, request, openSession(c, service, user)))
}

/** An unknown name costs as much time as a wrong password. */
function authenticate(users: PoolUser[], username: string, password: string): PoolUser | undefined {
  const user = users.find((one) => one.username === username)
  const right = sameSecret(password, user?.password ?? '')
  return user && right ? user : undefined
}

/**
 * With `logout_uri` every other parameter but `client_id` is ignored; without it the browser goes to the sign-in page,
 * which judges the rest (developer guide, logout endpoint). Tokens stay valid.
 */
function logout(c: Context, service: Service): Answer {
  const query = queryOf(c)
  const client = findClient(service.pool, query.get('client_id') ?? undefined)
  if (!client) return refuse(c, service, { kind: 'error_page', parameters: { error: 'Required parameters missing' } })
  const logoutUri = query.get('logout_uri')
  const known = logoutUri !== null && client.logoutUrls.includes(logoutUri)
  if (!known && (logoutUri !== null || !query.get('redirect_uri') || !query.get('response_type'))) {
    return errorPage(c, "Required String parameter 'redirect_uri' is not present")
  }
  closeSession(c, service)
  return c.redirect(known ? logoutUri : `${service.origin}/login${new URL(c.req.url).search}`)
}

function queryOf(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams
}
