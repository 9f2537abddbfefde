/** A decision in the words of the contract with NGINX: status and headers, nothing that could break either. */
import type { Lacking } from './challenge.ts'
import type { Principal } from './principal.ts'
import { type Reason, refusal } from './refusal.ts'

export type Decision =
  | { kind: 'allow'; principal: Principal; allowSet: string | null; cacheSeconds: number }
  | {
      kind: 'refuse'
      reason: Reason
      principal: Principal | null
      /** Scopes that the client had better ask for, separated by spaces; null when asking for scopes does not help. */
      scope: string | null
      /** What a known caller lacks; null for strangers and where it is not a matter of rights. */
      lacking: Lacking | null
    }

/** `sse` is that of MCP 2024-11-05. Clients compare the resource of the metadata with the address that they have. */
export type Transport = 'mcp' | 'sse'

/** It must not be changed: the same yes is given again. */
export interface Reply {
  readonly status: 204 | 401 | 403 | 500 | 503
  readonly headers: Readonly<Record<string, string>>
}

/** Longest `X-Mcp-Allow`; NGINX asks for every call when it is left out. */
export const MAX_ALLOW_SET = 4096
/** Longest one in the answer about a list; the list shows nothing when it is left out there. */
export const MAX_LIST_SET = 24_576
/** Longest list of groups or scopes. NGINX gives an answer's head 64 KB; a list that does not fit is left out, never cut. */
const MAX_LIST = 8192

/**
 * @param decision what was decided
 * @param server the server it was decided for
 * @param gateway public URL of the gateway, without a final slash
 * @param transport the end of the address that the client has for the server
 */
export function reply(decision: Decision, server: string, gateway: string, transport: Transport = 'mcp'): Reply {
  if (decision.kind === 'allow') return recall(decision, server)
  const { reason, principal, lacking } = decision
  const { status, message } = refusal(reason)
  const told = sentence(message, lacking)
  const headers: Record<string, string> = { 'X-Gatehouse-Reason': reason, 'X-Gatehouse-Message': told }
  if (principal) headers['X-User'] = visibleAscii(principal.user)
  if (status === 401 || status === 403)
    headers['WWW-Authenticate'] = challengeFor(decision, told, resourceMetadataUrl(gateway, server, transport))
  return { status, headers }
}

interface Ready {
  allowSet: string | null
  cacheSeconds: number
  server: string
  reply: Reply
}

/** The last yes that may be remembered, and the last other one. A principal is good for one server and one policy. */
const ready = new WeakMap<Principal, { remembered: Ready | null; once: Ready | null }>()

function recall(decision: Decision & { kind: 'allow' }, server: string): Reply {
  const { principal, allowSet, cacheSeconds } = decision
  const slot = cacheSeconds > 0 ? 'remembered' : 'once'
  const last = ready.get(principal)
  const found = last?.[slot]
  if (found && found.allowSet === allowSet && found.cacheSeconds === cacheSeconds && found.server === server) return found.reply
  const made: Ready = { allowSet, cacheSeconds, server, reply: { status: 204, headers: identityHeaders(decision, server) } }
  if (last) last[slot] = made
  else ready.set(principal, { remembered: null, once: null, [slot]: made })
  return made.reply
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

/**
 * RFC 6750 section 3, RFC 9728 section 5.1. Every value comes from configuration or from our own table. Where no scope would help, `error`
 * is not the one on which MCP clients fetch a new token (MCP, authorization, step-up), but the general no of RFC 6749 section 4.1.2.1.
 */
function challengeFor({ reason, scope, lacking }: Decision & { kind: 'refuse' }, told: string, metadata: string): string {
  const error = lacking === null || lacking.remedy === 'token' ? refusal(reason).error : 'access_denied'
  const parameters = [`realm="mcp"`, `resource_metadata="${metadata}"`]
  if (scope !== null) parameters.push(`scope="${scope}"`)
  if (error !== null) parameters.push(`error="${error}"`, `error_description="${told}"`)
  return `Bearer ${parameters.join(', ')}`
}

/** Where the protected resource metadata of a server is published (RFC 9728 section 3.1). */
export const resourceMetadataUrl = (gateway: string, server: string, transport: Transport): string =>
  `${gateway}/.well-known/oauth-protected-resource/${server}/${transport}`

/** `gatehouse` commands and agents look for "It takes the scope" in it, since a challenge does not always name one. */
function sentence(message: string, lacking: Lacking | null): string {
  switch (lacking?.remedy) {
    case undefined:
      return message
    case 'token':
      return `${message} It takes the scope ${lacking?.scope}.`
    case 'client':
      return `${message} It takes the scope ${lacking?.scope}, which MCP clients are not given here: ask whoever sets MCP_SCOPES.`
    case 'group':
      return `${message} It takes the scope ${lacking?.scope}, which none of your groups has: no new sign-in helps, ask whoever keeps scopes.yml.`
    case 'nothing':
      return `${message} No scope opens it: ask whoever keeps scopes.yml.`
  }
}

/** Tells NGINX that pages of the origin may read the answer (Fetch, CORS protocol), whatever was decided. Never with their cookies. */
export const corsHeaders = (origin: string | undefined, allowed: ReadonlySet<string>): Record<string, string> =>
  origin !== undefined && allowed.has(origin) ? { 'Access-Control-Allow-Origin': origin } : {}

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
