/**
 * Dynamic client registration (RFC 7591) that registers nothing: Cognito has none, so every client gets the one app client that is there,
 * as a public client, and is told which of its redirect URIs it may use.
 */
import { jsonObject } from '../json_object.ts'
import { clientIdFor, isAllowed } from './client.ts'
import { cleanClientName } from './client_name.ts'
import { grantableScopes, type OAuthService } from './service.ts'

type Answer = { status: 201 | 400; body: Record<string, unknown> }

const MOST_URIS = 32

const refuse = (error: 'invalid_redirect_uri' | 'invalid_client_metadata', error_description: string): Answer => ({
  status: 400,
  body: { error, error_description },
})

/** @param text the body of the request: client metadata as JSON */
export function register(text: string, service: OAuthService): Answer {
  const metadata = jsonObject(text)
  if (metadata === null) return refuse('invalid_client_metadata', 'The body must be a JSON object.')
  const { redirect_uris: uris, grant_types: grants, response_types: responses, client_name: name, scope } = metadata
  if (!Array.isArray(uris) || uris.length === 0 || uris.length > MOST_URIS || !uris.every((uri) => typeof uri === 'string'))
    return refuse('invalid_redirect_uri', `redirect_uris must be a list of 1 to ${MOST_URIS} strings.`)
  if (!mayHold(grants, 'authorization_code')) return refuse('invalid_client_metadata', 'grant_types must hold authorization_code.')
  if (!mayHold(responses, 'code')) return refuse('invalid_client_metadata', 'response_types must hold code.')
  const allowed = uris.filter((uri) => isAllowed(uri, service))
  if (allowed.length === 0) return refuse('invalid_redirect_uri', refusedUris(uris))
  const called = typeof name === 'string' ? cleanClientName(name) : null
  const scopes = typeof scope === 'string' ? grantableScopes(service, scope.split(' ').filter(knownScope(service))) : []
  const body = {
    client_id: clientIdFor(service.mcp?.clientId ?? '', called),
    client_id_issued_at: Math.floor(service.now()),
    ...(called !== null && { client_name: called }),
    redirect_uris: allowed,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  }
  return { status: 201, body }
}

const knownScope =
  (service: OAuthService) =>
  (scope: string): boolean =>
    service.gate()?.policy.knows(scope) === true

/** RFC 7591 section 2: what is left out has its default, which is good. */
const mayHold = (value: unknown, needed: string): boolean => value === undefined || (Array.isArray(value) && value.includes(needed))

function refusedUris(uris: readonly string[]): string {
  const shown = uris.slice(0, 4).map((uri) => printable(uri.slice(0, 100)))
  return `None of the redirect URIs is allowed here: ${shown.join(' ')}. The operator lists them in MCP_REDIRECT_URIS.`
}

/** RFC 6749 section 5.2 keeps descriptions to these characters. */
const printable = (text: string): string => text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
