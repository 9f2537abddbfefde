/** Which trace a request is part of (W3C Trace Context, section 3.2). */

export interface Trace {
  traceId: string
  /** The caller's span. */
  spanId: string
  /** Whether whoever began it keeps it. */
  sampled: boolean
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** Null for a header that is absent or not well-formed: then the request is part of no trace. */
export function traceOf(traceparent: string): Trace | null {
  if (traceparent === '') return null
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? []
  return traceId === undefined || spanId === undefined ? null : { traceId, spanId, sampled: (Number.parseInt(flags ?? '', 16) & 1) === 1 }
}
