/** Streamable HTTP at /mcp, for every protocol revision that the SDK speaks. */
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import {
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
  legacyStatelessFallback,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { refusal } from './refusal.ts'
import { createSessions, type Sessions } from './sessions.ts'

type Transport = WebStandardStreamableHTTPServerTransport

export interface Endpoint {
  /** @param outgoing tells when the client has gone */
  handle(request: Request, outgoing: ServerResponse): Promise<Response>
  close(): Promise<void>
}

/**
 * Three kinds of traffic on one address: 2026-07-28 has no sessions and is answered request by request; `initialize`
 * opens a session and what carries its id belongs to it; an older request without a session is answered on its own,
 * which the specification leaves to the server.
 */
export function createStreamable(create: () => McpServer, maxSessions: number, idleMs: number): Endpoint {
  const sessions = createSessions<Transport>(maxSessions, idleMs)
  const modern = createMcpHandler(create, { legacy: 'reject' })
  const stateless = legacyStatelessFallback(create)
  return {
    async handle(request, outgoing) {
      const id = request.headers.get('mcp-session-id')
      if (!(await isLegacyRequest(request))) return modern.fetch(request)
      if (id === null) return (await opensSession(request)) ? open(create, sessions, request) : stateless(request)
      const transport = sessions.get(id)
      if (!transport) return refusal(404, -32001, 'Session not found')
      outgoing.once('close', sessions.hold(id))
      return transport.handleRequest(request)
    },
    async close() {
      await Promise.all([sessions.closeAll(), modern.close()])
    },
  }
}

async function open(create: () => McpServer, sessions: Sessions<Transport>, request: Request): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.add(id, transport),
    onsessionclosed: (id) => sessions.remove(id),
  })
  await create().connect(transport)
  return transport.handleRequest(request)
}

/** Looks into a copy, so that whoever answers can still read the body. What is too long or not JSON opens nothing. */
async function opensSession(request: Request): Promise<boolean> {
  if (request.method !== 'POST') return false
  const body: unknown = await request
    .clone()
    .json()
    .catch(() => undefined)
  return isInitializeRequest(body)
}
