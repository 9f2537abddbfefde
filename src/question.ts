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
  /** For a reader's eyes alone. */
  url: string
}

/**
 * @param header the value of a header, named in lower case; several lines of it joined as Fetch joins them; undefined when it is absent
 */
export function readQuestion(header: (name: Field) => string | undefined): Asked {
  return {
    authorization: header('authorization'),
    cookie: header('cookie'),
    origin: header('origin'),
    server: header('x-mcp-server') ?? '',
    httpMethod: header('x-mcp-http-method') ?? '',
    call: header('x-mcp-call') ?? '',
    transport: header('x-mcp-transport') === 'sse' ? 'sse' : 'mcp',
    requestId: header('x-request-id') ?? '',
    url: header('x-original-url') ?? '',
  }
}

/** What is looked at in a head, by the name in lower case. */
type Field = keyof typeof NOTHING
const NOTHING = {
  host: undefined as string | undefined,
  authorization: undefined as string | undefined,
  cookie: undefined as string | undefined,
  origin: undefined as string | undefined,
  'x-mcp-server': undefined as string | undefined,
  'x-mcp-http-method': undefined as string | undefined,
  'x-mcp-call': undefined as string | undefined,
  'x-mcp-transport': undefined as string | undefined,
  'x-original-url': undefined as string | undefined,
  'x-request-id': undefined as string | undefined,
  'content-length': undefined as string | undefined,
  'transfer-encoding': undefined as string | undefined,
}
const FIELDS: ReadonlyMap<string, Field> = new Map((Object.keys(NOTHING) as Field[]).map((field) => [field, field]))

/** Such a host makes a URL that needs no further look. */
const PLAIN_HOST = /^[a-z0-9_-]+(?:\.[0-9.]+)?(?::[1-5]\d{3,4})?$/

/**
 * The question in a request as NGINX sends it: `GET /validate` without a body, each header that counts at most once. Null for every other
 * request, which is for the application, with the same answer.
 */
export function readPlainQuestion({ method, url, rawHeaders }: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>): Asked | null {
  if (method !== 'GET' || url !== '/validate') return null
  const head = { ...NOTHING }
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const field = FIELDS.get((rawHeaders[at] as string).toLowerCase())
    if (field === undefined) continue
    if (head[field] !== undefined) return null
    head[field] = rawHeaders[at + 1]
  }
  if (head['content-length'] !== undefined || head['transfer-encoding'] !== undefined || !PLAIN_HOST.test(head.host ?? '')) return null
  return readQuestion((name) => head[name])
}
