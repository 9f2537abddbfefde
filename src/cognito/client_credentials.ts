/** An agent's own token: the client credentials grant (RFC 6749 section 4.4) at Cognito. */
import { allowInsecureRequests, ClientSecretPost, Configuration, clientCredentialsGrant, ResponseBodyError } from 'openid-client'
import { ConfigError, type Environment } from '../settings.ts'
import { domainUrl } from './endpoints.ts'
import { regionOfPool } from './pool.ts'

export interface AgentSettings {
  clientId: string
  clientSecret: string
  /** Base URL of the pool's domain. */
  domain: string
}

/** A refused or failed request for a token; the message says what to do. */
export class TokenRequestError extends Error {
  /** Cognito's error code (RFC 6749 section 5.2), or null when it gave none. */
  readonly error: string | null
  constructor(error: string | null, message: string) {
    super(message)
    this.error = error
  }
}

/** What Cognito's error answers mean (AWS developer guide, token endpoint). */
const EXPLANATIONS: Record<string, string> = {
  invalid_client: 'COGNITO_CLIENT_ID or COGNITO_CLIENT_SECRET is wrong, or the client is of another user pool.',
  invalid_scope: 'The app client may not have one of these scopes. Assign it to the client in Cognito, or ask for others.',
  invalid_grant: 'The app client may not use this grant, or not these scopes.',
  unauthorized_client: 'The app client may not use client credentials. It must be of the type machine to machine.',
  invalid_request: 'Cognito did not understand the request.',
}

/**
 * Reads an agent's settings.
 * @throws {ConfigError} with every problem
 */
export function readAgentSettings(env: Environment): AgentSettings {
  const problems: string[] = []
  const required = (name: string, example: string): string => {
    const value = env[name]?.trim()
    if (!value) problems.push(`${name} is missing. Example: ${name}=${example}`)
    return value ?? ''
  }
  const clientId = required('COGNITO_CLIENT_ID', '1example23456789')
  const clientSecret = required('COGNITO_CLIENT_SECRET', 'the secret of that app client')
  const poolId = required('COGNITO_USER_POOL_ID', 'us-east-1_AbCdEfGhI')
  const region = regionOfPool(poolId)
  if (poolId && region === null)
    problems.push(`COGNITO_USER_POOL_ID "${poolId}" is no pool id. Example: COGNITO_USER_POOL_ID=us-east-1_AbCdEfGhI`)
  const ownDomain = env.COGNITO_DOMAIN?.trim() || undefined
  const domain = domainUrl(ownDomain, poolId, region ?? '')
  // Without a domain of its own, a wrong pool id is the one mistake to be told.
  if (domain === null && (ownDomain !== undefined || region !== null)) {
    problems.push('COGNITO_DOMAIN must be a prefix, a host name or an https URL. Example: COGNITO_DOMAIN=my-company')
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return { clientId, clientSecret, domain: domain as string }
}

/**
 * Asks for an access token.
 * @param scopes names to ask for; none asks for all that the app client has
 * @throws {TokenRequestError} when it is refused or the endpoint cannot be reached; never with the secret in the message
 */
export async function requestAgentToken(
  settings: AgentSettings,
  scopes: readonly string[],
): Promise<{ accessToken: string; expiresIn: number }> {
  const tokenEndpoint = `${settings.domain}/oauth2/token`
  const server = { issuer: settings.domain, token_endpoint: tokenEndpoint }
  const configuration = new Configuration(server, settings.clientId, undefined, ClientSecretPost(settings.clientSecret))
  if (settings.domain.startsWith('http:')) allowInsecureRequests(configuration)
  try {
    const answer = await clientCredentialsGrant(configuration, scopes.length > 0 ? { scope: scopes.join(' ') } : {})
    return { accessToken: answer.access_token, expiresIn: answer.expires_in ?? 0 }
  } catch (error) {
    if (error instanceof ResponseBodyError) {
      const explanation = EXPLANATIONS[error.error] ?? 'See the Cognito developer guide, token endpoint.'
      throw new TokenRequestError(error.error, `Cognito refused (${error.error}). ${explanation}`)
    }
    throw new TokenRequestError(null, `${tokenEndpoint} gave no usable answer (${innermostCode(error)}). Check COGNITO_DOMAIN.`)
  }
}

/** The code of the error at the bottom of a chain of causes: what the operating system or the library said. */
function innermostCode(error: unknown, code = 'unknown'): string {
  if (!(error instanceof Error)) return code
  const here = (error as NodeJS.ErrnoException).code ?? code
  return innermostCode(error.cause, here)
}
