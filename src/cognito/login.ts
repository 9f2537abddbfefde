/** A user's login at Cognito: authorization code (RFC 6749 section 4.1) with PKCE (RFC 7636) and an ID token (OpenID Connect Core 3.1). */

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import { readTokenAnswer } from '../answer_body.ts'
import type { Verified } from '../gate/decide.ts'
import type { AccessToken } from '../gate/principal.ts'
import type { Reason } from '../gate/refusal.ts'
import type { IdToken } from './id_token.ts'
import { explain, isForeignIssuer, type LoginFailure } from './login_failure.ts'
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
