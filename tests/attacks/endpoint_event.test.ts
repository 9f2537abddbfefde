/** The endpoint event of the old HTTP+SSE transport: a hostile server must not have its clients post to another one. */
import { request } from 'node:http'
import * as assert from '../support/assert.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { attackSuite } from './attack_suite.ts'

const endpoint = attackSuite('endpoint events')
let gateway: Gateway
let authorization = ''
endpoint.before(async () => {
  gateway = await startGateway()
  authorization = `Bearer ${await gateway.issuer.token()}`
})
endpoint.after(() => gateway.close())

const SPEC = /\r\n|\r|\n/
/** Where Python's `str.splitlines` ends lines, by which some clients go. */
const LOOSE = /\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/

/** Every place to post to that a client finds in a stream (WHATWG HTML section 9.2.6, URL). */
function endpointsIn(stream: string, ends: RegExp): string[] {
  const found: string[] = []
  let [name, data]: [string, string[]] = ['', []]
  for (const line of stream.replace(/^\ufeff/, '').split(ends)) {
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'event') name = value
    else if (field === 'data') data.push(value)
    else if (line === '') {
      if (name === 'endpoint' && data.length > 0)
        found.push(new URL(data.join('\n'), `http://localhost:${gateway.port}/currenttime/sse`).href)
      ;[name, data] = ['', []]
    }
  }
  return found
}

/** What a client gets of a stream that the MCP server writes piece by piece, and whether it ended well. */
function streamOf(
  pieces: readonly string[],
  headers: Record<string, string> = {},
  path = '/currenttime/sse',
): Promise<{ text: string; ended: boolean }> {
  gateway.reset()
  gateway.currenttime.answer = async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers })
    for (const piece of pieces) {
      response.write(Buffer.from(piece))
      await new Promise((done) => setTimeout(done, 5))
    }
    response.end()
  }
  return new Promise((done) => {
    const options = { port: gateway.port, host: '127.0.0.1', path, headers: { authorization, accept: 'text/event-stream' } }
    const asked = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', () => {})
      response.on('close', () => done({ text: Buffer.concat(chunks).toString(), ended: response.complete }))
    })
    asked.on('error', () => done({ text: '', ended: false }))
    asked.end()
  })
}

const GOOD: [string, string, string][] = [
  ['as servers write it', 'event: endpoint\ndata: /messages?session_id=1\n\n', '/messages?session_id=1'],
  ['with CRLF', 'event: endpoint\r\ndata: /messages/?a=b%20c\r\n\r\n', '/messages/?a=b%20c'],
  ['with CR', 'event: endpoint\rdata: /messages\r\r', '/messages'],
  ['without blanks', 'event:endpoint\ndata:/messages\n\n', '/messages'],
  ['data first', 'data: /messages\nevent: endpoint\n\n', '/messages'],
  ['after comments, an id and a time', ': hello\n\nretry: 3000\n\nid: 7\nevent: endpoint\ndata: /messages\n\n', '/messages'],
  ['after a ping', 'event: ping\ndata: {}\n\nevent: endpoint\ndata: /messages\n\n', '/messages'],
  ['with a byte order mark', '\ufeffevent: endpoint\ndata: /messages\n\n', '/messages'],
  ['of another origin', 'event: endpoint\ndata: http://10.0.0.7:8080/message?sessionId=x\n\n', '/message?sessionId=x'],
  ['relative', 'event: endpoint\ndata: messages?x=1\n\n', '/messages?x=1'],
  ['a query alone', 'event: endpoint\ndata: ?x=1\n\n', '/sse?x=1'],
  ['named like another server', 'event: endpoint\ndata: /mcpgw/messages\n\n', '/mcpgw/messages'],
  ['of the gateway itself', 'event: endpoint\ndata: https://localhost/mcpgw/messages\n\n', '/mcpgw/messages'],
]
const MORE = 'data: {"text":"event: endpoint\\ndata: /x"}\n\n'
for (const [what, text, expected] of GOOD) {
  for (const pieces of [[text + MORE], [...text, MORE]]) {
    endpoint(`261 one ${what}${pieces.length > 1 ? ', in pieces' : ''}`, async () => {
      const seen = await streamOf(pieces)
      const places = [`http://localhost:${gateway.port}/currenttime${expected}`]
      assert.equal([endpointsIn(seen.text, SPEC), endpointsIn(seen.text, LOOSE), seen.ended], [places, places, true], seen.text)
      assert.ok(seen.text.endsWith(MORE), seen.text)
    })
  }
}

const BAD = [
  '/../mcpgw/messages',
  '/x/../../mcpgw/messages',
  '/./../mcpgw/messages',
  '../mcpgw/messages',
  '//mcpgw/messages',
  '//localhost/mcpgw/messages',
  '/\\mcpgw/messages',
  '\\\\localhost\\mcpgw',
  '/%2e%2e/mcpgw/messages',
  '/x/%2E%2E/%2e./mcpgw',
  '/\t../mcpgw/messages',
  '/x\ndata: /../../mcpgw/messages',
  '/.\ndata: ./mcpgw/messages',
  'http://localhost/../mcpgw/messages',
  'http://localhost/x/../../mcpgw/messages',
  'http:/mcpgw/messages',
  'http:mcpgw/messages',
  'http://a@localhost/mcpgw/messages',
  'file:///mcpgw/messages',
  '/x#y',
  '/x y',
  '/\u00e9',
  ' /x',
  '/x\u2028data: /../../mcpgw',
  '',
]
for (const data of BAD) {
  endpoint(`261 one that says ${JSON.stringify(data)}`, async () => {
    const { text, ended } = await streamOf([`event: endpoint\ndata: ${data}\n\n`, MORE])
    assert.equal([text, ended], ['', false])
  })
}

const ODD: [string, string][] = [
  ['lines that end otherwise', 'data: 1\u2028event: endpoint\u2028data: /mcpgw/messages\u2028\u2028\n\n'],
  ['a name among the data', 'data: x\u0085event: endpoint\u0085\ndata: /mcpgw/messages\n\n'],
  ['two names', 'event: endpoint\nevent: endpoint\ndata: /../mcpgw/x\n\n'],
  ['other letters', 'Event:  endpoint \ndata: /../mcpgw/x\n\n'],
  ['no text', `data: ${'\ud800'}\nevent: endpoint\ndata: /../mcpgw/x\n\n`],
  ['no end of line at the end', 'event: endpoint\ndata: /../mcpgw/x'],
]
for (const [what, stream] of ODD) {
  endpoint(`261 one with ${what}`, async () => {
    const { text } = await streamOf([stream])
    assert.equal([...endpointsIn(`${text}\n\n`, SPEC), ...endpointsIn(`${text}\n\n`, LOOSE)], [], text)
  })
}

for (const later of [
  'event: endpoint\ndata: /mcpgw/messages\n\n',
  'event:endpoint\r\ndata: http://localhost/mcpgw/messages\r\n\r\n',
  'event: endpoint\rdata: /mcpgw/messages\r\r',
  'event:endpoint\rdata: /../mcpgw/messages\r\r',
  'data: /mcpgw/messages\nevent:endpoint\n\n',
  'event: endpoint-1-2-3-4\ndata: /mcpgw/messages\n\n',
]) {
  endpoint(`261 a later one: ${JSON.stringify(later)}`, async () => {
    for (const pieces of [
      ['event: endpoint\ndata: /m\n\n', later, MORE],
      ['event: endpoint\ndata: /m\n\n', ...later, MORE],
      [`event: endpoint\ndata: /m\n\n${later}${MORE}`],
    ]) {
      const { text } = await streamOf(pieces)
      assert.equal(endpointsIn(text, SPEC), [`http://localhost:${gateway.port}/currenttime/m`], text)
      assert.ok(text.endsWith(MORE), text)
    }
  })
}

for (const charset of ['utf-7', 'UTF-16', '"utf-7"', 'utf-8; charset=utf-7', 'utf-7; x=charset=utf-8', ' iso-2022-jp']) {
  endpoint(`261 a stream whose charset is ${charset}`, async () => {
    const text = '+AGUAdgBlAG4AdA-: endpoint\ndata: /mcpgw/messages\n\n'
    assert.equal(await streamOf([text], { 'content-type': `text/event-stream; charset=${charset}` }), { text: '', ended: false })
  })
}

endpoint('261 a stream that says that it is UTF-8', async () => {
  for (const charset of ['utf-8', 'UTF-8', '"utf-8"', 'utf8']) {
    const { text, ended } = await streamOf(['event: endpoint\ndata: /m\n\n'], { 'content-type': `text/event-stream;charset=${charset}` })
    assert.equal([text, ended], ['event: endpoint\ndata: /currenttime/m\n\n', true])
  }
})

endpoint('261 a stream that is packed, or never says one', async () => {
  assert.equal(await streamOf(['event: endpoint\ndata: /m\n\n'], { 'content-encoding': 'gzip' }), { text: '', ended: false })
  const many = Array.from({ length: 20 }, () => `data: ${'x'.repeat(20_000)}\n\n`)
  assert.is((await streamOf([...many, 'event: endpoint\ndata: /m\n\n'])).ended, false)
})

endpoint.run()
