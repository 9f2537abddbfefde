/** The collector: spans go there in batches, and what is wrong with it is told once, however many batches are lost. */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { TracingSettings } from '../config_tracing.ts'
import type { Logger } from '../log.ts'

/** Milliseconds between two lines that say that the collector does not take anything. */
const QUIET = 60_000

export function createExporter(protocol: TracingSettings['protocol'], log: Logger): SpanExporter {
  // Connections that wait for more spans do not hold the process.
  const httpAgentOptions = (scheme: string) => new (scheme === 'https:' ? HttpsAgent : HttpAgent)({ keepAlive: true })
  const inner: SpanExporter = protocol === 'http/json' ? new JsonExporter({ httpAgentOptions }) : new ProtobufExporter({ httpAgentOptions })
  const note = createNote(log)
  return {
    export: (spans, done) =>
      inner.export(spans, (result) => {
        note(spans.length, result.error)
        done(result)
      }),
    forceFlush: () => inner.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => inner.shutdown(),
  }
}

/** What came of each batch; nothing that the collector has said gets into the log. */
function createNote(log: Logger): (spans: number, error: Error | undefined) => void {
  let [lost, lastTold] = [0, Number.NEGATIVE_INFINITY]
  return (spans, error) => {
    if (error === undefined) {
      if (lost > 0) log.info({ lost }, 'collector takes spans again')
      ;[lost, lastTold] = [0, Number.NEGATIVE_INFINITY]
      return
    }
    lost += spans
    if (performance.now() - lastTold < QUIET) return
    lastTold = performance.now()
    log.warn({ lost, error: codeOf(error) }, 'collector does not take spans')
  }
}

/** Of the system, or the status of HTTP. */
function codeOf(error: Error & { code?: unknown }): string {
  if (typeof error.code === 'number') return `HTTP ${error.code}`
  if (typeof error.code === 'string') return error.code
  return error.message === 'Request timed out' ? 'ETIMEDOUT' : 'no success'
}
