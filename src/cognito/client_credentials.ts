/** An agent's own token: the client credentials grant (RFC 6749 section 4.4) at Cognito. */

import {
  allowInsecureRequests,
  ClientSecretPost,
  Configuration,
  clientCredentialsGrant,
  customFetch,
  ResponseBodyError,
} from 'openid-client'
import { readTokenAnswer } from '../answer_body.ts'
import { ConfigError, type Environment, SettingsReader } from '../settings.ts'
import { domainUrl } from './endpoints.ts'
import { regionOfPool } from './pool.ts'
import { type Outcome, readRetryAfter } from './retry.ts'
import type { TokenFailure } from './token_failure.ts'

export interface AgentSettings {
  clientId: string
  clientSecret: string
  /** Base URL of the pool's domain. */
  domain: string
}

export interface AgentToken {
  accessToken: string
  /** Seconds from now; 0 when Cognito did not say. */
  expiresIn: number
}

export const tokenEndpointOf = ({ domain }: AgentSettings): string => `${domain}/oauth2/token`

/** Seconds for one attempt. */
const TIMEOUT = 10

/**
 * Reads an agent's settings.
 * @throws {ConfigError} with every problem
 */
export function readAgentSettings(env: Environment): AgentSettings {
  const reader = new SettingsReader(env)
  const required = (name: string, example: string): string => {
    const value = reader.text(name)
    if (value === undefined) reader.wrong(name, 'is missing', example)
    return value ?? ''
  }
  const clientId = required('COGNITO_CLIENT_ID', '1example23456789')
  const clientSecret = required('COGNITO_CLIENT_SECRET', 'the secret of that app client')
  const poolId = required('COGNITO_USER_POOL_ID', 'us-east-1_AbCdEfGhI')
  const region = regionOfPool(poolId)
  if (poolId && region === null) reader.wrong('COGNITO_USER_POOL_ID', `"${poolId}" is no pool id`, 'us-east-1_AbCdEfGhI')
  const ownDomain = reader.text('COGNITO_DOMAIN')
  const domain = domainUrl(ownDomain, poolId, region ?? '')
  // Without a domain of its own, a wrong pool id is the one mistake to be told.
  if (domain === null && (ownDomain !== undefined || region !== null))
    reader.wrong('COGNITO_DOMAIN', 'must be a prefix, a host name or an https URL', 'my-company')
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return { clientId, clientSecret, domain: domain as string }
}

/**
 * Asks for an access token, once.
 * @param scopes names to ask for; none asks for all that the app client has
 */
export async function requestAgentToken(settings: AgentSettings, scopes: readonly string[]): Promise<Outcome<AgentToken, TokenFailure>> {
  let answered: Response | undefined
  const configuration = configure(settings, (response) => {
    answered = response
  })
  try {
    const answer = await clientCredentialsGrant(configuration, scopes.length > 0 ? { scope: scopes.join(' ') } : {})
    return { ok: true, value: { accessToken: answer.access_token, expiresIn: answer.expires_in ?? 0 } }
  } catch (error) {
    return { ok: false, failure: failureOf(error, answered) }
  }
}

function configure(settings: AgentSettings, onAnswer: (response: Response) => void): Configuration {
  const server = { issuer: settings.domain, token_endpoint: tokenEndpointOf(settings) }
  const configuration = new Configuration(server, settings.clientId, undefined, ClientSecretPost(settings.clientSecret))
  configuration.timeout = TIMEOUT
  configuration[customFetch] = async (url, options) => {
    const response = await fetch(url, options as RequestInit)
    onAnswer(response)
    return readTokenAnswer(response, options.signal)
  }
  if (settings.domain.startsWith('http:')) allowInsecureRequests(configuration)
  return configuration
}

function failureOf(error: unknown, answered: Response | undefined): TokenFailure {
  if (answered === undefined) return { kind: 'unreachable', code: innermostCode(error) }
  const { status, headers } = answered
  if (status === 429 || status >= 500) {
    return { kind: 'busy', status, retryAfter: readRetryAfter(headers.get('retry-after'), Date.now()) }
  }
  // A code of RFC 6749 section 5.2 and nothing that would not be safe on a terminal.
  if (error instanceof ResponseBodyError && /^[a-z_]{1,64}$/.test(error.error)) {
    return { kind: 'refused', error: error.error, description: error.error_description ?? null }
  }
  return { kind: 'unusable', status }
}

/** The code of the error at the bottom of a chain of causes, or its words: what the operating system or the library said. */
function innermostCode(error: unknown, code?: string, words = 'unknown'): string {
  if (!(error instanceof Error)) return code ?? words
  if (error.name === 'TimeoutError') return 'TIMEOUT'
  const { code: here } = error as NodeJS.ErrnoException
  // Words are fetch's own where there is no code, such as of a port that it does not use.
  return innermostCode(error.cause, typeof here === 'string' ? here : code, /^[\w ]{1,60}$/.test(error.message) ? error.message : words)
}
