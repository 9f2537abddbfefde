/** A place that answers as a gateway does, but for one thing. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers, or leaves it to the right behaviour by giving false. */
export type Odd = (request: IncomingMessage, response: ServerResponse, origin: string) => unknown

export async function withGateway<T>(
  odd: Odd,
  right: (request: IncomingMessage, response: ServerResponse, origin: string) => unknown,
  work: (origin: string) => Promise<T>,
): Promise<T> {
  let origin = ''
  const server: Server = createServer((request, response) => {
    if (odd(request, response, origin) === false) right(request, response, origin)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    return await work(origin)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

export const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export const path = ({ url = '' }: IncomingMessage): string => url

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
