/** Serves the figures at `GET /metrics`, and nothing else. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'

/** The server, which does not listen yet. */
export function createMetricsServer(registry: Pick<Registry, 'metrics' | 'contentType'>): Server {
  return createServer((incoming, outgoing) => {
    const asked = incoming.method === 'GET' && (incoming.url === '/metrics' || incoming.url?.startsWith('/metrics?'))
    if (!asked) return answer(outgoing, 404, 'text/plain', 'Figures are at GET /metrics.\n')
    registry.metrics().then(
      (text) => answer(outgoing, 200, registry.contentType, text),
      () => answer(outgoing, 500, 'text/plain', 'The figures cannot be read.\n'),
    )
  })
}

function answer(outgoing: ServerResponse, status: number, type: string, text: string): void {
  outgoing.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' })
  outgoing.end(text)
}
