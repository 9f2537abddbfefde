/** A gateway's answers to programs, made up: so that they can be wrong. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

export interface FakeGateway {
  url: string
  asked: Asked[]
  /** What the next questions are answered with: an object as JSON, a text as it is. */
  answer(status: number, body: unknown, headers?: Record<string, string>): void
  close(): Promise<void>
}

export async function startFakeGateway(): Promise<FakeGateway> {
  let next: Answer = { status: 404, body: '' }
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      asked.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
      const text = typeof next.body === 'string' ? next.body : JSON.stringify(next.body)
      response.writeHead(next.status, { 'content-type': 'application/json', ...next.headers }).end(text)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (status, body, headers = {}) => {
      asked.length = 0
      next = { status, body, headers }
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
