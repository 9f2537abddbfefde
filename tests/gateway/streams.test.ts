/** What must pass the gate unharmed: bodies, queries, methods, streams. */
import { request } from 'node:http'
import * as assert from '../support/assert.ts'
import { call, type Gateway, message, post, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { within } from '../support/within.ts'

const streams = suite('bodies and streams')
let gateway: Gateway
let authorization = ''

streams.before(async () => {
  gateway = await startGateway()
  authorization = `Bearer ${await gateway.issuer.token()}`
})
streams.after(() => gateway.close())
streams.before.each(() => gateway.reset())

const EVENT_STREAM = { 'content-type': 'text/event-stream' }
const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** Opens a stream and notes when each piece arrives. */
function open(method: string, path: string, body?: string) {
  const pieces: Array<{ text: string; at: number }> = []
  const headers = { authorization, 'content-type': 'application/json', accept: 'text/event-stream' }
  const client = request({ port: gateway.port, host: '127.0.0.1', method, path, headers })
  client.on('response', (response) => {
    response.on('data', (chunk) => pieces.push({ text: String(chunk), at: Date.now() }))
    response.on('error', () => {})
  })
  client.on('error', () => {})
  client.end(body)
  return { pieces, text: () => pieces.map(({ text }) => text).join(''), close: () => client.destroy() }
}

for (const [method, path, body] of [
  ['GET', '/currenttime/mcp', undefined],
  ['POST', '/currenttime/mcp', call('now')],
  ['GET', '/currenttime/sse', undefined],
] as const) {
  streams(`passes each event of a stream at once (${method} ${path})`, () => within(30, () => shortest(method, path, body)))
}

/** How many milliseconds the quickest of five events took; that none is kept back is asserted, unless the machine was away. */
async function shortest(method: string, path: string, body: string | undefined): Promise<number> {
  const sent: number[] = []
  let closed = 0
  gateway.currenttime.answer = async (_request, response) => {
    response.on('close', () => {
      closed = Date.now()
    })
    response.writeHead(200, EVENT_STREAM)
    for (let n = 0; n < 5; n += 1) {
      sent.push(Date.now())
      response.write(`data: ${n}\n\n`)
      await pause(60)
    }
  }
  const stream = open(method, path, body)
  await until('five events came', () => stream.text().includes('data: 4\n\n'))
  const delays = stream.pieces.map(({ at }, index) => at - (sent[index] ?? at))
  const left = Date.now()
  stream.close()
  await until('the MCP server noticed that the client left', () => closed >= left, 2000)
  const isWhole = stream.pieces.length === 5 && delays.every((delay) => delay < 250)
  return isWhole ? Math.min(...delays) : Number.POSITIVE_INFINITY
}

for (const [name, newline] of [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
] as const) {
  streams(`brings the endpoint event of the old transport back under the server's path (${name})`, async () => {
    gateway.currenttime.answer = async (_request, response) => {
      response.writeHead(200, EVENT_STREAM)
      // Split in the middle of what is looked for.
      response.write(`event: endpoint${newline}da`)
      await pause(50)
      response.write(`ta: /messages?sessionId=1${newline}${newline}`)
      await pause(50)
      response.write(`data: "event: endpoint, data: /messages"${newline}${newline}`)
    }
    const stream = open('GET', '/currenttime/sse')
    await until('the second event came', () => stream.text().includes('"event'))
    stream.close()
    const expected = `event: endpoint\ndata: /currenttime/messages?sessionId=1\n\ndata: "event: endpoint, data: /messages"${newline}${newline}`
    assert.is(stream.text(), expected)
  })
}

streams('takes the posts of the old transport', async () => {
  const [answer] = await gateway.raw(post('/currenttime/messages?sessionId=a%20b', call('now'), { Authorization: authorization }))
  assert.is(answer?.status, 200)
  assert.is(gateway.currenttime.received[0]?.url, '/messages?sessionId=a%20b')
})

const large = (filler: string): string => message('tools/call', { name: 'now', arguments: { text: filler } })
let nested = '1'
for (let depth = 0; depth < 100; depth += 1) nested = `{"a":${nested}}`

for (const [name, body] of [
  ['a small one', call('now')],
  ['one with spaces and line ends', JSON.stringify(JSON.parse(call('now')), null, '\t')],
  ['20 KB', large('x'.repeat(20_000))],
  ['just under the limit of 1 MB', large('y'.repeat(1_048_576 - 200))],
  ['characters of two, three and four bytes', large('é€😀'.repeat(30_000))],
  ['arguments nested 100 deep', `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"now","arguments":${nested}}}`],
] as const) {
  const bytes = Buffer.from(body)
  streams(`passes a body unharmed: ${name}`, async () => {
    const [answer] = await gateway.raw(post('/currenttime/mcp?a=1&b=%2F', bytes, { Authorization: authorization }))
    assert.is(answer?.status, 200, answer?.body)
    assert.is(gateway.currenttime.received[0]?.url, '/mcp?a=1&b=%2F')
    assert.ok(bytes.equals(Buffer.from(gateway.currenttime.received[0]?.body ?? '', 'latin1')), 'the body was changed')
  })

  streams(`passes a chunked body unharmed: ${name}`, async () => {
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length; at += 5000) {
      const chunk = bytes.subarray(at, at + 5000)
      chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
    }
    const head = `POST /currenttime/mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: ${authorization}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const [answer] = await gateway.raw(Buffer.concat([Buffer.from(head), ...chunks, Buffer.from('0\r\n\r\n')]))
    assert.is(answer?.status, 200, answer?.body)
    assert.ok(bytes.equals(Buffer.from(gateway.currenttime.received[0]?.body ?? '', 'latin1')), 'the body was changed')
  })
}

streams('passes DELETE with its session', async () => {
  const head = `DELETE /currenttime/mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nMcp-Session-Id: s-1\r\n\r\n`
  const [answer] = await gateway.raw(head)
  assert.is(answer?.status, 200)
  assert.is(gateway.currenttime.received[0]?.method, 'DELETE')
  assert.equal(gateway.currenttime.values('mcp-session-id'), ['s-1'])
})

streams('keeps a connection through allowed and refused requests, pipelined', async () => {
  const good = post('/currenttime/mcp', call('now'), { Authorization: authorization })
  const forbidden = post('/currenttime/mcp', call('delete_all'), { Authorization: authorization })
  const stranger = post('/currenttime/mcp', call('now'))
  const malformed = post('/currenttime/mcp', '{"jsonrpc":', { Authorization: authorization })
  const answers = await gateway.raw(Buffer.concat([good, forbidden, stranger, malformed, good]), { answers: 5 })
  assert.equal(
    answers.map(({ status }) => status),
    [200, 403, 401, 400, 200],
  )
  assert.is(gateway.currenttime.received.length, 2)
})

streams("passes the MCP server's own refusals as they are, without a challenge", async () => {
  gateway.currenttime.answer = (_request, response) => {
    response.writeHead(401, { 'content-type': 'text/plain', 'www-authenticate': 'Bearer realm="elsewhere"' }).end('who?')
  }
  const [answer] = await gateway.raw(post('/currenttime/mcp', call('now'), { Authorization: authorization }))
  assert.is(answer?.status, 401)
  assert.is(answer?.body, 'who?')
  assert.is(answer?.headers['www-authenticate'], undefined)
})

streams('says in JSON when the MCP server is away', async () => {
  await gateway.currenttime.close()
  const [answer] = await gateway.raw(post('/currenttime/mcp', call('now'), { Authorization: authorization }))
  assert.is(answer?.status, 502)
  assert.is(JSON.parse(answer?.body ?? '').reason, 'mcp_server_unavailable')
})

streams.run()
