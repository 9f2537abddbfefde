/** Real MCP servers of every kind, spoken to as they need it; and a credential that goes nowhere else. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { type Connection, connect } from '../../src/agent/connection.ts'
import type { Failure, Outcome } from '../../src/agent/failure.ts'
import type { Identity } from '../../src/agent/identity.ts'
import { textOf } from '../../src/agent/result.ts'
import { type RunningMcpServer, startMcpServer } from '../../src/mcp_server/start.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { type Front, refusalOf, startFront } from './front.ts'

const connection = suite('connections')

function createEcho(): McpServer {
  const server = new McpServer({ name: 'echo', version: '1' })
  server.registerTool('echo', { description: 'Says it again', inputSchema: z.object({ text: z.string() }) }, async ({ text }) => ({
    content: [{ type: 'text', text }],
  }))
  server.registerTool('fail', { description: 'Fails' }, async () => ({ isError: true, content: [{ type: 'text', text: 'it failed' }] }))
  return server
}

let server: RunningMcpServer
let front: Front
let url: URL

connection.before(async () => {
  server = await startMcpServer({ name: 'echo', create: createEcho, onError: () => {} }, { port: 0 })
  front = await startFront(server.port)
  url = new URL('/mcp', front.origin)
})
connection.before.each(() => front.reset())
connection.after(async () => {
  await front.close()
  await server.close()
})

const never = new AbortController().signal
const me: Identity = { kind: 'own', headers: async () => ({ authorization: 'Bearer one' }), renew: () => false }

function opened(outcome: Outcome<Connection>): Connection {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure))
  return outcome.value
}
const failure = (outcome: Outcome<unknown>): Failure | null => (outcome.ok ? null : outcome.failure)

/** Lists, calls, closes. */
async function talk(to: URL, identity = me): Promise<{ transport: string; names: string[]; said: string }> {
  const one = opened(await connect(to, identity, never))
  const listed = await one.listTools()
  const called = await one.callTool('echo', { text: 'hello' })
  await one.close()
  if (!listed.ok || !called.ok) throw new Error('no answer')
  return { transport: one.transport, names: listed.value.map(({ name }) => name), said: textOf(called.value) }
}
const credentials = (): string[] => [...new Set(front.came.map(({ headers }) => String(headers.authorization)))]

connection('Streamable HTTP comes first, with the credential in every request, and a farewell', async () => {
  assert.equal(await talk(url), { transport: 'streamable-http', names: ['echo', 'fail'], said: 'hello' })
  assert.equal(credentials(), ['Bearer one'])
  assert.is(front.came.at(-1)?.method, 'DELETE')
  assert.equal([...new Set(front.came.map(({ path }) => path))], ['/mcp'])
})

for (const status of [404, 405, 400, 501]) {
  connection(`HTTP+SSE is what a server gets that answers ${status} at /mcp`, async () => {
    front.answer = ({ path }) => (path === '/mcp' ? { status, body: 'no' } : null)
    assert.equal(await talk(url), { transport: 'sse', names: ['echo', 'fail'], said: 'hello' })
    assert.equal(credentials(), ['Bearer one'])
    // In the newest revision too, where the answer does not say that there is nothing.
    assert.equal(front.came.filter(({ path }) => path === '/mcp').length, { 404: 1, 405: 1, 400: 3, 501: 2 }[status])
  })
}

connection('either address will do', async () => {
  assert.is((await talk(new URL('/sse', front.origin))).transport, 'streamable-http')
})

connection('a server of the newest revision alone is asked as it wants to be', async () => {
  const handler = createMcpHandler(createEcho, { legacy: 'reject' })
  const modern = createServer(getRequestListener((request) => handler.fetch(request)))
  await new Promise<void>((done) => modern.listen(0, '127.0.0.1', done))
  const port = (modern.address() as AddressInfo).port
  const said = await talk(new URL(`http://127.0.0.1:${port}/mcp`)).finally(() => {
    modern.close()
    modern.closeAllConnections()
  })
  assert.equal(said, { transport: 'streamable-http', names: ['echo', 'fail'], said: 'hello' })
})

connection('so is a server of which the policy opens only the newest revision', async () => {
  front.answer = ({ call }) => (call === 'initialize' ? refusalOf(403, 'method_not_allowed', 't/init') : null)
  assert.is((await talk(url)).said, 'hello')
  front.answer = ({ call }) =>
    call === 'initialize' || call === 'server/discover' ? refusalOf(403, 'method_not_allowed', `t/${call}`) : null
  const refused = failure(await connect(url, me, never))
  assert.equal(refused?.kind === 'refused' && refused.refusal.scope, 't/initialize', 'what is told is what the first one lacked')
})

for (const [status, reason] of [
  [401, 'token_expired'],
  [403, 'server_not_allowed'],
  [404, 'not_found'],
  [502, 'mcp_server_unavailable'],
  [503, 'keys_unavailable'],
] as const) {
  connection(`${status} ${reason} of the gateway is its word, and nothing else is tried`, async () => {
    front.answer = () => refusalOf(status, reason)
    const refusal = { status, reason, message: 'Refused here.', scope: null }
    assert.equal(failure(await connect(url, me, never)), { kind: 'refused', refusal })
    assert.is(front.came.length, status === 404 ? front.came.length : 1)
  })
}

connection('a refusal says more than that an address is not there', async () => {
  front.answer = ({ path }) => (path === '/mcp' ? { status: 404 } : refusalOf(403, 'server_not_allowed', 't/x'))
  const refused = failure(await connect(url, me, never))
  assert.equal(refused?.kind === 'refused' && refused.refusal.reason, 'server_not_allowed')
})

for (const transport of ['streamable-http', 'sse'] as const) {
  connection(`a refused call over ${transport} says which scope it takes`, async () => {
    front.answer = ({ path, call }) => {
      if (transport === 'sse' && path === '/mcp') return { status: 404 }
      return call === 'tools/call' ? refusalOf(403, 'name_not_allowed', 't/execute') : null
    }
    const one = opened(await connect(url, me, never))
    assert.is(one.transport, transport)
    const outcome = failure(await one.callTool('echo', { text: 'x' }))
    assert.equal(outcome?.kind === 'refused' && [outcome.refusal.reason, outcome.refusal.scope], ['name_not_allowed', 't/execute'])
    front.answer = () => null
    assert.is(failure(await one.callTool('nope', {}))?.kind, 'server', 'what was refused before is not what is told now')
    front.answer = ({ call }) => (call === 'tools/call' ? { status: 500 } : null)
    assert.equal(failure(await one.callTool('echo', { text: 'x' })), { kind: 'status', status: 500 })
    await one.close()
  })

  connection(`an identity that fails ends it over ${transport}, with its own error`, async () => {
    front.answer = ({ path }) => (transport === 'sse' && path === '/mcp' ? { status: 404 } : null)
    let asked = 0
    const failing: Identity = {
      ...me,
      headers: async () => {
        asked += 1
        if (asked > (transport === 'sse' ? 1 : 0)) throw new Error('no token today')
        return {}
      },
    }
    const error = await connect(url, failing, never).catch((caught: Error) => caught)
    assert.is((error as Error).message, 'no token today')
  })
}

connection('after a 401 an identity may be renewed, once', async () => {
  let token = 'old'
  let renewed = 0
  const renewing: Identity = {
    kind: 'own',
    headers: async () => ({ authorization: `Bearer ${token}` }),
    renew: () => {
      renewed += 1
      token = 'new'
      return renewed === 1
    },
  }
  front.answer = ({ headers }) => (headers.authorization === 'Bearer new' ? null : refusalOf(401, 'token_key'))
  assert.is((await talk(url, renewing)).said, 'hello')
  assert.is(renewed, 1)
  front.answer = () => refusalOf(401, 'token_key')
  assert.is(failure(await connect(url, renewing, never))?.kind, 'refused')
  assert.is(renewed, 2)
})

connection('an error of the server is its own, and an error of the tool is a result', async () => {
  const one = opened(await connect(url, me, never))
  const failed = await one.callTool('fail', {})
  assert.equal(failed.ok && [failed.value.isError, textOf(failed.value)], [true, 'it failed'])
  front.answer = ({ call, id }) => {
    if (call !== 'tools/list') return null
    return { status: 200, body: { jsonrpc: '2.0', id, error: { code: -32603, message: 'it is broken' } } }
  }
  assert.equal(failure(await one.listTools()), { kind: 'server', message: 'it is broken' })
  await one.close()
})

connection('nobody there is told as such, and asked once', async () => {
  const nobody = new URL(`http://127.0.0.1:${await freePort()}/mcp`)
  assert.equal(failure(await connect(nobody, me, never)), { kind: 'unreachable', code: 'ECONNREFUSED' })
})

connection('something else than an MCP server is told as such', async () => {
  front.answer = () => ({ status: 500, body: 'oops' })
  assert.equal(failure(await connect(url, me, never)), { kind: 'status', status: 500 })
  front.answer = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' })
  assert.ok(['server', 'status'].includes(failure(await connect(url, me, never))?.kind ?? ''))
})

connection('a redirect takes the credential nowhere', async () => {
  const elsewhere = await startFront(server.port)
  for (const status of [301, 307]) {
    front.answer = () => ({ status, headers: { location: `${elsewhere.origin}/mcp` } })
    assert.ok(failure(await connect(url, me, never)) !== null)
  }
  assert.equal(elsewhere.came, [])
  await elsewhere.close()
})

connection('nor does a server that says where to post to', async () => {
  const elsewhere = await startFront(server.port)
  front.answer = ({ path }) => {
    if (path !== '/sse') return { status: 404 }
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: `event: endpoint\ndata: ${elsewhere.origin}/messages?sessionId=1\n\n`,
    }
  }
  assert.ok(failure(await connect(url, me, never)) !== null)
  assert.equal(elsewhere.came, [])
  await elsewhere.close()
})

connection('who interrupts gets the reason back', async () => {
  const controller = new AbortController()
  const one = opened(await connect(url, me, controller.signal))
  controller.abort(new Error('enough'))
  const error = await one.callTool('echo', { text: 'x' }).catch((caught: Error) => caught)
  assert.is((error as Error).message, 'enough')
  await one.close()
})

connection.run()
