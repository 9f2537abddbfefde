/** What NGINX asks, read from the head of its request. */
import type { IncomingMessage } from 'node:http'
import type { Question } from './gate/decide.ts'
import type { Transport } from './gate/reply.ts'

export interface Asked extends Question {
  server: string
  httpMethod: string
  call: string
  transport: Transport
  requestId: string
  /** W3C Trace Context, as it came. */
  traceparent: string
  /** For a reader's eyes alone. */
  url: string
}

/**
 * @param header the value of a header, named in lower case; several lines of it joined as Fetch joins them; undefined when it is absent
 */
export function readQuestion(header: (name: string) => string | undefined): Asked {
  return {
    authorization: header('authorization'),
    cookie: header('cookie'),
    origin: header('origin'),
    server: header('x-mcp-server') ?? '',
    httpMethod: header('x-mcp-http-method') ?? '',
    call: header('x-mcp-call') ?? '',
    transport: header('x-mcp-transport') === 'sse' ? 'sse' : 'mcp',
    requestId: header('x-request-id') ?? '',
    traceparent: header('traceparent') ?? '',
    url: header('x-original-url') ?? '',
  }
}

/** Such a host makes a URL that needs no further look. */
const PLAIN_HOST = /^[a-z0-9_-]+(?:\.[0-9.]+)?(?::[1-5]\d{3,4})?$/

/** Whether a request is as NGINX and probes send it: a GET without a body. Every other one takes a closer look. */
export function isPlain({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  if (method !== 'GET' || headers.host === undefined || !PLAIN_HOST.test(headers.host)) return false
  return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined
}

/**
 * The question in a request as NGINX sends it: `GET /validate` without a body. Null for every other request, which is for the application,
 * where the same question gets the same answer. Only for a server with `joinDuplicateHeaders`: Node drops the second of two credentials else.
 */
export function readPlainQuestion(incoming: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): Asked | null {
  if (incoming.url !== '/validate' || !isPlain(incoming)) return null
  const { headers } = incoming
  return {
    authorization: headers.authorization,
    cookie: headers.cookie,
    origin: headers.origin,
    server: (headers['x-mcp-server'] as string | undefined) ?? '',
    httpMethod: (headers['x-mcp-http-method'] as string | undefined) ?? '',
    call: (headers['x-mcp-call'] as string | undefined) ?? '',
    transport: headers['x-mcp-transport'] === 'sse' ? 'sse' : 'mcp',
    requestId: (headers['x-request-id'] as string | undefined) ?? '',
    traceparent: (headers.traceparent as string | undefined) ?? '',
    url: (headers['x-original-url'] as string | undefined) ?? '',
  }
}
