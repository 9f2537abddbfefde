/** The three ways to tokens. Each takes an authenticated client and a form, and gives tokens or Amazon's refusal. */
import { createHash } from 'node:crypto'
import { words } from './authorize_request.ts'
import type { OAuthError } from './form.ts'
import type { PoolClient } from './pool.ts'
import { randomSecret, sameSecret } from './secret.ts'
import type { PendingCode, Service } from './service.ts'
import { issueMachineToken, issueUserTokens, type TokenAnswer } from './tokens.ts'

type Result = { tokens: TokenAnswer } | { refused: OAuthError }
type GrantHandler = (service: Service, client: PoolClient, form: URLSearchParams) => Promise<Result>

/** By `grant_type`. A Map, so that a name like "constructor" finds nothing. */
export const GRANTS = new Map<string, GrantHandler>([
  ['authorization_code', authorizationCode],
  ['refresh_token', refreshToken],
  ['client_credentials', clientCredentials],
])

const refuse = (error: string, description?: string): Result => ({
  refused: { error, ...(description === undefined ? {} : { error_description: description }) },
})

async function authorizationCode(service: Service, client: PoolClient, form: URLSearchParams): Promise<Result> {
  if (!client.flows.includes('code')) return refuse('unauthorized_client')
  const code = form.get('code')
  const redirectUri = form.get('redirect_uri')
  if (!code || !redirectUri) return refuse('invalid_request')
  // Taken whatever comes of it: a code is spent by its first use, also by a wrong one.
  const pending = service.codes.take(code)
  if (!pending || pending.grant.clientId !== client.id) return refuse('invalid_grant')
  if (pending.redirectUri !== redirectUri) return refuse('unauthorized_client', 'invalid_redirect')
  if (!verifierFits(pending, form.get('code_verifier'))) return refuse('invalid_grant')
  const tokens = await issueUserTokens(service, client, pending.grant, pending.nonce)
  const refresh = randomSecret()
  service.refreshTokens.put(refresh, pending.grant)
  return { tokens: { ...tokens, refresh_token: refresh } }
}

/** RFC 7636 section 4.6. Amazon's answer to a wrong verifier is not documented. */
function verifierFits(pending: PendingCode, verifier: string | null): boolean {
  if (pending.challenge === undefined) return true
  const computed = createHash('sha256')
    .update(verifier ?? '')
    .digest('base64url')
  return sameSecret(computed, pending.challenge)
}

/** The refresh token stays the same (rotation is off by default), `auth_time` and `aud` too. A `scope` is ignored. */
async function refreshToken(service: Service, client: PoolClient, form: URLSearchParams): Promise<Result> {
  if (!client.flows.includes('code')) return refuse('unauthorized_client')
  const token = form.get('refresh_token')
  if (!token) return refuse('invalid_request')
  const grant = service.refreshTokens.get(token)
  if (!grant || grant.clientId !== client.id) return refuse('invalid_grant')
  return { tokens: await issueUserTokens(service, client, grant) }
}

/**
 * No scope asked means all of the client's. An un-allowed one is refused with `invalid_scope`: the developer guide says
 * "ignored" on one page and "fails" on another, and refusals are what is reported from the field. `resource` is ignored,
 * since resource binding is for users only.
 */
async function clientCredentials(service: Service, client: PoolClient, form: URLSearchParams): Promise<Result> {
  if (!client.flows.includes('client_credentials')) return refuse('unauthorized_client')
  const asked = [...new Set(words(form.get('scope')))]
  if (asked.some((scope) => !client.scopes.includes(scope))) return refuse('invalid_scope')
  return { tokens: await issueMachineToken(service, client, asked.length > 0 ? asked : client.scopes) }
}
