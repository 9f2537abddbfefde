/** A decision in the words of the contract with NGINX: status and headers, nothing that could break either. */
import type { Principal } from './principal.ts'
import { type Reason, refusal } from './refusal.ts'

export type Decision =
  | { kind: 'allow'; principal: Principal; allowSet: string | null; cacheSeconds: number }
  | { kind: 'refuse'; reason: Reason; principal: Principal | null; scope: string | null }

export interface Reply {
  status: 204 | 401 | 403 | 500 | 503
  headers: Record<string, string>
}

/** Longest `X-Mcp-Allow`; NGINX asks for every call when it is left out. */
export const MAX_ALLOW_SET = 4096
/** Longest list of groups or scopes. NGINX gives an answer's head 32 KB; a list that does not fit is left out, never cut. */
const MAX_LIST = 8192

/**
 * @param decision what was decided
 * @param server the server it was decided for
 * @param gateway public URL of the gateway, without a final slash
 */
export function reply(decision: Decision, server: string, gateway: string): Reply {
  if (decision.kind === 'allow') return { status: 204, headers: identityHeaders(decision, server) }
  const { reason, scope } = decision
  const { status, message } = refusal(reason)
  const headers: Record<string, string> = { 'X-Gatehouse-Reason': reason, 'X-Gatehouse-Message': sentence(message, scope) }
  if (decision.principal) headers['X-User'] = visibleAscii(decision.principal.user)
  const challenge = status === 401 || status === 403 ? challengeFor(reason, server, scope, gateway) : null
  if (challenge) headers['WWW-Authenticate'] = challenge
  return { status, headers }
}

function identityHeaders({ principal, allowSet, cacheSeconds }: Decision & { kind: 'allow' }, server: string): Record<string, string> {
  const user = visibleAscii(principal.user)
  const headers: Record<string, string> = {
    'X-User': user,
    'X-Username': user,
    'X-Client-Id': visibleAscii(principal.clientId),
    'X-Scopes': list(principal.scopes),
    'X-Groups': list(principal.groups),
    'X-Auth-Method': principal.authMethod,
    'X-Server-Name': server,
  }
  if (allowSet !== null) headers['X-Mcp-Allow'] = allowSet
  if (cacheSeconds > 0) headers['X-Accel-Expires'] = String(cacheSeconds)
  return headers
}

/** RFC 6750 section 3, RFC 9728 section 5.1. Every value comes from configuration or from our own table. */
function challengeFor(reason: Reason, server: string, scope: string | null, gateway: string): string {
  const { error, message } = refusal(reason)
  const parameters = [`realm="mcp"`, `resource_metadata="${resourceMetadataUrl(gateway, server)}"`]
  if (scope !== null) parameters.push(`scope="${scope}"`)
  if (error !== null) parameters.push(`error="${error}"`, `error_description="${sentence(message, scope)}"`)
  return `Bearer ${parameters.join(', ')}`
}

/** Where the protected resource metadata of a server is published (RFC 9728 section 3.1). */
export const resourceMetadataUrl = (gateway: string, server: string): string =>
  `${gateway}/.well-known/oauth-protected-resource/${server}/mcp`

function sentence(message: string, scope: string | null): string {
  return scope !== null && message.startsWith('You may not') ? `${message} It takes the scope ${scope}.` : message
}

/** Percent-encodes everything but visible ASCII, and the percent sign itself, so that decoding gives the value back. */
export function visibleAscii(value: string): string {
  return value.replace(/[^\x21-\x24\x26-\x7e]+/gu, (part) =>
    Buffer.from(part, 'utf8').reduce((text, byte) => `${text}%${byte.toString(16).toUpperCase().padStart(2, '0')}`, ''),
  )
}

/** Space-separated, each member percent-encoded; the comma too, because readers of lists trip over it. */
function list(values: readonly string[]): string {
  const text = values.map((value) => visibleAscii(value).replaceAll(',', '%2C')).join(' ')
  return text.length > MAX_LIST ? '' : text
}
