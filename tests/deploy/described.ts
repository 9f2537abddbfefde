/** A user pool and what belongs to it, in words that are neither CloudFormation's nor Terraform's. */

export interface Client {
  hasSecret: unknown
  /** AllowedOAuthFlowsUserPoolClient: off by default, and all of OAuth with it. */
  isOAuth: unknown
  flows: unknown
  scopes: unknown
  callbackUrls: unknown
  signOutUrls: unknown
  providers: unknown
  authFlows: unknown
  revocation: unknown
  existenceErrors: unknown
  readAttributes: unknown
  /** Access, ID and refresh token, each with its unit. */
  validity: unknown[]
  rotation: unknown
  /** The resource servers that must be there before. */
  after: string[]
}

export interface Described {
  pool: Record<string, unknown>
  clients: Record<'web' | 'cli' | 'agent', Client>
  /** Scopes by the identifier of their resource server. */
  servers: Record<string, unknown[]>
  groups: unknown[]
  /** Which clients have a style of Cognito's own. */
  styles: string[]
  domain: { prefix: unknown; version: unknown; after: string[] }
  /** The first user: attributes, how the invitation comes, and the group. Null without one. */
  admin: unknown
  outputs: string[]
}
