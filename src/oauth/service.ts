/** What the routes for MCP clients work with. */
import type { McpClients } from '../config_mcp.ts'
import type { Policy } from '../gate/policy.ts'
import type { LoginService } from '../login/service.ts'
import type { ClientDocuments } from './client_document.ts'
import type { StepUps } from './step_up.ts'

export interface OAuthService extends LoginService {
  /** Null when users cannot log in, so neither can their MCP clients. */
  mcp: McpClients | null
  mcpScopes: '*' | ReadonlySet<string>
  /** Null when none are accepted. */
  documents: ClientDocuments | null
  stepUps: StepUps
  /** One of each pool whose tokens are accepted. */
  issuers: readonly string[]
  /** The pool at which users log in: every `iss` that it may have, and where its keys are. */
  loginPool: { issuers: readonly string[]; jwksUrl: string }
}

/** Paths on the gateway, as its metadata names them. */
export const OAUTH_PATHS = {
  authorize: '/oauth2/authorize',
  consent: '/oauth2/consent',
  callback: '/oauth2/callback/mcp',
  token: '/oauth2/token',
  register: '/oauth2/register',
  revoke: '/oauth2/revoke',
} as const

/** The scopes that MCP clients may ask for, in the policy's order. */
export function grantableScopes({ mcpScopes }: Pick<OAuthService, 'mcpScopes'>, scopes: readonly string[]): string[] {
  return scopes.filter((scope) => mcpScopes === '*' || mcpScopes.has(scope))
}

/** Those of a server; of the whole policy when none is named. */
export const scopesOfResource = (service: Pick<OAuthService, 'mcpScopes'>, policy: Policy, server: string | null): string[] =>
  grantableScopes(service, server === null ? policy.scopes : policy.scopesFor(server))
