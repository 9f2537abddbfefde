/**
 * MCP clients that are known by callbacks at which only they answer. Each is what the maker publishes, in its documentation, its source or
 * its client metadata document; two are what many servers have been asked for. Clients that wait on the user's own computer need no entry.
 */

interface KnownClient {
  name: string
  /** To the letter. */
  callbacks: readonly string[]
  /** Where each connection has a callback of its own. */
  pattern?: RegExp
  /** The page at the callback hands the code on to a program, and cannot tell to which one. */
  isRelay?: true
}

const KNOWN_CLIENTS: readonly KnownClient[] = [
  { name: 'Claude', callbacks: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'] },
  {
    name: 'ChatGPT',
    callbacks: ['https://chatgpt.com/connector_platform_oauth_redirect'],
    pattern: /^https:\/\/chatgpt\.com\/connector\/oauth\/[A-Za-z0-9_-]{1,64}$/,
  },
  { name: 'Cursor', callbacks: ['cursor://anysphere.cursor-mcp/oauth/callback', 'https://www.cursor.com/agents/mcp/oauth/callback'] },
  { name: 'Grok Bot', callbacks: ['https://www.cursor.com/bot/mcp/oauth/callback', 'grokbot://mcp/oauth/callback'] },
  { name: 'VS Code', callbacks: ['https://vscode.dev/redirect', 'https://insiders.vscode.dev/redirect'], isRelay: true },
  { name: 'Grok', callbacks: ['https://grok.com/connectors-oauth-exchange-code/', 'https://console.x.ai/connectors-oauth-exchange-code/'] },
  {
    name: 'Perplexity',
    callbacks: [
      'https://www.perplexity.ai/rest/connections/oauth_callback',
      'https://enterprise.perplexity.ai/rest/connections/oauth_callback',
    ],
  },
  { name: 'Le Chat', callbacks: ['https://callback.mistral.ai/v1/integrations_auth/oauth2_callback'] },
  { name: 'Devin', callbacks: ['https://api.devin.ai/mcp/oauth/callback'] },
  { name: 'Google Antigravity', callbacks: ['https://antigravity.google/oauth-callback'] },
  { name: 'Postman', callbacks: ['https://oauth.pstmn.io/v1/callback', 'https://oauth.pstmn.io/v1/browser-callback'], isRelay: true },
  { name: 'Insomnia', callbacks: ['https://app.insomnia.rest/oauth/redirect'], isRelay: true },
]

const find = (redirectUri: string): KnownClient | undefined =>
  KNOWN_CLIENTS.find(({ callbacks, pattern }) => callbacks.includes(redirectUri) || pattern?.test(redirectUri))

/** The client's name, or null when the callback is none of a known client. */
export const knownClient = (redirectUri: string): string | null => find(redirectUri)?.name ?? null

/**
 * Whether only the site of a redirect URI can answer at it. Not so for the loopback and for schemes, which any program on the computer can
 * take (RFC 8252 section 8.6), and for sites that hand codes on to programs.
 */
export const isOfOneSite = (redirectUri: string): boolean => redirectUri.startsWith('https:') && find(redirectUri)?.isRelay !== true
