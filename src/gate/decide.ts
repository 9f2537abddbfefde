/** The decision: headers in, allow or refusal out. The default is no, and one line says yes. */
import { type Awaitable, andThen } from './awaitable.ts'
import { type Call, decodeCall, EVERY_CALL, NAMED } from './call.ts'
import { type ChallengeScopes, type Lacking, lackingFor, NOTHING, scopeForStrangers } from './challenge.ts'
import { findCredentials } from './credentials.ts'
import type { Policy } from './policy.ts'
import type { AccessToken, Principal, Session } from './principal.ts'
import type { Reason } from './refusal.ts'
import type { Decision } from './reply.ts'
import { type Standing, standingOfSession, standingOfToken } from './standing.ts'

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

/** It must not be changed: what follows from it for a caller is worked out once, so another policy is another gate. */
export interface Gate {
  readonly policy: Policy
  /** The same object again for a token that is remembered. */
  verifyToken(token: string): Awaitable<Verified<AccessToken>>
  /**
   * What is remembered for the whole of an `Authorization` header: the same as for its token, which then need not be looked for. Undefined
   * when there is nothing that is good still.
   */
  recallToken?(authorization: string): Verified<AccessToken> | undefined
  /** Likewise for a session. */
  openSession(seal: string): Awaitable<Verified<Session>>
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
 * Decides whether the caller may use the server at all (without a call), or may make this very call, or every one there is.
 * Bad input is a refusal with its reason; it throws or rejects only where a dependency does. What is remembered is decided at once.
 */
export function decide(question: Question, gate: Gate): Awaitable<Decision> {
  const { server, httpMethod, origin } = question
  if (!server || !gate.isServer(server) || !httpMethod) return no('question_malformed')
  const call = question.call ? decodeCall(question.call) : null
  if (question.call && call === null) return no('question_malformed')
  // MCP, transports, security warning: a page of a foreign site must not reach a server through its visitor's browser.
  if (origin && !gate.allowedOrigins.has(origin)) return no('origin_not_allowed')
  return andThen(standingOf(question, server, gate), (caller) =>
    caller.ok
      ? judge(caller.value, server, httpMethod, call, gate)
      : no(caller.reason, scopeForStrangers(server, gate.policy, gate.challengeScopes)),
  )
}

function judge(standing: Standing, server: string, httpMethod: string, call: Call | null, gate: Gate): Decision {
  const { principal } = standing
  if (!HTTP_METHODS.includes(httpMethod)) return lacks('method_not_allowed', principal, NOTHING)
  const obstacle = missingRight(standing, server, call, gate.policy)
  if (obstacle !== null)
    return lacks(obstacle, principal, lackingFor(principal, server, call, gate), usefulScopes(principal, server, gate.policy))
  return {
    kind: 'allow',
    principal,
    allowSet: standing.allowSet(call),
    cacheSeconds: call === null ? secondsToRemember(principal, gate) : 0,
  }
}

/** Seconds that NGINX may wait for an answer, rounded up: so much later the remembering may begin. */
const ANSWER_WITHIN = 0.5

/**
 * How long NGINX may remember a yes to the question who it is. To NGINX an answer of n seconds is good until the n-th second by its clock is
 * over (ngx_http_file_cache_read), which may be n + 1 seconds: the last one is taken off, so that it counts neither beyond the end nor for
 * longer than it was set to.
 */
function secondsToRemember({ expiresAt }: Principal, { decisionCacheSeconds, now }: Gate): number {
  return Math.max(0, Math.min(decisionCacheSeconds, Math.floor(expiresAt - now() - ANSWER_WITHIN)) - 1)
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

function missingRight({ principal, opens }: Standing, server: string, call: Call | null, policy: Policy): Reason | null {
  if (!opens) return 'server_not_allowed'
  if (call === null || policy.permits(principal.scopes, server, call)) return null
  // To a gate that cannot tell calls apart a server is open or it is not.
  if (call === EVERY_CALL) return 'server_not_allowed'
  return NAMED.has(call.method) ? 'name_not_allowed' : 'method_not_allowed'
}

/** @param server null when it is only asked who the caller is */
export function identify(caller: Credential, server: string | null, gate: Gate): Awaitable<Verified<Principal>> {
  return andThen(standingOf(caller, server, gate), (found) => (found.ok ? { ok: true, value: found.value.principal } : found))
}

type Credential = Pick<Question, 'authorization' | 'cookie'>

function standingOf({ authorization, cookie }: Credential, server: string | null, gate: Gate): Awaitable<Verified<Standing>> {
  const recalled = authorization ? gate.recallToken?.(authorization) : undefined
  if (recalled?.ok) return standingOfToken(recalled.value, server, gate)
  const credentials = findCredentials(authorization, cookie, gate.cookieName)
  switch (credentials.kind) {
    case 'none':
      return { ok: false, reason: 'no_credentials' }
    case 'malformed':
      return { ok: false, reason: credentials.reason }
    case 'bearer':
      return andThen(gate.verifyToken(credentials.token), (token) => (token.ok ? standingOfToken(token.value, server, gate) : token))
    case 'session':
      return andThen(gate.openSession(credentials.seal), (session) =>
        session.ok ? standingOfSession(session.value, server, gate) : session,
      )
  }
}
