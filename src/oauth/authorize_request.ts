/** The authorization request of an MCP client (RFC 6749 section 4.1.1, RFC 7636 section 4.3, RFC 8707 section 2). */
import type { LoginReason } from '../cognito/login_reasons.ts'
import type { Policy } from '../gate/policy.ts'
import { findClient, type McpClient } from './client.ts'
import { withAnswer } from './redirect_uri.ts'
import { readResource } from './resource.ts'
import { type OAuthService, scopesOfResource } from './service.ts'

/** What is kept of it until the client has its tokens. */
export interface ClientRequest {
  clientId: string
  redirectUri: string
  /** The client's own, handed back as it was. */
  state: string | null
  /** S256, of the client's verifier. */
  challenge: string
  /** What Cognito is asked for. */
  scopes: string[]
  /** Canonical; null when the client named none. */
  resource: string | null
  /** The server that it names; null for the gateway as a whole. */
  server: string | null
  /** OpenID Connect Core section 3.1.2.1: what Cognito is to ask of the user. */
  prompt: 'login' | 'none' | null
}

export type ReadRequest =
  | { kind: 'valid'; request: ClientRequest; client: McpClient; askAgain: boolean }
  /** The client learns of it. */
  | { kind: 'answer'; redirectUri: string; error: string; location: string }
  /** Nobody but the user learns of it: the client may be another one than it says. */
  | { kind: 'stop'; reason: LoginReason; detail: string }

/** Characters. Some clients put a whole signed token into it. */
const LONGEST_STATE = 2048

/** As it travels, escapes included. */
const isLong = (state: string | null): boolean => state !== null && JSON.stringify(state).length > LONGEST_STATE + 2

const NAMES = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
  'scope',
  'resource',
  'prompt',
] as const
type Name = (typeof NAMES)[number]

/** RFC 6749 section 3.1: parameters without a value count as left out, and none may be there twice. */
function readOnce(query: URLSearchParams): { values: Map<Name, string>; repeated: Name | null } {
  const values = new Map<Name, string>()
  let repeated: Name | null = null
  for (const name of NAMES) {
    const [value = '', ...others] = query.getAll(name)
    if (others.length > 0) repeated ??= name
    if (value !== '') values.set(name, value)
  }
  return { values, repeated }
}

export async function readAuthorizeRequest(query: URLSearchParams, service: OAuthService, policy: Policy): Promise<ReadRequest> {
  const { values, repeated } = readOnce(query)
  const [clientId, redirectUri] = [values.get('client_id'), values.get('redirect_uri')]
  if (clientId === undefined || redirectUri === undefined || repeated === 'client_id' || repeated === 'redirect_uri')
    return { kind: 'stop', reason: 'request_malformed', detail: 'client_id or redirect_uri' }
  const found = await findClient(clientId, service)
  if (!found.ok) return { kind: 'stop', reason: found.reason, detail: found.detail }
  const { client } = found
  if (!client.allows(redirectUri)) return { kind: 'stop', reason: 'callback_not_allowed', detail: redirectUri.slice(0, 200) }
  const state = values.get('state') ?? null
  const refuse = (error: string, error_description: string): ReadRequest => {
    const kept = repeated === 'state' || isLong(state) ? null : state
    return {
      kind: 'answer',
      redirectUri,
      error,
      location: withAnswer(redirectUri, { error, error_description, state: kept, iss: service.gateway }),
    }
  }
  if (repeated !== null) return refuse('invalid_request', `${repeated} must not be sent more than once.`)
  if (isLong(state)) return refuse('invalid_request', `state is longer than ${LONGEST_STATE} characters.`)
  if (values.get('response_type') !== 'code') return refuse('unsupported_response_type', 'The response_type must be code.')
  const challenge = values.get('code_challenge') ?? ''
  if (values.get('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(challenge))
    return refuse('invalid_request', 'PKCE is needed: send code_challenge with code_challenge_method S256.')
  const asked = values.get('resource')
  const resource = asked === undefined ? null : readResource(asked, service.gateway, (name) => policy.names(name))
  if (asked !== undefined && resource === null) return refuse('invalid_target', 'The resource is no MCP server of this gateway.')
  const prompts = (values.get('prompt') ?? '').split(' ').filter((word) => word !== '')
  const request: ClientRequest = {
    clientId,
    redirectUri,
    state,
    challenge,
    scopes: scopesFor(values.get('scope') ?? '', service, policy, resource?.server ?? null),
    resource: resource?.uri ?? null,
    server: resource?.server ?? null,
    prompt: prompts.includes('login') ? 'login' : prompts.includes('none') ? 'none' : null,
  }
  return { kind: 'valid', request, client, askAgain: prompts.includes('consent') }
}

/**
 * What Cognito is asked for. It refuses a whole login for one scope that it does not know, so those are left out that the policy does not
 * know either, `offline_access` among them; whoever asks for nothing that is known gets what the server needs (RFC 6749 section 3.3).
 */
function scopesFor(text: string, service: OAuthService, policy: Policy, server: string | null): string[] {
  const asked = new Set(text.split(' '))
  const known = scopesOfResource(service, policy, null).filter((scope) => asked.has(scope))
  if (known.length > 0) return known
  const needed = scopesOfResource(service, policy, server)
  // Cognito gives everything to those who ask for nothing.
  return needed.length > 0 ? needed : ['openid']
}
