/** An MCP server on a port: both transports, every protocol revision, nothing about who may call. That is the gate's business. */
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { McpServer } from '@modelcontextprotocol/server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { listen } from '../listen.ts'
import { refusal } from './refusal.ts'
import { createSse } from './sse.ts'
import { createStreamable } from './streamable.ts'

/** The SDK's own limit for what it reads. */
const MOST_BYTES = 4 * 1024 * 1024

export interface ListenOptions {
  /** Default 127.0.0.1. */
  host?: string | undefined
  /** 0 for any free one. */
  port: number
  /** For each transport; default 1000. */
  maxSessions?: number | undefined
  /** An unused session is closed after this long; default five minutes. */
  idleMs?: number | undefined
}

export interface RunningMcpServer {
  /** Of Streamable HTTP; the older transport is at /sse beside it. */
  url: string
  port: number
  close(): Promise<void>
}

export interface McpService {
  /** For /health and messages. */
  name: string
  /** A new instance: one serves one session, or one request. */
  create(): McpServer
  /** Told the kind of an error that a request met. */
  onError(kind: string): void
}

/**
 * Serves MCP at /mcp and /sse.
 * @throws StartError when the port cannot be opened
 */
export async function startMcpServer({ name, create, onError }: McpService, options: ListenOptions): Promise<RunningMcpServer> {
  const { host = '127.0.0.1', maxSessions = 1000, idleMs = 300_000 } = options
  const listener = await listen(host, options.port)
  const streamable = createStreamable(create, maxSessions, idleMs)
  const sse = createSse(create, maxSessions)

  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(bodyLimit({ maxSize: MOST_BYTES, onError: () => refusal(413, -32000, 'Payload Too Large') }))
  app.get('/health', (c) => c.json({ status: 'ok', server: name }))
  app.all('/mcp', (c) => streamable.handle(c.req.raw, c.env.outgoing))
  app.get('/sse', async (c) => {
    await sse.open(c.req.raw, c.env.outgoing)
    return RESPONSE_ALREADY_SENT
  })
  app.post('/messages', (c) => sse.post(c.req.raw))
  app.notFound(() => refusal(404, -32000, 'Not found'))
  app.onError((error) => {
    onError(error.name)
    return refusal(500, -32603, 'Internal error')
  })

  listener.server.on('request', getRequestListener(app.fetch))
  const close = async () => {
    await Promise.all([streamable.close(), sse.close()])
    await listener.close()
  }
  const shown = host.includes(':') ? `[${host}]` : host
  return { url: `http://${shown}:${listener.port}/mcp`, port: listener.port, close }
}
