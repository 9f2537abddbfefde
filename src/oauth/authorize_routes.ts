/** The steps that the user's browser takes for an MCP client: consent, Cognito, and back to the client. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { LoginReason } from '../cognito/login_reasons.ts'
import { forClients, overHttps } from '../login/answer_headers.ts'
import { answerFailure, answerPage, isOwn } from '../login/answers.ts'
import { type ClientRequest, readAuthorizeRequest } from './authorize_request.ts'
import { findClient, isAllowed, type McpClient } from './client.ts'
import { greet, hasAgreed, readConsents, remember } from './consent.ts'
import { cognitoUrl, openRequest, sealCode, sealRequest, takeState } from './flow.ts'
import { isOfOneSite, knownClient } from './known_clients.ts'
import { ConsentPage } from './pages/consent.tsx'
import { placeOfRedirect, withAnswer } from './redirect_uri.ts'
import { OAUTH_PATHS, type OAuthService } from './service.ts'

/** Bytes: more than a sealed request. */
const MOST = 16 * 1024

export function authorizeRoutes(service: OAuthService): Hono {
  const app = new Hono()
  const tooLarge = (c: Context): Response => c.json({ reason: 'body_too_large' }, 413)
  for (const path of [OAUTH_PATHS.authorize, OAUTH_PATHS.consent, OAUTH_PATHS.callback])
    app.use(path, forClients, overHttps(service.gateway), bodyLimit({ maxSize: MOST, onError: tooLarge }))
  app.get(OAUTH_PATHS.authorize, (c) => authorize(c, service))
  app.post(OAUTH_PATHS.consent, (c) => agree(c, service))
  app.get(OAUTH_PATHS.callback, (c) => callback(c, service))
  return app
}

const queryOf = (c: Context): URLSearchParams => new URL(c.req.url).searchParams

async function authorize(c: Context, service: OAuthService) {
  if (service.mcp === null) return answerFailure(c, service, { reason: 'login_not_available' })
  const policy = service.gate()?.policy
  if (policy === undefined) return answerFailure(c, service, { reason: 'policy_unavailable' })
  const read = await readAuthorizeRequest(queryOf(c), service, policy)
  if (read.kind === 'stop') return answerFailure(c, service, read)
  if (read.kind === 'answer') return tell(c, service, read)
  const { request, client } = read
  const consents = await readConsents(c, service)
  if (consents !== null && !read.askAgain && hasAgreed(consents, request, service))
    return c.redirect(await cognitoUrl(service, request, consents.browser))
  if (request.prompt === 'none') {
    const error = 'consent_required'
    return tell(c, service, { ...request, error, location: refusalTo(request, service, error, 'The user has to agree first.') })
  }
  await greet(c, service, consents)
  return ask(c, service, request, client)
}

/**
 * Tells the client what is wrong. Without a word of the user that is done only where the operator has allowed the address: any site may
 * describe a client of its own, and the gateway's name must not lead there (RFC 9700 section 4.11.2).
 */
function tell(
  c: Context,
  service: OAuthService,
  { redirectUri, location, error }: { redirectUri: string; location: string; error: string },
) {
  return isAllowed(redirectUri, service) ? c.redirect(location) : answerFailure(c, service, { reason: 'request_malformed', detail: error })
}

const refusalTo = ({ redirectUri, state }: ClientRequest, { gateway }: OAuthService, error: string, description: string): string =>
  withAnswer(redirectUri, { error, error_description: description, state, iss: gateway })

async function ask(c: Context, service: OAuthService, request: ClientRequest, client: McpClient) {
  const { redirectUri } = request
  const page = ConsentPage({
    name: client.name,
    known: isOfOneSite(redirectUri) ? knownClient(redirectUri) : null,
    vouchedBy: client.host,
    place: placeOfRedirect(redirectUri),
    kind: isOfOneSite(redirectUri) ? 'web' : 'computer',
    server: request.server,
    bound: service.mcp?.resourceBinding === true && request.resource !== null,
    scopes: request.scopes.filter((scope) => scope !== 'openid'),
    request: await sealRequest(service, request),
    cancel: refusalTo(request, service, 'access_denied', 'The user does not agree.'),
  })
  return answerPage(c, page, 200, 'anywhere')
}

/** The user has agreed. */
async function agree(c: Context, service: OAuthService) {
  if (service.mcp === null) return answerFailure(c, service, { reason: 'login_not_available' })
  if (!isOwn(c, service)) return answerFailure(c, service, { reason: 'cross_site' })
  const form = new URLSearchParams(await c.req.text())
  const request = await openRequest(service, form.get('request') ?? '')
  if (typeof request === 'string') return answerFailure(c, service, { reason: request })
  // The page may have been open while the operator has forbidden the client.
  const found = await findClient(request.clientId, service)
  if (!found.ok || !found.client.allows(request.redirectUri))
    return answerFailure(c, service, { reason: found.ok ? 'callback_not_allowed' : found.reason })
  const browser = await remember(c, service, request)
  service.log.info({ client: found.client.name, callback: placeOfRedirect(request.redirectUri) }, 'MCP client allowed by its user')
  return c.redirect(await cognitoUrl(service, request, browser), 303)
}

/** Cognito's answer, handed on to the client that has asked, and to nobody else. */
async function callback(c: Context, service: OAuthService) {
  if (service.mcp === null) return answerFailure(c, service, { reason: 'login_not_available' })
  const query = queryOf(c)
  const consents = await readConsents(c, service)
  const taken = await takeState(service, query.get('state') ?? '', consents?.browser ?? null)
  if (!taken.ok) return answerFailure(c, service, { reason: taken.reason })
  const request = taken.value
  const { redirectUri, state } = request
  const [code, error, issuer] = [query.get('code'), query.get('error'), query.get('iss')]
  // RFC 9207 section 2.4: an answer of another server must not be mixed in.
  if (issuer !== null && !service.loginPool.issuers.includes(issuer))
    return answerFailure(c, service, { reason: 'answer_invalid', detail: 'iss' })
  if (code !== null && error === null && /^[\x21-\x7e]{1,1024}$/.test(code))
    return c.redirect(withAnswer(redirectUri, { code: await sealCode(service, code, request), state, iss: service.gateway }))
  const [told, description] = explain(error, query.get('error_description'))
  service.log.warn({ reason: told, error: error?.slice(0, 64) }, 'login of an MCP client failed')
  return c.redirect(refusalTo(request, service, told, description))
}

/** Cognito reports some errors as `invalid_request`, with the error proper in the description. What it says else stays here. */
function explain(error: string | null, description: string | null): [string, string] {
  const is = (name: LoginReason): boolean => error === name || description === name
  if (is('access_denied')) return ['access_denied', 'Cognito did not let the user in, or the user has cancelled.']
  if (error === 'login_required' || error === 'interaction_required') return [error, 'The user has to sign in.']
  if (is('invalid_scope'))
    return [
      'invalid_scope',
      'The Cognito app client may not ask for one of the scopes: its operator has to allow them, or to set MCP_SCOPES.',
    ]
  if (is('unauthorized_client')) return ['server_error', 'The Cognito app client may not use the authorization code grant.']
  return ['server_error', 'Cognito has refused the login. The log of the gateway has more.']
}
