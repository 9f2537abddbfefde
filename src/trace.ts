/** Which trace a request is part of (W3C Trace Context, section 3.2). */

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The trace's id; empty for a header that is absent or not well-formed: then the request is part of no trace. */
export function traceIdOf(traceparent: string): string {
  return traceparent === '' ? '' : (TRACEPARENT.exec(traceparent)?.[1] ?? '')
}
