/** Connections: several requests on one, first lines that are none, bodies that are announced and do not come. */
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Answer } from '../support/raw.ts'
import { CHUNKED, chunk, HEAD, hidden, LINE, refused, same } from './framed.ts'
import { type Case, DELIVERED, getFrom, http, MESSAGE, NOW, postTo, runTable } from './table.ts'

const statuses = (...expected: readonly number[]) => ({
  options: { answers: expected.length, timeout: 2000 },
  check: (answers: readonly Answer[]) => {
    const seen = answers.map(({ status }) => status).join(' ')
    return seen === expected.join(' ') ? undefined : `answers ${seen} instead of ${expected.join(' ')}`
  },
})

const PIPELINES: Case[] = [
  {
    id: '250',
    name: "a request inside a stranger's body is no request",
    send: (w) => {
      const body = hidden(w)
      return http(LINE, [...HEAD, `Content-Length: ${body.length}`], body)
    },
    status: 401,
    backend: 'nothing',
    decisions: 1,
    ...statuses(401),
  },
  {
    id: '250',
    name: 'a request inside the body of a GET is no request',
    send: (w) => {
      const body = hidden(w)
      return http('GET /currenttime/mcp HTTP/1.1', ['Host: localhost', w.agent, `Content-Length: ${body.length}`], body)
    },
    status: 400,
    backend: 'nothing',
    decisions: 1,
    ...statuses(400),
  },
  {
    id: '250',
    name: 'a GET with chunks',
    send: (w) => http('GET /currenttime/mcp HTTP/1.1', ['Host: localhost', w.agent, 'Transfer-Encoding: chunked'], CHUNKED),
    status: 400,
    backend: 'nothing',
  },
  {
    id: '250',
    name: 'a forbidden request, a good one and a stranger on one connection are three callers',
    send: (w) => Buffer.concat([postTo('/mcpgw/mcp', [w.agent]), postTo('/currenttime/mcp', [w.agent]), postTo('/currenttime/mcp', [])]),
    status: 403,
    backend: DELIVERED,
    ...statuses(403, 200, 401),
  },
  {
    id: '250',
    name: 'the identity of one request is not that of the next',
    send: (w) => Buffer.concat([getFrom('/nowhere', [w.admin]), postTo('/currenttime/mcp', [w.agent, 'Connection: close'])]),
    status: 404,
    backend: DELIVERED,
    ...statuses(404, 200),
  },
]

const START_LINES: Case[] = [
  ...['HTTP/1.1 x', 'HTTP/2.0', 'HTTP/9.9', 'http/1.1', 'HTTP/1.', 'HTTP/1.1\x00', 'HTTPS/1.1', 'ICY/1.0'].map((version) =>
    refused('245', `the version ${JSON.stringify(version)}`, [`Content-Length: ${NOW.length}`], {
      line: LINE.replace('HTTP/1.1', version),
      status: [400, 505],
    }),
  ),
  ...['post', 'PoST', 'POST\x00', 'P\tOST', '', 'POST POST', 'G\xe9T'].map((method) =>
    refused('245', `the method ${JSON.stringify(method)}`, [`Content-Length: ${NOW.length}`], {
      line: LINE.replace('POST', method),
      status: [0, 400, 405],
    }),
  ),
  { id: '245', name: 'HTTP/0.9', send: 'GET /currenttime/mcp\r\n', status: [0, 400], backend: 'nothing' },
  {
    id: '245',
    name: 'the preface of HTTP/2 in plain text',
    send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    status: [0, 400, 405, 505],
    backend: 'nothing',
  },
  {
    id: '245',
    name: 'TLS on the plain port',
    send: Buffer.from('16030100a5010000a10303', 'hex'),
    status: [0, 400],
    backend: 'nothing',
    options: { timeout: 2500 },
  },
  {
    id: '245',
    name: 'upgrading to HTTP/2 is not passed on',
    send: (w) =>
      postTo('/currenttime/mcp', [w.agent, 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']),
    status: 200,
    backend: { ...DELIVERED, passes: ['http2-settings'] },
  },
]

/** Everything that comes back, interim answers included, to a head alone. */
const firstBytes = (port: number, head: Buffer): Promise<string> =>
  new Promise((done) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(head))
    socket.on('data', (data) => {
      text += data
    })
    socket.on('close', () => done(text))
    setTimeout(() => socket.destroy(), 300)
  })

const STALLS: Case[] = [
  refused('251', 'a body that does not end', ['Content-Length: 5000'], { status: [0, 408] }),
  refused('251', 'chunks that do not end', ['Transfer-Encoding: chunked'], { body: chunk(NOW), status: [0, 408] }),
  { id: '251', name: 'a head that does not end', send: `${LINE}\r\nHost: localhost\r\n`, status: [0, 408], backend: 'nothing' },
  {
    id: '251',
    name: 'a client that leaves in the middle of its body',
    send: (w) => http(LINE, [...MESSAGE(), w.agent], NOW.slice(0, 40)),
    options: { timeout: 100 },
    status: 0,
    backend: 'nothing',
  },
  {
    id: '254',
    name: 'Expect: 100-continue by a stranger, who keeps the body: a final answer, and it is 401',
    send: http(LINE, [...MESSAGE(), 'Expect: 100-continue']),
    status: 401,
    backend: 'nothing',
    check: async (_, { gateway }) => {
      const text = await firstBytes(gateway.port, http(LINE, [...MESSAGE(), 'Expect: 100-continue']))
      return (text.match(/HTTP\/1\.1 [2-5]\d\d/g) ?? []).join() === 'HTTP/1.1 401' ? undefined : text
    },
  },
  same('254', 'Expect: 100-continue by a known caller', [`Content-Length: ${NOW.length}`, 'Expect: 100-continue']),
]

runTable('connections', [...PIPELINES, ...START_LINES, ...STALLS], {
  configure: (conf) => {
    const file = join(conf, 'example.conf')
    const short = 'client_header_timeout 1s;\n    client_body_timeout 1s;'
    writeFileSync(file, readFileSync(file, 'utf8').replace('server_tokens off;', `server_tokens off;\n    ${short}`))
  },
})
