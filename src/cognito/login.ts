/** A user's login at Cognito: authorization code (RFC 6749 section 4.1) with PKCE (RFC 7636) and an ID token (OpenID Connect Core 3.1). */

import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { readTokenAnswer } from '../answer_body.ts'
import type { Verified } from '../gate/decide.ts'
import type { AccessToken } from '../gate/principal.ts'
import type { Reason } from '../gate/refusal.ts'
import type { IdToken } from './id_token.ts'
import type { LoginReason } from './login_reasons.ts'

export interface LoginOptions {
  clientId: string
  /** Null for a public client, which proves itself by PKCE alone. */
  clientSecret: string | null
  /** Base URL of the pool's domain. */
  domain: string
  /** Every `iss` that the pool's tokens may carry. */
  issuers: readonly string[]
  /** Space separated; `openid` among them. */
  scopes: string
  verifyIdToken(token: string): Promise<Verified<IdToken>>
  verifyAccessToken(token: string): Promise<Verified<AccessToken>>
}

/** What is to be kept from the beginning of a login to its end, and shown to nobody. */
export interface BegunLogin {
  state: string
  nonce: string
  verifier: string
}

export interface LoggedIn {
  username: string
  clientId: string
  groups: readonly string[]
}

export interface LoginFailure {
  reason: LoginReason
  /** What Cognito wrote for a person. From outside: to be escaped. */
  said?: string
  /** For the log. */
  detail?: string
}

export type LoginResult = { ok: true; user: LoggedIn } | { ok: false; failure: LoginFailure }

export interface Login {
  /** @param redirectUri one of the app client's callback URLs, to the letter */
  begin(redirectUri: string): Promise<{ url: string; begun: BegunLogin }>
  /** @param answer the redirect URI as it was called, parameters included. Never rejects for what others send. */
  finish(answer: URL, begun: BegunLogin): Promise<LoginResult>
}

/** Seconds that the token endpoint has. */
const TIMEOUT = 8

/** Makes the two halves of a login. */
export function createLogin(options: LoginOptions): Login {
  return {
    begin: async (redirectUri) => {
      const begun = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
      const url = buildAuthorizationUrl(configure(options, options.issuers[0] as string), {
        redirect_uri: redirectUri,
        scope: options.scopes,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, begun }
    },
    finish: async (answer, begun) => {
      try {
        return await identify(await exchange(options, answer, begun), options)
      } catch (error) {
        return { ok: false, failure: explain(error) }
      }
    },
  }
}

function configure({ clientId, clientSecret, domain }: LoginOptions, issuer: string): Configuration {
  const server = { issuer, authorization_endpoint: `${domain}/oauth2/authorize`, token_endpoint: `${domain}/oauth2/token` }
  const configuration = new Configuration(server, clientId, undefined, clientSecret === null ? None() : ClientSecretPost(clientSecret))
  configuration.timeout = TIMEOUT
  if (domain.startsWith('http:')) allowInsecureRequests(configuration)
  return configuration
}

interface Tokens {
  access_token: string
  id_token?: string
}

/**
 * Which of a pool's two issuer names its tokens bear is known only when one is there, so the one answer of the token endpoint is judged
 * under each.
 */
async function exchange(options: LoginOptions, answer: URL, begun: BegunLogin): Promise<Tokens> {
  let response: Promise<Response> | undefined
  let failure: unknown
  for (const issuer of options.issuers) {
    const configuration = configure(options, issuer)
    configuration[customFetch] = async (url, init) => {
      response ??= fetch(url, init as RequestInit).then((answered) => readTokenAnswer(answered, init.signal))
      return (await response).clone()
    }
    try {
      return await authorizationCodeGrant(configuration, answer, {
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        pkceCodeVerifier: begun.verifier,
      })
    } catch (error) {
      failure = error
      if (!isForeignIssuer(error)) break
    }
  }
  throw failure
}

/** `iss` of the callback (RFC 9207) or of the ID token is another one than expected. */
function isForeignIssuer(error: unknown): boolean {
  const { cause } = causeOf(error)
  return cause.claim === 'iss' || (typeof cause.expected === 'string' && cause.parameters instanceof URLSearchParams)
}

async function identify(tokens: Tokens, { clientId, verifyIdToken, verifyAccessToken }: LoginOptions): Promise<LoginResult> {
  if (tokens.id_token === undefined) return fail('token_invalid', 'no ID token')
  const id = await verifyIdToken(tokens.id_token)
  if (!id.ok) return refused(id.reason)
  // Said before the access token's verifier refuses the name as a claim.
  if (id.value.username === clientId) return fail('user_not_allowed', 'named like the app client')
  const access = await verifyAccessToken(tokens.access_token)
  if (!access.ok) return refused(access.reason)
  const { username, groups } = id.value
  if (access.value.clientId !== clientId || access.value.username !== username) return fail('token_invalid', 'the tokens differ')
  return { ok: true, user: { username, clientId, groups: groups ?? access.value.groups } }
}

const fail = (reason: LoginReason, detail: string): LoginResult => ({ ok: false, failure: { reason, detail } })

const LOGIN_REASON: Partial<Record<Reason, LoginReason>> = {
  keys_unavailable: 'keys_unavailable',
  token_expired: 'clock',
  token_not_yet_valid: 'clock',
}

const refused = (reason: Reason): LoginResult => fail(LOGIN_REASON[reason] ?? 'token_invalid', reason)

/** Codes of the library, as far as they say more than that Cognito did not answer as it should. */
const REASON_OF_CODE: Record<string, LoginReason> = {
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'clock',
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: 'token_invalid',
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: 'token_invalid',
  OAUTH_INVALID_RESPONSE: 'answer_invalid',
  OAUTH_UNSUPPORTED_OPERATION: 'answer_invalid',
}

function explain(error: unknown): LoginFailure {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const { error: kind, error_description: said } = error
    return { reason: reasonOfError(kind, said), detail: kind, ...(said === undefined ? {} : { said }) }
  }
  const { code, cause } = causeOf(error)
  // RFC 6749 section 5.2: a client that is not accepted may be told so by a challenge alone.
  if (error instanceof WWWAuthenticateChallengeError) return { reason: 'invalid_client', detail: `challenge ${error.status}` }
  // The nonce is of the browser's login, so a wrong one is no fault of the configuration.
  if (cause.claim === 'nonce') return { reason: 'answer_invalid', detail: 'nonce' }
  const detail = [code, cause.claim, cause.code].filter((part) => typeof part === 'string').join(' ')
  return { reason: REASON_OF_CODE[code ?? ''] ?? 'cognito_unreachable', detail: detail || String(error) }
}

/** Cognito reports some errors as `invalid_request`, with the error proper in the description. */
function reasonOfError(error: string, description: string | undefined): LoginReason {
  const known: readonly LoginReason[] = ['access_denied', 'invalid_scope', 'unauthorized_client', 'invalid_client', 'invalid_grant']
  return (
    known.find((reason) => reason === error || reason === description) ?? (error === 'server_error' ? 'cognito_failed' : 'login_refused')
  )
}

function causeOf(error: unknown): { code?: string; cause: Record<string, unknown> } {
  const { code, cause } = Object(error) as { code?: string; cause?: unknown }
  const inner = Object(cause) as { cause?: unknown }
  // The library wraps its own errors once; what was expected and seen is the cause of the inner one.
  return { ...(code === undefined ? {} : { code }), cause: { ...Object(cause), ...Object(inner.cause) } }
}
