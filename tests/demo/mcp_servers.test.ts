import { Client as Client2, StreamableHTTPClientTransport as Streamable2 } from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { startCurrentTime } from '../../src/demo/servers/start.ts'
import type { RunningMcpServer } from '../../src/mcp_server/start.ts'
import { serversFile, startWorld, type World } from '../registry/world.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import type { Json } from './sample_pool.ts'

const clients = suite('MCP servers: with the official clients')
let currenttime: RunningMcpServer
let mcpgw: RunningMcpServer
let world: World
clients.before(async () => {
  currenttime = await startCurrentTime({ port: 0 })
  world = await startWorld(serversFile({ name: 'currenttime', url: currenttime.url }))
  mcpgw = world.registry
})
clients.after(() => Promise.all([currenttime.close(), world.close()]).then(() => undefined))

const IDENTITY = {
  'X-User': 'ro%73a',
  'X-Username': 'rosa',
  'X-Client-Id': 'webclient',
  'X-Scopes': 'tools/read tools/write',
  'X-Groups': 'ops a%2Cb %C3%A9quipe',
  'X-Auth-Method': 'jwt',
  'X-Server-Name': 'mcpgw',
  'X-Tool-Name': 'who_am_i',
}
const CALLER = {
  'X-User': 'rosa',
  'X-Username': 'rosa',
  'X-Client-Id': 'webclient',
  'X-Auth-Method': 'jwt',
  'X-Server-Name': 'mcpgw',
  'X-Tool-Name': 'who_am_i',
  'X-Scopes': ['tools/read', 'tools/write'],
  'X-Groups': ['ops', 'a,b', 'équipe'],
  arrived: { Authorization: false, Cookie: false },
}

type Connect = (server: RunningMcpServer, headers?: Record<string, string>) => Promise<Client | Client2>

const connect1: Connect = async (server, headers = {}) => {
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers } }))
  return client
}
const connectSse: Connect = async (server, headers = {}) => {
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new SSEClientTransport(new URL(server.url.replace(/mcp$/, 'sse')), { requestInit: { headers } }))
  return client
}
const connect2 =
  (mode: 'legacy' | 'auto' | { pin: string }): Connect =>
  async (server, headers = {}) => {
    const client = new Client2({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
    await client.connect(new Streamable2(new URL(server.url), { requestInit: { headers } }))
    return client
  }

const CONNECTIONS: [string, Connect][] = [
  ['the 1.x client over Streamable HTTP', connect1],
  ['the 1.x client over HTTP+SSE', connectSse],
  ['the 2.x client in a 2025 session', connect2('legacy')],
  ['the 2.x client that finds the newest revision by itself', connect2('auto')],
  ['the 2.x client pinned to 2026-07-28', connect2({ pin: '2026-07-28' })],
]

for (const [what, connect] of CONNECTIONS) {
  clients(`${what} lists and calls the tool of currenttime`, async () => {
    const client = await connect(currenttime)
    const { tools } = await client.listTools()
    assert.equal(
      tools.map((tool) => [tool.name, tool.inputSchema.type]),
      [['current_time_by_timezone', 'object']],
    )
    const call = (tz_name: unknown): Promise<Json> => client.callTool({ name: 'current_time_by_timezone', arguments: { tz_name } })
    const tokyo = await call('Asia/Tokyo')
    assert.match(tokyo.content[0].text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d JST\+0900 \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00\)$/)
    assert.ok(Math.abs(Date.parse(tokyo.structuredContent.iso) - Date.now()) < 5000)
    const standard = await call(undefined)
    assert.match(standard.content[0].text, /E[SD]T-0[45]00/)
    const wrong = await call('Mars/Olympus')
    assert.is(wrong.isError, true)
    assert.match(wrong.content[0].text, 'Unknown time zone "Mars/Olympus"')
    await client.close()
  })

  clients(`${what} is told by mcpgw what the gate said about this very request`, async () => {
    const client = await connect(mcpgw, IDENTITY)
    const result: Json = await client.callTool({ name: 'who_am_i', arguments: {} })
    assert.equal(result.structuredContent, CALLER)
    assert.equal(JSON.parse(result.content[0].text), CALLER)
    await client.close()
  })

  clients(`${what} learns that a credential slipped through, but not which`, async () => {
    const client = await connect(mcpgw, { Authorization: 'Bearer secret-1', Cookie: 'a=secret-2' })
    const result: Json = await client.callTool({ name: 'who_am_i', arguments: {} })
    assert.equal(result.structuredContent.arrived, { Authorization: true, Cookie: true })
    assert.is(result.structuredContent['X-User'], null)
    assert.not.match(JSON.stringify(result), 'secret')
    await client.close()
  })
}

clients('the 2.x client has agreed on 2026-07-28', async () => {
  const client = (await connect2('auto')(currenttime)) as Client2
  assert.is(client.getNegotiatedProtocolVersion(), '2026-07-28')
  await client.close()
})

clients('identity headers belong to a request, not to its session', async () => {
  let user = 'first'
  const client = new Client({ name: 'test', version: '1' })
  const withUser: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('X-User', user)
    return fetch(input, { ...init, headers })
  }
  await client.connect(new StreamableHTTPClientTransport(new URL(mcpgw.url), { fetch: withUser }))
  for (user of ['first', 'second']) {
    const result: Json = await client.callTool({ name: 'who_am_i', arguments: {} })
    assert.is(result.structuredContent['X-User'], user)
  }
  await client.close()
})

clients.run()
