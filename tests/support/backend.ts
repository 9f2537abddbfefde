/** An MCP server that writes down all that reaches it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  method: string
  url: string
  /** Name, value, name, value: as they came, duplicates included. */
  rawHeaders: string[]
  body: string
}

export interface Backend {
  port: number
  received: Received[]
  connections: number
  /** How requests are answered; replace it for another answer. */
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void
  /** Every value of a header in the newest request. */
  values(name: string): string[]
  /** Forgets what was received. */
  reset(): void
  close(): Promise<void>
}

export async function startBackend(name: string): Promise<Backend> {
  const plain: Backend['answer'] = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { server: name } }))
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1')
      self.received.push({ method: request.method ?? '', url: request.url ?? '', rawHeaders: request.rawHeaders, body })
      self.answer(request, response, body)
    })
    request.on('error', () => {})
  })
  server.keepAliveTimeout = 60_000
  server.on('connection', () => {
    self.connections += 1
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const self: Backend = {
    port: (server.address() as AddressInfo).port,
    received: [],
    connections: 0,
    answer: plain,
    values: (header) => {
      const { rawHeaders = [] } = self.received.at(-1) ?? {}
      return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === header.toLowerCase())
    },
    reset: () => {
      self.received = []
      self.answer = plain
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  return self
}
