/**
 * The audit line of a decision, character for character what pino would make of the same fields. There is one for every question, and
 * made by a general serialiser it costs more than the answer.
 */
import type { Principal } from './gate/principal.ts'
import { refusal } from './gate/refusal.ts'
import type { Decision } from './gate/reply.ts'

export interface DecisionLine {
  requestId: string
  server: string
  httpMethod: string
  /** The call of step 2; both empty in step 1. */
  method: string
  name: string
  /** For a reader's eyes alone; the query is cut off, because it may hold what must not be kept. */
  url: string
  microseconds: number
  /** Of the trace that the request is part of; empty when there is none. */
  traceId: string
}

/**
 * One line of JSON. Values from clients are cut to 512 characters, and what they hold is escaped.
 * @param milliseconds since 1970
 */
export function decisionLine(decision: Decision, line: DecisionLine, milliseconds: number): string {
  const called = (line.method && `,"method":${quoted(cut(line.method))}`) + (line.name && `,"name":${quoted(cut(line.name))}`)
  const trace = line.traceId && `,"trace_id":"${line.traceId}"`
  return (
    `${opening(milliseconds)}${quoted(cut(line.requestId))}${trace},` +
    `"server":${quoted(cut(line.server))},"http_method":${quoted(cut(line.httpMethod))}${called},` +
    `"path":${quoted(cut(pathOf(line.url)))},${outcome(decision)}${line.microseconds},"msg":"decision"}\n`
  )
}

let last = { milliseconds: Number.NaN, text: '' }

/** Many lines fall into one millisecond. */
function opening(milliseconds: number): string {
  if (milliseconds !== last.milliseconds) {
    const time = new Date(milliseconds).toISOString()
    last = { milliseconds, text: `{"level":"info","time":"${time}","service":"gatehouse","request_id":` }
  }
  return last.text
}

/** By principal, who is the same object for as long as the caller is remembered. */
const allowed = new WeakMap<Principal, string>()

/** Who, and what was decided. */
function outcome(decision: Decision): string {
  if (decision.kind === 'refuse') {
    const { principal, reason } = decision
    return `${who(principal)},"decision":"refuse","reason":"${reason}","status":${refusal(reason).status},"us":`
  }
  const known = allowed.get(decision.principal)
  if (known !== undefined) return known
  const text = `${who(decision.principal)},"decision":"allow","status":204,"us":`
  allowed.set(decision.principal, text)
  return text
}

const who = (principal: Principal | null): string =>
  principal
    ? `"user":${quoted(principal.user)},"client_id":${quoted(principal.clientId)},"auth_method":"${principal.authMethod}"`
    : '"user":null,"client_id":null,"auth_method":null'

const cut = (text: string): string => (text.length > 512 ? `${text.slice(0, 512)}…` : text)

function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

const ODD = /[^ !#-[\]-~]/
const quoted = (text: string): string => (ODD.test(text) ? escapeControls(JSON.stringify(text)) : `"${text}"`)

/** JSON escapes the controls below the space only; terminals obey DEL and those of U+0080 to U+009F as well. */
export const escapeControls = (line: string): string =>
  line.replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`)
