/** From NGINX's question to the answer, and its line in the log. */

import { type Awaitable, andThen } from './gate/awaitable.ts'
import { decodeCall } from './gate/call.ts'
import { decide, type Gate } from './gate/decide.ts'
import { corsHeaders, type Decision, type Reply, reply } from './gate/reply.ts'
import { type Logger, logDecision } from './log.ts'
import type { Asked } from './question.ts'

export interface Answering {
  /** The client of a sign-in has been told to come back with more scopes. */
  onStepUp(signIn: string): void
  log: Logger
}

/** Answers at once where everything that it takes is remembered. It throws or rejects only where a dependency does. */
export function validate(asked: Asked, gate: Gate, answering: Answering): Awaitable<Reply> {
  const started = performance.now()
  return andThen(decide(asked, gate), (decision) => {
    if (decision.kind === 'refuse' && decision.lacking?.remedy === 'token' && decision.principal?.signIn)
      answering.onStepUp(decision.principal.signIn)
    const answer = reply(decision, asked.server, gate.gateway, asked.transport)
    note(decision, asked, started, answering.log)
    const { origin } = asked
    return origin === undefined ? answer : { ...answer, headers: { ...answer.headers, ...corsHeaders(origin, gate.allowedOrigins) } }
  })
}

function note(decision: Decision, { call, requestId, server, httpMethod, url }: Asked, started: number, log: Logger): void {
  const { method = '', name = null } = (call && decodeCall(call)) || {}
  const microseconds = Math.floor((performance.now() - started) * 1000)
  logDecision(log, decision, { requestId, server, httpMethod, method, name: name ?? '', url, microseconds })
}
