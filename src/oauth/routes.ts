/** What MCP clients need of an authorization server, on the gateway's own origin. Cognito stays the one that issues tokens. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { refusal } from '../gate/refusal.ts'
import { authorizeRoutes } from './authorize_routes.ts'
import { readClientForm } from './client_form.ts'
import { authorizationServer, protectedResource } from './metadata.ts'
import { register } from './registration.ts'
import { OAUTH_PATHS, type OAuthService } from './service.ts'
import { answerTokenRequest, revoke, type TokenAnswer } from './token.ts'

/** Bytes: more than a list of redirect URIs, or a code and a resource, can be. */
const MOST = 16 * 1024

/** Pages of any origin may read these: no cookie is looked at, and MCP clients run in browsers too. */
const forPages = cors({
  origin: '*',
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['Content-Type', 'Authorization', 'MCP-Protocol-Version'],
  exposeHeaders: ['Retry-After', 'X-Request-Id'],
  maxAge: 7200,
})

export function createOAuthRoutes(service: OAuthService): Hono {
  const app = new Hono()
  const documents = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']
  const endpoints = [OAUTH_PATHS.token, OAUTH_PATHS.register, OAUTH_PATHS.revoke]
  const tooLarge = (c: Context): Response => c.json({ error: 'invalid_request', error_description: 'The body is too large.' }, 413)
  for (const path of ['/.well-known/*', ...endpoints]) app.use(path, forPages)
  for (const path of endpoints) app.use(path, bodyLimit({ maxSize: MOST, onError: tooLarge }), notStored)
  app.get('/.well-known/oauth-protected-resource/:server?/:transport?', (c) => resourceMetadata(c, service))
  for (const path of documents) app.get(path, (c) => serverMetadata(c, service))
  app.post(OAUTH_PATHS.register, async (c) => {
    if (service.mcp === null) return notSetUp(c)
    if (!/^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? ''))
      return c.json({ error: 'invalid_client_metadata', error_description: 'Send client metadata as Content-Type: application/json.' }, 400)
    const { status, body } = register(await c.req.text(), service)
    return c.json(body, status)
  })
  app.post(OAUTH_PATHS.token, (c) => withForm(c, service, (form, clientId) => answerTokenRequest(form, clientId, service)))
  app.post(OAUTH_PATHS.revoke, (c) => withForm(c, service, (form, clientId) => revoke(form, clientId, service)))
  for (const path of endpoints)
    app.all(path, (c) => c.json({ error: 'invalid_request', error_description: 'Send a POST.' }, 405, { Allow: 'POST' }))
  app.route('/', authorizeRoutes(service))
  return app
}

const notSetUp = (c: Context): Response =>
  c.json({ error: 'temporarily_unavailable', error_description: 'Sign-in is not set up on this gateway.' }, 503)

async function notStored(c: Context, next: () => Promise<void>): Promise<void> {
  await next()
  // RFC 6749 section 5.1.
  c.res.headers.set('cache-control', 'no-store')
  c.res.headers.set('pragma', 'no-cache')
}

const DOCUMENT = { 'cache-control': 'max-age=300' }

function resourceMetadata(c: Context, service: OAuthService): Response | Promise<Response> {
  const { server = null, transport } = c.req.param()
  const gate = service.gate()
  if (gate === null) return policyAway(c)
  const isEnd = transport === 'mcp' || transport === 'sse'
  const known = server === null || (isEnd && gate.isServer(server) && gate.policy.scopesFor(server).length > 0)
  return known ? c.json(protectedResource(server, service, gate.policy, transport), 200, DOCUMENT) : c.notFound()
}

function serverMetadata(c: Context, service: OAuthService): Response | Promise<Response> {
  const gate = service.gate()
  if (gate === null) return policyAway(c)
  return service.mcp === null ? c.notFound() : c.json(authorizationServer(service, gate.policy), 200, DOCUMENT)
}

const policyAway = (c: Context): Response => c.json({ reason: 'policy_unavailable', message: refusal('policy_unavailable').message }, 503)

async function withForm(
  c: Context,
  service: OAuthService,
  answer: (form: URLSearchParams, clientId: string) => Promise<TokenAnswer | { status: 200; body: null }> | TokenAnswer,
): Promise<Response> {
  if (service.mcp === null) return notSetUp(c)
  const read = readClientForm(await c.req.text(), c.req.header('content-type') ?? '', c.req.header('authorization'), service)
  const { status, body } = read.ok ? await answer(read.form, read.clientId) : read.refusal
  // RFC 6749 section 5.2.
  if (status === 401) c.header('WWW-Authenticate', 'Basic realm="gatehouse"')
  if (status === 503) c.header('Retry-After', '1')
  return body === null ? c.body(null, status) : c.json(body, status)
}
