/** Which trace a request is part of (W3C Trace Context, section 3.2). */

export interface Parent {
  traceId: string
  spanId: string
  /** The lowest bit says whether the caller records the trace. */
  traceFlags: number
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** The trace's id; empty for a header that is absent or not well-formed: then the request is part of no trace. */
export function traceIdOf(traceparent: string): string {
  return traceparent === '' ? '' : (TRACEPARENT.exec(traceparent)?.[1] ?? '')
}

/** The caller's span; null where the request is part of no trace. */
export function parentOf(traceparent: string): Parent | null {
  const [, traceId, spanId, flags] = (traceparent !== '' && TRACEPARENT.exec(traceparent)) || []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 }
}
