/** An MCP server for tests of the registry: its list is whatever a test wants, and it may be slow, broken or hostile. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Gives a page of `tools/list`; an answer of its own otherwise. */
export type Pages = (cursor: string | undefined, response: ServerResponse) => { tools: unknown; nextCursor?: unknown } | 'answered'

export interface FakeServer {
  /** Of Streamable HTTP. */
  url: string
  /** Replace it for another list. */
  pages: Pages
  /** Questions of any kind, and those for tools alone. */
  asked: { initialize: number; list: number; ended: number }
  /** Does not accept connections until it is started again. */
  close(): Promise<void>
}

export const tool = (name: string, description = `Does ${name}.`, properties: Record<string, unknown> = {}): Record<string, unknown> => {
  return { name, description, inputSchema: { type: 'object', properties } }
}

export const onePage =
  (...tools: unknown[]): Pages =>
  () => ({ tools })

/** Speaks revision 2025-11-25, with sessions. */
export async function startFakeServer(pages: Pages, port = 0): Promise<FakeServer> {
  const server = createServer(async (request, response) => {
    if (request.method === 'DELETE') self.asked.ended += 1
    if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 200 : 405).end()
    const message = JSON.parse(await textOf(request)) as { id?: number; method: string; params?: { cursor?: string } }
    if (message.id === undefined) return void response.writeHead(202).end()
    const result = resultOf(self, message, response)
    if (result !== 'answered') response.writeHead(200, HEADERS).end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...result }))
  })
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const self: FakeServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    pages,
    asked: { initialize: 0, list: 0, ended: 0 },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  return self
}

const HEADERS = { 'content-type': 'application/json', 'mcp-session-id': 'a-session' }

function resultOf(self: FakeServer, message: { method: string; params?: { cursor?: string } }, response: ServerResponse) {
  if (message.method === 'initialize') {
    self.asked.initialize += 1
    return { result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'fake', version: '1' } } }
  }
  if (message.method !== 'tools/list') return { error: { code: -32601, message: 'Method not found' } }
  self.asked.list += 1
  const page = self.pages(message.params?.cursor, response)
  return page === 'answered' ? page : { result: page }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}
