import { startCurrentTime } from '../../src/demo/servers/start.ts'
import type { RunningMcpServer } from '../../src/mcp_server/start.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import type { Answer, Json } from './sample_pool.ts'

const wire = suite('demo MCP servers: on the wire')
let server: RunningMcpServer
let origin: string
wire.before(async () => {
  server = await startCurrentTime({ port: 0 })
  origin = new URL(server.url).origin
})
wire.after(() => server.close())

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}
const PING = { jsonrpc: '2.0', id: 2, method: 'ping' }
const ACCEPT = { accept: 'application/json, text/event-stream' }

function send(body: unknown, headers: Record<string, string> = {}, url = server.url): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...ACCEPT, ...headers }, body: text })
}

/** The one message of an answer, whether it came as JSON or as a stream. */
async function messageOf(response: Answer): Promise<Json> {
  const text = await response.text()
  return JSON.parse(text.startsWith('{') ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? 'null'))
}

async function openSession(url = server.url): Promise<string> {
  const response = await send(INITIALIZE, {}, url)
  await response.text()
  return response.headers.get('mcp-session-id') ?? ''
}

/** Reads an event stream until it has said something that fits. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, pattern: RegExp): Promise<string> {
  let text = ''
  while (!pattern.test(text)) {
    const { done, value } = await reader.read()
    if (done) throw new Error('the stream ended')
    text += new TextDecoder().decode(value)
  }
  return text
}

wire('health is a 200', async () => {
  const response = await fetch(`${origin}/health`)
  assert.equal([response.status, await response.json()], [200, { status: 'ok', server: 'currenttime' }])
})

for (const version of ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']) {
  wire(`revision ${version} is agreed on`, async () => {
    const response = await send({ ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion: version } })
    assert.is((await messageOf(response)).result.protocolVersion, version)
  })
}

wire('an older request without a session is answered on its own', async () => {
  const response = await send({ jsonrpc: '2.0', id: 7, method: 'tools/list' })
  assert.is(response.headers.get('mcp-session-id'), null)
  assert.is((await messageOf(response)).result.tools[0].name, 'current_time_by_timezone')
})

const REFUSALS: [string, unknown, Record<string, string>, number, number][] = [
  ['malformed JSON', '{', {}, 400, -32700],
  ['an empty body', '', {}, 400, -32700],
  ['JSON that is no message', { a: 1 }, {}, 400, -32600],
  ['another content type', PING, { 'content-type': 'text/plain' }, 415, -32000],
  ['a client that takes no streams', PING, { accept: 'application/json' }, 406, -32000],
  ['an unknown session', PING, { 'mcp-session-id': 'x' }, 404, -32001],
  ['a body that is too long', `"${'x'.repeat(5 * 1024 * 1024)}"`, {}, 413, -32000],
]
for (const [what, body, headers, status, code] of REFUSALS) {
  wire(`${what} is refused with a JSON-RPC error`, async () => {
    const response = await send(body, headers)
    const text = await response.text()
    const answer: Json = JSON.parse(text)
    assert.equal([response.status, answer.error.code, answer.jsonrpc], [status, code, '2.0'])
    assert.not.match(text, /node_modules|\.ts:|\.mjs/)
  })
}

wire('a message without a declared length is read', async () => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...ACCEPT }, duplex: 'half' }
  const response = await fetch(server.url, { ...init, body: new Blob([JSON.stringify(PING)]).stream() } as RequestInit)
  assert.equal((await messageOf(response)).result, {})
})

wire('an unknown method and an unknown path are JSON-RPC errors too', async () => {
  assert.is((await messageOf(await send({ ...PING, method: 'nothing/here' }))).error.code, -32601)
  const response = await fetch(`${origin}/nothing`)
  assert.is(response.status, 404)
  assert.is(((await response.json()) as Json).error.code, -32000)
})

wire('a session can be used, listened to and deleted', async () => {
  const id = await openSession()
  const headers = { 'mcp-session-id': id }
  assert.match(id, /^[0-9a-f-]{36}$/)
  assert.is((await send({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers)).status, 202)
  assert.equal((await messageOf(await send(PING, headers))).result, {})

  const stream = await fetch(server.url, { headers: { ...headers, accept: 'text/event-stream' } })
  assert.equal([stream.status, stream.headers.get('content-type')], [200, 'text/event-stream'])

  assert.is((await fetch(server.url, { method: 'DELETE', headers })).status, 200)
  assert.is(await stream.text(), '')
  assert.is((await send(PING, headers)).status, 404)
})

wire('the session unused for longest makes room', async () => {
  const small = await startCurrentTime({ port: 0, maxSessions: 2 })
  const [first, second] = [await openSession(small.url), await openSession(small.url)]
  await (await send(PING, { 'mcp-session-id': first }, small.url)).text()
  await new Promise((resolve) => setTimeout(resolve, 5))
  const third = await openSession(small.url)
  const status = async (id: string) => {
    const response = await send(PING, { 'mcp-session-id': id }, small.url)
    await response.text()
    return response.status
  }
  assert.equal([await status(first), await status(second), await status(third)], [200, 404, 200])
  await small.close()
})

wire('an idle session is closed, one with an open stream is not', async () => {
  const hasty = await startCurrentTime({ port: 0, idleMs: 100 })
  const [idle, listening] = [await openSession(hasty.url), await openSession(hasty.url)]
  const leave = new AbortController()
  const headers = { 'mcp-session-id': listening, accept: 'text/event-stream' }
  const stream = await fetch(hasty.url, { headers, signal: leave.signal })
  await new Promise((resolve) => setTimeout(resolve, 400))
  const status = async (id: string) => {
    const response = await send(PING, { 'mcp-session-id': id }, hasty.url)
    await response.text()
    return response.status
  }
  assert.equal([await status(idle), await status(listening)], [404, 200])
  leave.abort()
  await stream.text().catch(() => '')
  await new Promise((resolve) => setTimeout(resolve, 400))
  assert.is(await status(listening), 404)
  await hasty.close()
})

for (const [what, headers, expected] of [
  ['', {}, '/messages?sessionId='],
  [' below the prefix that a proxy names', { 'x-forwarded-prefix': '/currenttime' }, '/currenttime/messages?sessionId='],
  [' but not at a prefix that is none', { 'x-forwarded-prefix': '//evil.test' }, '/messages?sessionId='],
] as const) {
  wire(`the SSE stream names the place for messages${what}`, async () => {
    const leave = new AbortController()
    const stream = await fetch(`${origin}/sse`, { headers, signal: leave.signal })
    const text = await readUntil((stream.body as ReadableStream<Uint8Array>).getReader(), /\n\n/)
    assert.ok(text.startsWith(`event: endpoint\ndata: ${expected}`), text)
    leave.abort()
  })
}

wire('messages to an SSE session are checked, answered on the stream and end with it', async () => {
  const leave = new AbortController()
  const stream = await fetch(`${origin}/sse`, { signal: leave.signal })
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
  const place = /data: (\S+)/.exec(await readUntil(reader, /\n\n/))?.[1] ?? ''
  const url = `${origin}${place}`
  const refused = async (body: unknown, headers = {}, to = url) => {
    const response = await send(body, headers, to)
    return [response.status, (await messageOf(response)).error.code]
  }
  assert.equal(await refused('{'), [400, -32700])
  assert.equal(await refused({ a: 1 }), [400, -32600])
  assert.equal(await refused(PING, { 'content-type': 'text/plain' }), [415, -32000])
  assert.equal(await refused(PING, {}, `${origin}/messages?sessionId=x`), [404, -32001])
  assert.equal(await refused(PING, {}, `${origin}/messages`), [404, -32001])

  assert.is((await send(INITIALIZE, {}, url)).status, 202)
  assert.match(await readUntil(reader, /"id":1/), '"protocolVersion":"2025-11-25"')

  leave.abort()
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(await refused(PING), [404, -32001])
})

wire('closing ends open streams at once', async () => {
  const own = await startCurrentTime({ port: 0 })
  const base = new URL(own.url).origin
  const id = await openSession(own.url)
  const streams = await Promise.all([
    fetch(`${base}/sse`),
    fetch(own.url, { headers: { 'mcp-session-id': id, accept: 'text/event-stream' } }),
  ])
  const start = Date.now()
  await own.close()
  await Promise.all(streams.map((stream) => stream.text().catch(() => '')))
  assert.ok(Date.now() - start < 1000)
})

wire.run()
