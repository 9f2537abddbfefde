/** What a configuration says about MCP clients that sign in by themselves. */
import type { LoginClient } from './config_cognito.ts'
import { isRedirectUri } from './oauth/redirect_uri.ts'
import type { SettingsReader } from './settings.ts'

/** The app client that stands for all MCP clients, and which of these may come. */
export interface McpClients extends Pick<LoginClient, 'clientId' | 'clientSecret' | 'domain'> {
  redirects: {
    /** Programs on the user's own computer, at any port. */
    loopback: boolean
    /** Clients that are known by their callbacks. */
    known: boolean
    /** Further callbacks, to the letter. */
    exact: ReadonlySet<string>
  }
  /** Hosts whose Client ID Metadata Documents count; null for none. */
  documentHosts: '*' | ReadonlySet<string> | null
  /** Whether the pool binds tokens to the resource (RFC 8707). */
  resourceBinding: boolean
}

/** @param login the app client by which users log in; without one MCP clients cannot sign in either */
export function readMcpClients(reader: SettingsReader, login: LoginClient | null): McpClients | null {
  const own = reader.text('COGNITO_MCP_CLIENT_ID')
  const ownSecret = reader.text('COGNITO_MCP_CLIENT_SECRET')
  if (own !== undefined && !/^[\w+]{1,128}$/.test(own))
    reader.wrong('COGNITO_MCP_CLIENT_ID', `is "${own}", which is no app client id`, '1example23456789')
  if (own === undefined && ownSecret !== undefined)
    reader.wrong('COGNITO_MCP_CLIENT_ID', 'is missing, and COGNITO_MCP_CLIENT_SECRET is of no use without it', '1example23456789')
  const settings = {
    redirects: readRedirects(reader),
    documentHosts: readHosts(reader),
    resourceBinding: reader.choice('COGNITO_RESOURCE_BINDING', ['on', 'off'], 'off') === 'on',
  }
  if (login === null) return null
  const client = own === undefined ? login : { clientId: own, clientSecret: ownSecret ?? null }
  return { clientId: client.clientId, clientSecret: client.clientSecret, domain: login.domain, ...settings }
}

function readRedirects(reader: SettingsReader): McpClients['redirects'] {
  const words = reader.text('MCP_REDIRECT_URIS') === undefined ? ['loopback', 'known'] : reader.list('MCP_REDIRECT_URIS')
  const exact = words.filter((word) => word !== 'loopback' && word !== 'known' && word !== 'none')
  for (const uri of exact) {
    if (!isRedirectUri(uri))
      reader.wrong(
        'MCP_REDIRECT_URIS',
        `must hold the words loopback, known or none, https URLs and URIs of an own scheme; "${uri}" is none`,
        'loopback,known,https://app.example.com/callback',
      )
  }
  return { loopback: words.includes('loopback'), known: words.includes('known'), exact: new Set(exact) }
}

function readHosts(reader: SettingsReader): McpClients['documentHosts'] {
  const hosts = reader.list('MCP_CLIENT_HOSTS')
  if (hosts.length === 0 || hosts.includes('*')) return '*'
  if (hosts.length === 1 && hosts[0] === 'none') return null
  for (const host of hosts) {
    if (!/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$/.test(host))
      reader.wrong(
        'MCP_CLIENT_HOSTS',
        `must hold host names in lower case, or be * or none; "${host}" is none of these`,
        'claude.ai,vscode.dev',
      )
  }
  return new Set(hosts)
}

/** The scopes of scopes.yml that the app client may be asked for. */
export function readMcpScopes(reader: SettingsReader): '*' | ReadonlySet<string> {
  const scopes = reader.list('MCP_SCOPES')
  for (const scope of scopes) {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
      reader.wrong('MCP_SCOPES', `holds "${scope}", which is no scope`, 'mcp-servers-restricted/read')
  }
  if (scopes.length === 0 || scopes.includes('*')) return '*'
  return new Set(scopes.length === 1 && scopes[0] === 'none' ? [] : scopes)
}
