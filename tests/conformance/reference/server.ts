/**
 * An MCP server that can do all that the official suite asks for, in both protocols: with sessions and server-sent events that can be
 * resumed (2025-11-25), and without sessions (2026-07-28). The names of its tools, prompts and resources are the suite's.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type NodeStreamableHTTPServerTransport,
  NodeStreamableHTTPServerTransport as Transport,
  toNodeHandler,
} from '@modelcontextprotocol/node'
import { classifyInboundRequest, createMcpHandler, type EventStore, isInitializeRequest, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { addContents } from './contents.ts'
import { addMethods, addPrompts, addResources } from './documents.ts'
import { addQuestions, states } from './questions.ts'

export interface Reference {
  port: number
  close(): Promise<void>
}

/** Events of one session, in the order in which they were written. */
function createEvents(): EventStore {
  const events: Array<{ stream: string; message: Parameters<EventStore['storeEvent']>[1] }> = []
  return {
    storeEvent: async (stream, message) => String(events.push({ stream, message }) - 1),
    replayEventsAfter: async (last, { send }) => {
      const { stream = '' } = events[Number(last)] ?? {}
      for (const [id, event] of events.entries())
        if (id > Number(last) && event.stream === stream && 'jsonrpc' in event.message) await send(String(id), event.message)
      return stream
    },
  }
}

const OPTIONS = {
  capabilities: {
    tools: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    prompts: { listChanged: true },
    logging: {},
    completions: {},
  },
  requestState: { verify: states.verify },
}

function create(closeStream: (context: { mcpReq: { id: string | number } }) => void): McpServer {
  const server = new McpServer({ name: 'reference', version: '1.0.0' }, OPTIONS)
  for (const add of [addContents, addQuestions, addResources, addPrompts, addMethods]) add(server)
  const none = z.object({})
  server.registerTool('test_reconnection', { description: 'Loses its stream', inputSchema: none }, async (_, context) => {
    closeStream(context)
    await new Promise((done) => setTimeout(done, 100))
    return { content: [{ type: 'text', text: 'found again' }] }
  })
  for (const kind of ['tool', 'prompt'] as const)
    server.registerTool(`test_trigger_${kind}_change`, { description: `Says that a ${kind} has changed`, inputSchema: none }, async () => {
      if (kind === 'tool') stateless.notify.toolsChanged()
      else stateless.notify.promptsChanged()
      return { content: [{ type: 'text', text: 'said' }] }
    })
  return server
}

const stateless = createMcpHandler(() => create(() => {}))
const handleStateless = toNodeHandler(stateless)

type Transports = Map<string, NodeStreamableHTTPServerTransport>

async function open(transports: Transports): Promise<NodeStreamableHTTPServerTransport> {
  const transport = new Transport({
    sessionIdGenerator: randomUUID,
    eventStore: createEvents(),
    retryInterval: 500,
    onsessioninitialized: (id) => void transports.set(id, transport),
  })
  transport.onclose = () => void transports.delete(transport.sessionId ?? '')
  await create(({ mcpReq }) => transport.closeSSEStream(mcpReq.id)).connect(transport)
  return transport
}

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header)

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message } }))
}

async function answer(transports: Transports, request: IncomingMessage, response: ServerResponse, text: string): Promise<void> {
  // Against DNS rebinding, as servers on the loopback must.
  if (!/^(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(request.headers.host ?? '')) return refuse(response, 403, 'Invalid Host')
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  const { 'mcp-protocol-version': version, 'mcp-method': method, 'mcp-session-id': session } = request.headers
  const inbound = { httpMethod: request.method ?? '', protocolVersionHeader: one(version), mcpMethodHeader: one(method), body }
  if (request.method === 'POST' && classifyInboundRequest(inbound).kind !== 'legacy') return handleStateless(request, response, body)
  const known = transports.get(one(session) ?? '')
  if (known !== undefined) return known.handleRequest(request, response, body)
  if (session !== undefined) return refuse(response, 404, 'Session not found')
  if (!isInitializeRequest(body)) return refuse(response, 400, 'Session ID required')
  return (await open(transports)).handleRequest(request, response, body)
}

/** Starts it on a free port of the loopback. */
export async function startReference(): Promise<Reference> {
  const transports: Transports = new Map()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    await answer(transports, request, response, Buffer.concat(chunks).toString()).catch(() => refuse(response, 400, 'Bad request'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const transport of transports.values()) await transport.close()
      await stateless.close()
      await new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
    },
  }
}
