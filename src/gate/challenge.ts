/** Which scopes a refusal names: for a stranger what opens the conversation, for a known caller what opens the very call, if it can help. */
import type { Call } from './call.ts'
import type { Policy } from './policy.ts'
import type { Principal } from './principal.ts'

/** What may be asked for by those who act on a challenge. */
export interface ChallengeScopes {
  /** Whether strangers are told all scopes of the server, instead of those that begin a conversation. */
  all: boolean
  /**
   * Whether a scope may be asked for; null when all may.
   * @param clientId the app client of the token at hand; null for a stranger, who will come by the one for MCP clients
   */
  allowed: ((scope: string, clientId: string | null) => boolean) | null
}

export const EVERY_SCOPE: ChallengeScopes = { all: false, allowed: null }

/**
 * As the settings say. Other app clients than the one for MCP clients have limits of their own in Cognito.
 * @param askable what may be asked for through the app client that stands for MCP clients
 */
export function challengeScopesOf(
  told: 'operation' | 'server',
  askable: '*' | ReadonlySet<string>,
  mcpClient: string | null,
): ChallengeScopes {
  const all = told === 'server'
  if (askable === '*') return { all, allowed: null }
  return { all, allowed: (scope, clientId) => askable.has(scope) || (clientId !== null && clientId !== mcpClient) }
}

/** What would let a known caller pass. */
export type Lacking =
  /** `token`: a new token with the scope; `client`: that token, but the app client may not ask for it; `group`: other groups. */
  | { remedy: 'token' | 'client' | 'group'; scope: string }
  /** No scope opens it to anybody. */
  | { remedy: 'nothing'; scope: null }

interface Rules {
  policy: Policy
  challengeScopes: ChallengeScopes
}

export const NOTHING: Lacking = { remedy: 'nothing', scope: null }

/** Most scopes that a stranger is told. Clients ask for all of them at once, and authorization servers show them to people. */
const MOST_TO_BEGIN = 8
const MOST_OF_SERVER = 32
/** Longest list, in characters: readers of heads give up at 8 KB or 16 KB. */
const LONGEST = 4096

/**
 * The scopes for somebody who is not known yet: each of these would begin a conversation, and which of them a user's groups have turns out
 * at the login. Null when there is none, or when `all` are too many.
 */
export function scopeForStrangers(server: string, policy: Policy, { all, allowed }: ChallengeScopes): string | null {
  const grantable = (scopes: readonly string[]): readonly string[] =>
    allowed === null ? scopes : scopes.filter((scope) => allowed(scope, null))
  if (all) return listed(grantable(policy.scopesFor(server)), MOST_OF_SERVER)
  const beginning = listed(grantable(policy.beginning(server)), MOST_TO_BEGIN)
  return beginning ?? policy.missingScope([], server, null, allowed === null ? undefined : grantable(policy.scopesFor(server)))
}

function listed(scopes: readonly string[], most: number): string | null {
  if (scopes.length === 0 || scopes.length > most) return null
  const text = scopes.join(' ')
  return text.length > LONGEST ? null : text
}

/**
 * What the caller lacks for the call, or without one for the server. RFC 6750 section 3.1: `scope` of a challenge is what is necessary;
 * one scope opens a call by itself, so one is enough.
 */
export function lackingFor(principal: Principal, server: string, call: Call | null, { policy, challengeScopes }: Rules): Lacking {
  const { scopes: held, attainable, clientId } = principal
  const scope = attainable === null ? null : policy.missingScope(held, server, call, attainable)
  if (scope === null) {
    const opening = policy.missingScope(held, server, call)
    return opening === null ? NOTHING : { remedy: attainable === null ? 'token' : 'group', scope: opening }
  }
  const { allowed } = challengeScopes
  if (allowed === null) return { remedy: 'token', scope }
  const grantable = attainable?.filter((one) => allowed(one, clientId)) ?? []
  const helpful = policy.missingScope(held, server, call, grantable)
  return helpful === null ? { remedy: 'client', scope } : { remedy: 'token', scope: helpful }
}
