/** From NGINX's question to the answer, and its line in the log. */

import { type Awaitable, andThen } from './gate/awaitable.ts'
import { decodeCall } from './gate/call.ts'
import { decide, type Gate } from './gate/decide.ts'
import type { Policy } from './gate/policy.ts'
import { corsHeaders, type Decision, type Reply, reply } from './gate/reply.ts'
import { type Logger, logDecision } from './log.ts'
import type { Asked } from './question.ts'
import { traceIdOf } from './trace.ts'

export interface Answering {
  /** The client of a sign-in has been told to come back with more scopes. */
  onStepUp(signIn: string): void
  /** Told of each decision, where anybody counts them. */
  onDecision?: ((decision: Decision, asked: Asked, policy: Policy, microseconds: number) => void) | undefined
  log: Logger
}

/** Answers at once where everything that it takes is remembered. It throws or rejects only where a dependency does. */
export function validate(asked: Asked, gate: Gate, answering: Answering): Awaitable<Reply> {
  const started = performance.now()
  return andThen(decide(asked, gate), (decision) => {
    if (decision.kind === 'refuse' && decision.lacking?.remedy === 'token' && decision.principal?.signIn)
      answering.onStepUp(decision.principal.signIn)
    const answer = reply(decision, asked.server, gate.gateway, asked.transport)
    const microseconds = (performance.now() - started) * 1000
    answering.onDecision?.(decision, asked, gate.policy, microseconds)
    note(decision, asked, microseconds, answering.log)
    const { origin } = asked
    return origin === undefined ? answer : { ...answer, headers: { ...answer.headers, ...corsHeaders(origin, gate.allowedOrigins) } }
  })
}

function note(decision: Decision, asked: Asked, microseconds: number, log: Logger): void {
  const { call, requestId, server, httpMethod, url, traceparent } = asked
  const { method = '', name = null } = (call && decodeCall(call)) || {}
  const traceId = traceIdOf(traceparent)
  const line = { requestId, server, httpMethod, method, name: name ?? '', url, microseconds: Math.floor(microseconds), traceId }
  logDecision(log, decision, line)
}
