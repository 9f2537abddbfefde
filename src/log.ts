/** One JSON line an event, on stdout. Credentials cannot get in: only the fields named here are written. */
import pino, { type Logger } from 'pino'
import { refusal } from './gate/refusal.ts'
import type { Decision } from './gate/reply.ts'

export type { Logger }

/** @param level of pino: trace to fatal, or silent */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: { service: 'gatehouse' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: escapeControls },
  })
}

/** JSON escapes the controls below the space only; terminals obey DEL and those of U+0080 to U+009F as well. */
const escapeControls = (line: string): string => line.replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`)

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
}

/** Writes the audit line of a decision. Values from clients are cut to 512 characters; JSON escapes what they hold. */
export function logDecision(log: Logger, decision: Decision, line: DecisionLine): void {
  const { principal } = decision
  const entry = {
    request_id: cut(line.requestId),
    server: cut(line.server),
    http_method: cut(line.httpMethod),
    ...(line.method ? { method: cut(line.method) } : {}),
    ...(line.name ? { name: cut(line.name) } : {}),
    path: cut(line.url.split('?', 1)[0] ?? ''),
    user: principal?.user ?? null,
    client_id: principal?.clientId ?? null,
    auth_method: principal?.authMethod ?? null,
    decision: decision.kind,
    ...(decision.kind === 'refuse' ? { reason: decision.reason, status: refusal(decision.reason).status } : { status: 204 }),
    us: line.microseconds,
  }
  log.info(entry, 'decision')
}

const cut = (text: string): string => (text.length > 512 ? `${text.slice(0, 512)}…` : text)
