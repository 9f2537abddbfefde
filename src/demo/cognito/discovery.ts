/** The two documents below the issuer. */
import { Hono } from 'hono'
import type { Service } from './service.ts'

/**
 * OpenID Connect discovery and the key set. RFC 8414's path is not served, as at Amazon; nor is there a word about PKCE,
 * registration or `none`, which is what makes MCP clients stumble.
 */
export function discoveryRoutes(service: Service): Hono {
  const { origin, issuer, keys, pool } = service
  // Amazon's members in Amazon's (alphabetical) order. The scopes are the same for every pool and omit the custom ones.
  const document = {
    authorization_endpoint: `${origin}/oauth2/authorize`,
    end_session_endpoint: `${origin}/logout`,
    id_token_signing_alg_values_supported: ['RS256'],
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code', 'token'],
    revocation_endpoint: `${origin}/oauth2/revoke`,
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
    token_endpoint: `${origin}/oauth2/token`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    userinfo_endpoint: `${origin}/oauth2/userInfo`,
  }
  const app = new Hono()
  app.get(`/${pool.poolId}/.well-known/openid-configuration`, (c) => c.json(document))
  app.get(`/${pool.poolId}/.well-known/jwks.json`, (c) => c.json(keys.jwks()))
  return app
}
