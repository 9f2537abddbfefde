/** The documents by which a client of an MCP server finds its way to a token: RFC 9728 and RFC 8414. */
import type { Policy } from '../gate/policy.ts'
import { OAUTH_PATHS, type OAuthService, scopesOfResource } from './service.ts'

type Settings = Pick<OAuthService, 'gateway' | 'mcp' | 'mcpScopes' | 'issuers' | 'loginPool' | 'documents'>

/**
 * Protected resource metadata (RFC 9728).
 * @param server the MCP server, or null for the gateway as a whole
 * @param transport `mcp`, or `sse` for those who have the address of the old transport
 */
export function protectedResource(server: string | null, settings: Settings, policy: Policy, transport = 'mcp'): Record<string, unknown> {
  const { gateway, mcp, issuers } = settings
  const scopes = scopesOfResource(settings, policy, server)
  return {
    resource: server === null ? gateway : `${gateway}/${server}/${transport}`,
    // Cognito itself knows nothing of registration and does not say that it does PKCE, so clients are sent to the gateway's face of it.
    authorization_servers: mcp === null ? issuers : [gateway],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    resource_name: server ?? 'MCP gateway',
  }
}

/**
 * Authorization server metadata (RFC 8414 section 2), with what OpenID Connect Discovery 1.0 asks for besides, since clients look for it
 * under both names. ID tokens are not handed on: their issuer is Cognito, and not the one that is named here.
 */
export function authorizationServer(settings: Settings, policy: Policy): Record<string, unknown> {
  const { gateway, loginPool, documents } = settings
  return {
    issuer: gateway,
    authorization_endpoint: gateway + OAUTH_PATHS.authorize,
    token_endpoint: gateway + OAUTH_PATHS.token,
    registration_endpoint: gateway + OAUTH_PATHS.register,
    revocation_endpoint: gateway + OAUTH_PATHS.revoke,
    jwks_uri: loginPool.jwksUrl,
    scopes_supported: scopesOfResource(settings, policy, null),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: documents !== null,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
}
