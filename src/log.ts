/** One JSON line an event, on stdout. Credentials cannot get in: only the fields named here are written. */
import pino, { type Logger } from 'pino'
import { type DecisionLine, decisionLine, escapeControls } from './decision_line.ts'
import type { Decision } from './gate/reply.ts'
import { createDestination } from './log_destination.ts'

export type { DecisionLine, Logger }

/** @param level of pino: trace to fatal, or silent */
export function createLog(level: string): Logger {
  const destination = createDestination({
    // Asked for by its stream and not as 1, because that makes a pipe one that refuses when it is full, instead of holding the process.
    fd: process.stdout.fd,
    onDropped: (lines) => log.warn({ lines }, 'log lines dropped: whoever reads them is too slow'),
  })
  const options: pino.LoggerOptions = {
    level,
    base: { service: 'gatehouse' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: escapeControls },
  }
  const log = pino(options, destination)
  return log
}

/** Writes the audit line of a decision. */
export function logDecision(log: Logger, decision: Decision, line: DecisionLine): void {
  if (!log.isLevelEnabled('info')) return
  const stream = (log as unknown as { [pino.symbols.streamSym]: pino.DestinationStream })[pino.symbols.streamSym]
  stream.write(decisionLine(decision, line, Date.now()))
}
