/** Each decision as a span of OpenTelemetry, in the trace that the request is part of. Loaded only where there is a collector. */
import { randomUUID } from 'node:crypto'
import { type Context, DiagLogLevel, diag, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { setGlobalErrorHandler } from '@opentelemetry/core'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { TracingSettings } from '../config_tracing.ts'
import type { Decision } from '../gate/reply.ts'
import type { Logger } from '../log.ts'
import type { Asked } from '../question.ts'
import { parentOf } from '../trace.ts'
import { attributesOf, statusOf } from './attributes.ts'
import { createExporter } from './collector.ts'

/** Milliseconds that the last spans have at the end. */
const PARTING = 2000

export interface Tracing {
  /** Never throws, and waits for nothing. */
  decided(decision: Decision, asked: Asked, microseconds: number): void
  /** Sends what is left, as far as the collector takes it in time. */
  stop(): Promise<void>
}

export function createTracing({ protocol, variables }: TracingSettings, version: string, log: Logger): Tracing {
  Object.assign(process.env, variables)
  const told = tellProblems(log)
  const processor = new BatchSpanProcessor(createExporter(protocol, log))
  const own = resourceFromAttributes({ 'service.name': 'gatehouse', 'service.version': version, 'service.instance.id': randomUUID() })
  const resource = defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }))
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] })
  const tracer = provider.getTracer('mcp-gatehouse', version)
  told()
  return {
    decided: (decision, asked, microseconds) => {
      try {
        record(tracer, decision, asked, microseconds)
      } catch {
        // A span less is better than a decision less.
      }
    },
    stop: () => inTime(provider.shutdown()),
  }
}

function record(tracer: Tracer, decision: Decision, asked: Asked, microseconds: number): void {
  const end = performance.timeOrigin + performance.now()
  const options = { kind: SpanKind.SERVER, startTime: end - microseconds / 1000 }
  // Named by the route (semantic conventions for HTTP spans): names that clients choose are attributes.
  const span = tracer.startSpan('GET /validate', options, contextOf(asked.traceparent))
  if (span.isRecording()) describe(span, decision, asked)
  span.end(end)
}

function describe(span: Span, decision: Decision, asked: Asked): void {
  span.setAttributes(attributesOf(decision, asked))
  // A refusal is no fault of the server (semantic conventions for HTTP spans, status).
  if (decision.kind === 'refuse' && statusOf(decision) >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: decision.reason })
}

function contextOf(traceparent: string): Context {
  const parent = parentOf(traceparent)
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true })
}

/**
 * What the SDK has against its variables goes into the log while it reads them. Later it has nothing to say that is not told elsewhere.
 * @returns ends it
 */
function tellProblems(log: Logger): () => void {
  const tell = (problem: string): void => log.warn({ problem: problem.slice(0, 200).replace(/\/\/\S*@/g, '//…@') }, 'tracing')
  const silent = (): void => {}
  diag.setLogger({ error: tell, warn: tell, info: silent, debug: silent, verbose: silent }, { logLevel: DiagLogLevel.WARN })
  setGlobalErrorHandler(silent)
  return () => diag.disable()
}

async function inTime(done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PARTING)
  })
  await Promise.race([done.catch(() => {}), late])
  clearTimeout(timer)
}
