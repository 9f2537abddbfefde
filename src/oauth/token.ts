/** Tokens for MCP clients: Cognito's own, fetched with the secret that the clients never see. */
import { createHash } from 'node:crypto'
import { askPool, glimpse, type PoolAnswer } from '../cognito/pool_endpoint.ts'
import { useOnce } from '../login/begun.ts'
import type { ClientCode } from './flow.ts'
import { openCode } from './flow.ts'
import { openRefreshToken, sealRefreshToken } from './refresh_token.ts'
import { readResource } from './resource.ts'
import { OAUTH_PATHS, type OAuthService } from './service.ts'

/** Status and body for the client (RFC 6749 section 5). */
export interface TokenAnswer {
  status: 200 | 400 | 401 | 502 | 503
  body: Record<string, unknown>
}

/** RFC 7636 section 4.1. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/
/** Characters. Cognito's refresh tokens have some two thousand, and a seal makes half as many more of them. */
const LONGEST_TOKEN = 12_288

export const refuse = (error: string, error_description: string, status: TokenAnswer['status'] = 400): TokenAnswer => ({
  status,
  body: { error, error_description },
})

/**
 * @param form the request, each parameter once
 * @param clientId who asks, as it was authenticated: by nothing but its id, as public clients are
 */
export function answerTokenRequest(form: URLSearchParams, clientId: string, service: OAuthService): Promise<TokenAnswer> | TokenAnswer {
  const grant = form.get('grant_type')
  if (grant === 'authorization_code') return exchange(form, clientId, service)
  if (grant === 'refresh_token') return refresh(form, clientId, service)
  if (grant === null) return refuse('invalid_request', 'grant_type is missing.')
  // Above all not client_credentials: the gateway's secret would make every stranger an agent.
  return refuse('unsupported_grant_type', 'The grant_type must be authorization_code or refresh_token.')
}

async function exchange(form: URLSearchParams, clientId: string, service: OAuthService): Promise<TokenAnswer> {
  const verifier = form.get('code_verifier') ?? ''
  const code = await openCode(service, form.get('code') ?? '')
  if (code === null) return refuse('invalid_grant', 'The code is not one of this gateway, or it has expired.')
  const problem = misfit(code, form, clientId, verifier, service)
  if (problem !== null) return problem
  const used = await useOnce(service, `client code ${code.id}`, code.expiresAt)
  if (used === 'store_unavailable') return refuse('temporarily_unavailable', 'The session store does not answer. Try again shortly.', 503)
  if (used !== null) return refuse('invalid_grant', 'The code was used already.')
  const redirectUri = service.gateway + OAUTH_PATHS.callback
  const sent = { grant_type: 'authorization_code', code: code.code, redirect_uri: redirectUri, code_verifier: verifier }
  return ask(service, clientId, sent, code.scopes)
}

/** RFC 6749 section 4.1.3, RFC 7636 section 4.6, RFC 8707 section 2.2. */
function misfit(code: ClientCode, form: URLSearchParams, clientId: string, verifier: string, service: OAuthService): TokenAnswer | null {
  if (code.clientId !== clientId) return refuse('invalid_grant', 'The code was given to another client.')
  if (form.get('redirect_uri') !== code.redirectUri)
    return refuse('invalid_grant', 'The redirect_uri is not the one of the authorization request.')
  if (!VERIFIER.test(verifier) || createHash('sha256').update(verifier).digest('base64url') !== code.challenge)
    return refuse('invalid_grant', 'The code_verifier does not fit the code_challenge.')
  const asked = form.get('resource')
  if (asked === null || code.resource === null) return null
  const resource = readResource(asked, service.gateway, () => true)
  return resource?.uri === code.resource ? null : refuse('invalid_target', 'The resource is not the one of the authorization request.')
}

/** Cognito gives the scopes that it gave before, whatever is asked. */
async function refresh(form: URLSearchParams, clientId: string, service: OAuthService): Promise<TokenAnswer> {
  const given = form.get('refresh_token') ?? ''
  if (!/^[\x21-\x7e]+$/.test(given) || given.length > LONGEST_TOKEN)
    return refuse('invalid_request', 'refresh_token is missing or is none.')
  const held = await openRefreshToken(service, given, clientId)
  if (held === 'unknown') return refuse('invalid_grant', 'The refresh token is not one of this gateway. Sign in again.')
  if (held === 'foreign') return refuse('invalid_grant', 'The refresh token was given to another client.')
  // Before Cognito replaces the token: the client keeps what it has.
  if (typeof held.signIn === 'string' && (await service.stepUps.isAnswer(held.signIn)))
    return refuse('server_error', 'A refreshed token has no more scopes than the one before. Authorize again to get more.')
  return ask(service, clientId, { grant_type: 'refresh_token', refresh_token: held.token }, null)
}

/** @param agreed the scopes that the user has agreed to; null where they were judged when the tokens were first given */
async function ask(
  service: OAuthService,
  clientId: string,
  form: Record<string, string>,
  agreed: readonly string[] | null,
): Promise<TokenAnswer> {
  const client = service.mcp
  const answer = client && (await askPool(client, '/oauth2/token', form))
  if (!answer || answer.status >= 500) return refuse('temporarily_unavailable', 'Cognito does not answer now. Try again shortly.', 503)
  const { access_token: accessToken } = answer.body
  if (answer.status !== 200 || typeof accessToken !== 'string') return refusalOf(answer, service)
  const { scope, username, origin_jti: origin } = glimpse(accessToken)
  // The address of Cognito's goes through the user's browser, where somebody may have written more into it. Scopes that the policy does
  // not know are no matter of ours: a trigger of the pool may add them.
  const given = String(scope ?? '').split(' ')
  if (agreed !== null && given.some((one) => service.gate()?.policy.knows(one) && !agreed.includes(one)))
    return refuse('invalid_scope', 'Cognito has given other scopes than the user has agreed to. Authorize again.')
  service.log.info({ user: username, grant: form.grant_type, by: 'MCP client' }, 'tokens given')
  // Without the ID token: it is Cognito's word to the gateway, and names another issuer than the one that the client knows.
  const { id_token: _, refresh_token: replaced, ...body } = answer.body
  // Also where Cognito does not replace it: sealed anew, it stays good when older keys go.
  const token = typeof replaced === 'string' && replaced !== '' ? replaced : form.refresh_token
  const signIn = typeof origin === 'string' ? origin : null
  const sealed = token !== undefined && { refresh_token: await sealRefreshToken(service, { token, clientId, signIn }) }
  return { status: 200, body: { ...body, ...sealed, ...(typeof scope === 'string' && { scope }) } }
}

/** What the client can mend is told to it; what is wrong with the gateway's app client is for its operator. */
export function refusalOf({ status, body }: PoolAnswer, service: OAuthService): TokenAnswer {
  const { error } = body
  service.log.warn({ status, error: typeof error === 'string' ? error.slice(0, 64) : null }, 'Cognito has refused an MCP client')
  if (status === 429) return refuse('temporarily_unavailable', 'Cognito has too many requests. Try again shortly.', 503)
  if (error === 'invalid_grant')
    return refuse('invalid_grant', 'Cognito does not accept the code or the refresh token any more. Sign in again.')
  if (error === 'invalid_request' || error === 'unsupported_token_type') return refuse(error, 'Cognito does not understand this request.')
  return refuse('server_error', 'Cognito does not accept the app client of this gateway. Its operator finds more in the log.', 502)
}

/** As access tokens look (RFC 7519 section 3), which cannot be revoked by themselves. */
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** Revocation (RFC 7009): of refresh tokens, with all access tokens that came of them. Cognito hears of nothing else. */
export async function revoke(
  form: URLSearchParams,
  clientId: string,
  service: OAuthService,
): Promise<TokenAnswer | { status: 200; body: null }> {
  const given = form.get('token') ?? ''
  if (given === '' || given.length > LONGEST_TOKEN) return refuse('invalid_request', 'token is missing or is none.')
  if (JWT.test(given)) return refuse('unsupported_token_type', 'Access tokens cannot be revoked. Revoke the refresh token.')
  const held = await openRefreshToken(service, given, clientId)
  // What is none is as good as revoked (RFC 7009 section 2.2).
  if (held === 'unknown') return { status: 200, body: null }
  if (held === 'foreign') return refuse('invalid_grant', 'The token was given to another client.')
  const answer = service.mcp && (await askPool(service.mcp, '/oauth2/revoke', { token: held.token }))
  if (!answer || answer.status >= 500) return refuse('temporarily_unavailable', 'Cognito does not answer now. Try again shortly.', 503)
  return answer.status === 200 ? { status: 200, body: null } : refusalOf(answer, service)
}
