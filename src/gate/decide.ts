/** The decision: headers in, allow or refusal out. The default is no, and one line says yes. */
import { type Call, decodeCall, LISTS, NAMED } from './call.ts'
import { type ChallengeScopes, type Lacking, lackingFor, NOTHING, scopeForStrangers } from './challenge.ts'
import { findCredentials } from './credentials.ts'
import type { Policy } from './policy.ts'
import { type AccessToken, audienceFits, type Principal, principalOfSession, principalOfToken, type Session } from './principal.ts'
import type { Reason } from './refusal.ts'
import { type Decision, MAX_ALLOW_SET, MAX_LIST_SET } from './reply.ts'

/** What NGINX asks, header by header. Empty and missing are the same. */
export interface Question {
  authorization: string | undefined
  cookie: string | undefined
  origin: string | undefined
  server: string | undefined
  httpMethod: string | undefined
  call: string | undefined
}

export type Verified<T> = { ok: true; value: T } | { ok: false; reason: Reason }

export interface Gate {
  policy: Policy
  verifyToken(token: string): Promise<Verified<AccessToken>>
  openSession(seal: string): Promise<Verified<Session>>
  isServer(name: string): boolean
  /** Seconds since 1970. */
  now(): number
  cookieName: string
  /** Public URL of the gateway, without a final slash. */
  gateway: string
  allowedOrigins: ReadonlySet<string>
  challengeScopes: ChallengeScopes
  decisionCacheSeconds: number
}

/** OPTIONS passes here for NGINX to answer: a stranger's is 401, or the answer to a browser's preflight; everybody else's is 405. */
const HTTP_METHODS: readonly string[] = ['GET', 'POST', 'DELETE', 'OPTIONS']

/**
 * Decides whether the caller may use the server at all (without a call) or may make this very call.
 * Bad input is a refusal with its reason; it throws only where a dependency does.
 */
export async function decide(question: Question, gate: Gate): Promise<Decision> {
  const { server, httpMethod, origin } = question
  if (!server || !gate.isServer(server) || !httpMethod) return no('question_malformed')
  const call = question.call ? decodeCall(question.call) : null
  if (question.call && call === null) return no('question_malformed')
  // MCP, transports, security warning: a page of a foreign site must not reach a server through its visitor's browser.
  if (origin && !gate.allowedOrigins.has(origin)) return no('origin_not_allowed')

  const caller = await identify(question, server, gate)
  if (!caller.ok) return no(caller.reason, scopeForStrangers(server, gate.policy, gate.challengeScopes))
  const principal = caller.value
  if (!HTTP_METHODS.includes(httpMethod)) return lacks('method_not_allowed', principal, NOTHING)
  const obstacle = missingRight(principal, server, call, gate.policy)
  if (obstacle !== null)
    return lacks(obstacle, principal, lackingFor(principal, server, call, gate), usefulScopes(principal, server, gate.policy))
  return {
    kind: 'allow',
    principal,
    allowSet: allowSetFor(principal.scopes, server, call, gate.policy),
    cacheSeconds: Math.max(0, Math.min(gate.decisionCacheSeconds, Math.floor(principal.expiresAt - gate.now()))),
  }
}

const no = (reason: Reason, scope: string | null = null): Decision => {
  return { kind: 'refuse', reason, principal: null, scope, lacking: null }
}

const lacks = (reason: Reason, principal: Principal, lacking: Lacking, useful: readonly string[] = []): Decision => {
  return { kind: 'refuse', reason, principal, scope: lacking.remedy === 'token' ? [...useful, lacking.scope].join(' ') : null, lacking }
}

/**
 * What a user's token is good for on the server. Clients up to MCP 2025-11-25 ask for exactly what a challenge names, and would lose it with
 * the new token (there, "Runtime Insufficient Scope Errors"); later ones add up by themselves. An agent gets its scopes from Cognito alone.
 */
function usefulScopes({ attainable, scopes }: Principal, server: string, policy: Policy): string[] {
  const useful = attainable === null ? [] : scopes.filter((scope) => policy.opens([scope], server))
  return useful.length <= MOST_USEFUL ? useful : []
}

/** A challenge must fit into the head of an answer. */
const MOST_USEFUL = 16

/** What NGINX lets calls pass by; for the call of a list what it shows of the list, which may be more than has room in every answer. */
function allowSetFor(scopes: readonly string[], server: string, call: Call | null, policy: Policy): string | null {
  const shown = LISTS.get(call?.method ?? '')
  if (shown === undefined) return policy.allowSet(scopes, server, MAX_ALLOW_SET)
  return policy.allowSet(scopes, server, MAX_LIST_SET, shown)
}

function missingRight(principal: Principal, server: string, call: Call | null, policy: Policy): Reason | null {
  if (!policy.opens(principal.scopes, server)) return 'server_not_allowed'
  if (call === null || policy.permits(principal.scopes, server, call)) return null
  return NAMED.has(call.method) ? 'name_not_allowed' : 'method_not_allowed'
}

/** @param server null when it is only asked who the caller is */
export async function identify(
  { authorization, cookie }: Pick<Question, 'authorization' | 'cookie'>,
  server: string | null,
  gate: Gate,
): Promise<Verified<Principal>> {
  const credentials = findCredentials(authorization, cookie, gate.cookieName)
  switch (credentials.kind) {
    case 'none':
      return { ok: false, reason: 'no_credentials' }
    case 'malformed':
      return { ok: false, reason: credentials.reason }
    case 'bearer': {
      const token = await gate.verifyToken(credentials.token)
      if (!token.ok) return token
      if (!audienceFits(token.value.audience, gate.gateway, server)) return { ok: false, reason: 'token_audience' }
      return { ok: true, value: principalOfToken(token.value, gate.policy) }
    }
    case 'session': {
      const session = await gate.openSession(credentials.seal)
      return session.ok ? { ok: true, value: principalOfSession(session.value, gate.policy) } : session
    }
  }
}
