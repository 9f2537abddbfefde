/** The rules for what arrives at /oauth2/authorize and /login. Nothing here answers a browser. */
import { type Parameters, withParameters } from './location.ts'
import { findClient, type Pool, type PoolClient } from './pool.ts'

export interface AuthorizeRequest {
  client: PoolClient
  redirectUri: string
  state: string | undefined
  scopes: string[]
  challenge: string | undefined
  nonce: string | undefined
  resource: string | undefined
  prompts: string[]
}

export type Outcome =
  | { kind: 'valid'; request: AuthorizeRequest }
  /** The application learns of it at its callback. */
  | { kind: 'callback'; location: string }
  /** The application never learns of it: the browser stays at the pool. */
  | { kind: 'error_page'; parameters: Parameters }
  | { kind: 'empty_400' }

/**
 * Judges a request as Amazon does. Where its documentation and what was observed differ, the observed answer is given:
 * an un-allowed scope and an un-allowed response type come back as `invalid_request` with the real reason in
 * `error_description`, in front of `state` and `error`.
 */
export function checkAuthorizeRequest(pool: Pool, query: URLSearchParams): Outcome {
  const clientId = query.get('client_id')
  const redirectUri = query.get('redirect_uri')
  if (!clientId || !redirectUri) return { kind: 'error_page', parameters: { error: 'Required parameters missing' } }
  const client = findClient(pool, clientId)
  // Amazon's code for this page is not known.
  if (!client) return { kind: 'error_page', parameters: { error: 'invalid_client', client_id: clientId } }
  // Exact match: no other port, no other path, no trailing slash, and localhost is not 127.0.0.1.
  if (!client.callbackUrls.includes(redirectUri)) {
    return { kind: 'error_page', parameters: { error: 'redirect_mismatch', client_id: clientId } }
  }
  const state = query.get('state') || undefined
  // Seen in the field: a state that is URL-encoded JSON ends in an empty 400.
  if (state !== undefined && isJsonObject(state)) return { kind: 'empty_400' }
  return checkForClient(client, redirectUri, state, query)
}

function checkForClient(client: PoolClient, redirectUri: string, state: string | undefined, query: URLSearchParams): Outcome {
  const refuse = (description: string | undefined, mark: '?' | '#' = '?'): Outcome => ({
    kind: 'callback',
    location: withParameters(redirectUri, { error_description: description, state, error: 'invalid_request' }, mark),
  })
  const responseType = query.get('response_type')
  // No client of this stand-in may use the implicit flow.
  if (responseType === 'token') return refuse('unauthorized_client', '#')
  if (responseType !== 'code') return refuse(undefined)
  if (!client.flows.includes('code')) return refuse('unauthorized_client')
  const provider = query.get('identity_provider')
  if (provider !== null && provider !== 'COGNITO') return refuse('Identity provider does not exist.')
  if (!pkceIsUsable(query) || !resourceIsUsable(query)) return refuse(undefined)
  const scopes = words(query.get('scope'))
  if (scopes.some((scope) => !client.scopes.includes(scope))) return refuse('invalid_scope')
  return {
    kind: 'valid',
    request: {
      client,
      redirectUri,
      state,
      // Nothing asked means everything allowed.
      scopes: scopes.length > 0 ? [...new Set(scopes)] : client.scopes,
      challenge: query.get('code_challenge') ?? undefined,
      nonce: query.get('nonce') || undefined,
      resource: query.get('resource') ?? undefined,
      prompts: words(query.get('prompt')),
    },
  }
}

/** S256 only, and never one of the two parameters alone. A challenge has 43 to 128 characters (RFC 7636 section 4.2). */
function pkceIsUsable(query: URLSearchParams): boolean {
  const challenge = query.get('code_challenge')
  const method = query.get('code_challenge_method')
  if (challenge === null && method === null) return true
  return method === 'S256' && challenge !== null && /^[A-Za-z0-9._~-]{43,128}$/.test(challenge)
}

/**
 * At most one, and a URL: https, http://localhost, or a custom scheme (developer guide, authorization endpoint). The
 * answer to any other is not documented; `invalid_request` is what every other malformed parameter gets.
 */
function resourceIsUsable(query: URLSearchParams): boolean {
  const resources = query.getAll('resource')
  if (resources.length === 0) return true
  const resource = resources[0] ?? ''
  if (resources.length > 1 || !URL.canParse(resource) || resource.includes('#')) return false
  const url = new URL(resource)
  return url.protocol !== 'http:' || url.hostname === 'localhost'
}

function isJsonObject(text: string): boolean {
  try {
    return text.startsWith('{') && typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

/** The words of a space-separated list. */
export function words(text: string | null): string[] {
  return (text ?? '').split(' ').filter((word) => word !== '')
}
