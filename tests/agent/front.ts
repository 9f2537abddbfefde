/** What stands between an agent and an MCP server in a test: hands everything on, writes down what came, and answers itself when told to. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Came {
  method: string
  path: string
  headers: IncomingHttpHeaders
  /** JSON-RPC method; empty where there is none. */
  call: string
  /** JSON-RPC id. */
  id: unknown
}

export interface FrontAnswer {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

export interface Front {
  origin: string
  came: Came[]
  /** Null hands the request on. */
  answer: (came: Came) => FrontAnswer | null
  /** Forgets what came, and how to answer. */
  reset(): void
  close(): Promise<void>
}

/** @param port of the MCP server on the loopback */
export async function startFront(port: number): Promise<Front> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const came = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, ...readCall(body) }
    self.came.push(came)
    const answer = self.answer(came)
    if (answer === null) return handOn(port, incoming, body, outgoing)
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {})
    outgoing.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(text)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const self: Front = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    came: [],
    answer: () => null,
    reset: () => {
      self.came = []
      self.answer = () => null
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  return self
}

function readCall(body: Buffer): Pick<Came, 'call' | 'id'> {
  try {
    const { method = '', id = null } = JSON.parse(body.toString('utf8'))
    return { call: method, id }
  } catch {
    return { call: '', id: null }
  }
}

function handOn(port: number, { method, url, headers }: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  onward.end(body)
}

/** The gateway's own no. */
export const refusalOf = (status: number, reason: string, scope?: string): FrontAnswer => ({
  status,
  headers: scope === undefined ? {} : { 'www-authenticate': `Bearer realm="mcp", scope="${scope}", error="insufficient_scope"` },
  body: { reason, message: 'Refused here.' },
})
