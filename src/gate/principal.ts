/** Who a verified credential stands for, and with which scopes. Verification itself is done elsewhere. */
import type { Policy } from './policy.ts'

/** What is used of a verified Cognito access token. */
export interface AccessToken {
  clientId: string
  /** Null for a machine: client-credentials tokens of Cognito carry no `username`. */
  username: string | null
  groups: readonly string[]
  scopes: readonly string[]
  /** `origin_jti`: the sign-in that it comes from, the same after a refresh. */
  signIn?: string
  /** `aud`, which Cognito sets only by resource binding (RFC 8707); null when absent. */
  audience: readonly string[] | null
  /** Seconds since 1970. */
  expiresAt: number
}

/** What a sealed session cookie holds. */
export interface Session {
  id: string
  username: string
  clientId: string
  groups: readonly string[]
  /** Seconds since 1970. */
  issuedAt: number
  expiresAt: number
}

export interface Principal {
  user: string
  clientId: string
  groups: readonly string[]
  /** Effective scopes: only names that `scopes.yml` knows. */
  scopes: readonly string[]
  /** What another token could bring into effect at most: the scopes of a user's groups; null for an agent, of whom Cognito alone decides. */
  attainable: readonly string[] | null
  /** The sign-in that a user's token comes from, where it says so. */
  signIn?: string
  authMethod: 'jwt' | 'session_cookie'
  expiresAt: number
}

/**
 * An agent holds the scopes granted to its app client. A user holds what the groups grant; custom scopes in the user's token
 * can only narrow that, because an app client's grant says what the client may ask for, not what the user may do.
 */
export function principalOfToken(token: AccessToken, policy: Policy): Principal {
  const granted = token.scopes.filter((scope) => policy.knows(scope))
  const common = { clientId: token.clientId, authMethod: 'jwt' as const, expiresAt: token.expiresAt }
  if (token.username === null) return { ...common, user: token.clientId, groups: [], scopes: granted, attainable: null }
  const ofGroups = policy.scopesOf(token.groups)
  // Not by what is known alone: a scope that is taken out of the policy must not make the token good for everything else.
  const narrowed = token.scopes.some((scope) => policy.narrows(scope))
  const scopes = narrowed ? ofGroups.filter((scope) => granted.includes(scope)) : ofGroups
  const signIn = token.signIn === undefined ? {} : { signIn: token.signIn }
  return { ...common, ...signIn, user: token.username, groups: token.groups, scopes, attainable: ofGroups }
}

export function principalOfSession(session: Session, policy: Policy): Principal {
  const scopes = policy.scopesOf(session.groups)
  return {
    user: session.username,
    clientId: session.clientId,
    groups: session.groups,
    scopes,
    attainable: scopes,
    authMethod: 'session_cookie',
    expiresAt: session.expiresAt,
  }
}

/**
 * RFC 8707 section 2: a token bound to a resource is good for that resource alone. The gateway's own URL stands for all servers.
 * A final slash is ignored, because clients differ in sending it.
 * @param server null for whatever this gateway guards
 */
export function audienceFits(audience: readonly string[] | null, gateway: string, server: string | null): boolean {
  if (audience === null) return true
  if (server === null) return audience.some((one) => `${one}/`.startsWith(`${gateway}/`))
  const base = `${gateway}/${server}`
  const accepted = [gateway, base, `${base}/mcp`, `${base}/sse`]
  return audience.some((one) => accepted.includes(one.endsWith('/') ? one.slice(0, -1) : one))
}
