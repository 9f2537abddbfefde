/** The HTTP+SSE transport of protocol revision 2024-11-05: a stream at /sse, messages posted to /messages. */
import type { ServerResponse } from 'node:http'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import type { McpServer } from '@modelcontextprotocol/server'
import { refusal } from './refusal.ts'
import { createSessions } from './sessions.ts'

/** Below the 60 seconds after which a proxy gives up on a silent stream. */
const KEEP_ALIVE_MS = 15_000

export interface SseEndpoint {
  /** Writes the stream by itself. Its session lives as long as the connection. */
  open(request: Request, outgoing: ServerResponse): Promise<void>
  post(request: Request): Promise<Response>
  close(): Promise<void>
}

/** The 1.x SDK has this transport and the 2.x SDK the server; a transport is an interface, so they fit together. */
export function createSse(create: () => McpServer, maxSessions: number): SseEndpoint {
  // A session is a connection here, so none is ever idle: the limit alone counts.
  const sessions = createSessions<SSEServerTransport>(maxSessions, Number.POSITIVE_INFINITY)
  return {
    async open(request, outgoing) {
      const transport = new SSEServerTransport(`${prefixOf(request)}/messages`, outgoing)
      sessions.add(transport.sessionId, transport)
      const timer = setInterval(() => outgoing.write(': keepalive\n\n'), KEEP_ALIVE_MS).unref()
      outgoing.once('close', () => {
        clearInterval(timer)
        sessions.remove(transport.sessionId)
      })
      await create().connect(transport)
    },
    async post(request) {
      const transport = sessions.get(new URL(request.url).searchParams.get('sessionId') ?? '')
      if (!transport) return refusal(404, -32001, 'Session not found')
      return receive(transport, request)
    },
    close: () => sessions.closeAll(),
  }
}

/** The transport could read the request itself, but would answer in plain text and not tell the server about its headers. */
async function receive(transport: SSEServerTransport, request: Request): Promise<Response> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') return refusal(415, -32000, 'Content-Type must be application/json')
  let message: unknown
  try {
    message = await request.json()
  } catch {
    return refusal(400, -32700, 'Parse error: Invalid JSON')
  }
  // `request` is the 2.x name of what tools see; the 1.x type does not know it and passes it on.
  const extra = { authInfo: undefined, request }
  return transport.handleMessage(message, extra).then(
    () => new Response('Accepted', { status: 202 }),
    () => refusal(400, -32600, 'Invalid JSON-RPC message'),
  )
}

/** A proxy that serves this server below a path says so, or the client would post to the wrong place. */
function prefixOf(request: Request): string {
  const prefix = request.headers.get('x-forwarded-prefix') ?? ''
  return /^(\/[A-Za-z0-9_-]+)+$/.test(prefix) ? prefix : ''
}
