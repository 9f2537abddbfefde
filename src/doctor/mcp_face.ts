/** What the settings of a gateway say of MCP clients that sign in by themselves, complete or not. */
import { type McpClients, readMcpClients, readMcpScopes } from '../config_mcp.ts'
import { OAUTH_PATHS } from '../oauth/service.ts'
import type { SettingsReader } from '../settings.ts'
import type { AppClient } from './profile.ts'

export const MCP_SETTINGS = [
  'COGNITO_MCP_CLIENT_ID',
  'COGNITO_MCP_CLIENT_SECRET',
  'COGNITO_RESOURCE_BINDING',
  'MCP_SCOPES',
  'MCP_REDIRECT_URIS',
  'MCP_CLIENT_HOSTS',
  'CHALLENGE_SCOPES',
] as const

/** Where Cognito sends users back to, by how the names of the app client's settings begin. */
export const CALLBACK_PATHS: Readonly<Record<AppClient['settings'], string>> = {
  COGNITO_CLIENT: '/oauth2/callback/cognito',
  COGNITO_MCP_CLIENT: OAUTH_PATHS.callback,
}

export interface McpFace {
  /** The app client that stands for all of them: one of its own, or that of the login. */
  client: AppClient
  isOwn: boolean
  /** Whether any of them may come. */
  isOpen: boolean
  redirects: McpClients['redirects']
  /** The scopes of the policy that they may ask for. */
  scopes: '*' | ReadonlySet<string>
  resourceBinding: boolean
}

/** @param login the app client by which users log in */
export function readMcpFace(reader: SettingsReader, login: AppClient): McpFace {
  const given = { clientId: login.id, clientSecret: login.secret, domain: '', scopes: '' }
  const { clientId, clientSecret, redirects, documentHosts, resourceBinding } = readMcpClients(reader, given) as McpClients
  const isOwn = reader.text('COGNITO_MCP_CLIENT_ID') !== undefined
  return {
    client: isOwn ? { id: clientId, secret: clientSecret, settings: 'COGNITO_MCP_CLIENT' } : login,
    isOwn,
    isOpen: redirects.loopback || redirects.known || redirects.exact.size > 0 || documentHosts !== null,
    redirects,
    scopes: readMcpScopes(reader),
    resourceBinding,
  }
}
