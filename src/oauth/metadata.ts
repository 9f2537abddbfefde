/** Protected resource metadata (RFC 9728): where a client of an MCP server gets its tokens. */
import type { Policy } from '../gate/policy.ts'

/**
 * @param server the MCP server, or null for the gateway as a whole
 * @param gateway public URL of the gateway, without a final slash
 * @param issuers authorization servers, the pool's issuer first
 */
export function protectedResource(
  server: string | null,
  gateway: string,
  issuers: readonly string[],
  policy: Policy,
): Record<string, unknown> {
  return {
    resource: server === null ? gateway : `${gateway}/${server}/mcp`,
    authorization_servers: issuers,
    ...(server === null ? {} : { scopes_supported: policy.scopesFor(server) }),
    bearer_methods_supported: ['header'],
    resource_name: server ?? 'MCP gateway',
  }
}
