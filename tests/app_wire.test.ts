import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Hono } from 'hono'
import pino from 'pino'
import { type AppOptions, createApp } from '../src/app.ts'
import { EVERY_SCOPE } from '../src/gate/challenge.ts'
import type { Gate } from '../src/gate/decide.ts'
import { createPolicy } from '../src/gate/policy.ts'
import { createLog } from '../src/log.ts'
import { isServer } from '../src/scopes/schema.ts'
import { createGateServer } from '../src/server.ts'
import * as assert from './support/assert.ts'
import { type Answer, send } from './support/raw.ts'
import { suite } from './support/suite.ts'

const wire = suite('the validator on the wire')

const RULE = { scope: 't/call', server: 'now', methods: ['tools/call'], tools: ['tick'], prompts: [], resources: [] }
const AGENT = { clientId: 'agent', username: null, groups: [], scopes: ['t/call'], audience: null, expiresAt: 1100 }
const GATE: Gate = {
  policy: createPolicy([RULE], ['t/call'], new Map()),
  verifyToken: async (token) => {
    if (token.startsWith('fault')) throw new Error('fault')
    return token.startsWith('good') ? { ok: true, value: AGENT } : { ok: false, reason: 'token_malformed' }
  },
  openSession: async () => ({ ok: false, reason: 'session_malformed' }),
  isServer,
  now: () => 1000,
  cookieName: 'sid',
  gateway: 'https://gate.test',
  allowedOrigins: new Set(['https://app.test']),
  challengeScopes: EVERY_SCOPE,
  decisionCacheSeconds: 5,
}

let server: Server
let port: number
let logged = ''
let gate: Gate | null = GATE
let missing: string[] = []

wire.before(async () => {
  const log = createLog('info')
  const write = (line: string): void => {
    logged += line
  }
  Object.assign(log, { [pino.symbols.streamSym]: { write } })
  const options: AppOptions = {
    gate: () => gate,
    missing: () => missing,
    oauth: new Hono(),
    login: new Hono(),
    onStepUp: () => {},
    revoke: async () => null,
    log,
  }
  server = createGateServer(createApp(options), options)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})
wire.after(() => {
  server.close()
  server.closeAllConnections()
})
wire.before.each(() => {
  logged = ''
  gate = GATE
  missing = []
})

const HEADERS = { Host: 'v', 'X-Mcp-Server': 'now', 'X-Mcp-Http-Method': 'POST', Authorization: 'Bearer good.token' }
async function ask(line: string, headers: Record<string, string> = {}, more = ''): Promise<Answer> {
  const lines = Object.entries({ ...HEADERS, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const [answer] = await send(port, `${line}\r\n${lines.join('')}${more}\r\n`)
  return answer ?? { status: 0, headers: {}, body: '' }
}

wire('a yes has no body and no length', async () => {
  const { status, body, headers } = await ask('GET /validate HTTP/1.1')
  assert.equal([status, body, headers['x-user']], [204, '', ['agent']])
})

const ODD = ['HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT', 'PROPFIND', 'M-SEARCH', 'get', 'Get', 'GETX', 'PRI']
for (const method of ODD) {
  wire(`${method} is never a yes`, async () => {
    const { status } = await ask(`${method} /validate HTTP/1.1`, { Connection: 'close' })
    // Node closes the connection of a CONNECT without a word.
    assert.ok(status >= 400 || (method === 'CONNECT' && status === 0), String(status))
  })
}

const TARGETS = [
  '*',
  '',
  '/validate/',
  '//validate',
  '/Validate',
  '/validate%2f',
  '/validate\\',
  '/validate;x',
  '\\validate',
  'validate',
  '?/validate',
]
for (const target of TARGETS) {
  wire(`the target "${target}" is never a yes`, async () => {
    const { status } = await ask(`GET ${target} HTTP/1.1`, { Connection: 'close' })
    assert.ok(status === 400 || status === 404, String(status))
  })
}

wire('two Authorization headers are never a yes', async () => {
  const { status } = await ask('GET /validate HTTP/1.1', {}, 'Authorization: Bearer good.token\r\n')
  assert.is(status, 401)
})

wire('two servers are never a yes', async () => {
  const { status } = await ask('GET /validate HTTP/1.1', {}, 'X-Mcp-Server: now\r\n')
  assert.is(status, 500)
})

wire('a question with a body is answered like any other, and the connection holds', async () => {
  const more = 'Content-Length: 4\r\n'
  const { status } = await ask('GET /validate HTTP/1.1', {}, `${more}\r\nbody`)
  assert.ok(status === 204 || status === 400, String(status))
})

const SECRETS = {
  Authorization: 'Bearer good.sEcReT',
  Cookie: 'sid=sEcReT; other=sEcReT',
  'X-Original-URL': '/now/mcp?access_token=sEcReT',
}
const CALLS: [string, Record<string, string>][] = [
  ['a yes', SECRETS],
  ['a bad token', { ...SECRETS, Authorization: 'Bearer bad.sEcReT' }],
  ['a malformed header', { ...SECRETS, Authorization: 'sEcReT' }],
  ['a bad cookie', { ...SECRETS, Authorization: '' }],
  ['a malformed question', { ...SECRETS, 'X-Mcp-Call': 'sEcReT' }],
  ['a fault', { ...SECRETS, Authorization: 'Bearer fault.sEcReT' }],
]
for (const [what, headers] of CALLS) {
  wire(`neither the log nor the answer to ${what} holds a credential`, async () => {
    const answer = await ask('GET /validate HTTP/1.1', headers)
    assert.ok(logged.includes(what === 'a fault' ? '"unexpected error"' : '"decision"'), logged)
    assert.not.match(logged + JSON.stringify(answer), /sEcReT/)
  })
}

const CALL = Buffer.from('{"method":"tools/call","name":"tick"}').toString('base64url')
const QUESTIONS: [string, Record<string, string>, string?][] = [
  ['who it is', {}],
  ['a call', { 'X-Mcp-Call': CALL }],
  ['a call that is not open', { 'X-Mcp-Call': Buffer.from('{"method":"tools/call","name":"tock"}').toString('base64url') }],
  ['a server that is not open', { 'X-Mcp-Server': 'other' }],
  ['no server', { 'X-Mcp-Server': '' }],
  ['the old transport', { 'X-Mcp-Transport': 'sse', Authorization: '' }],
  ['an odd HTTP method', { 'X-Mcp-Http-Method': 'PUT' }],
  ['an origin that is allowed', { Origin: 'https://app.test' }],
  ['an origin that is allowed, and a bad token', { Origin: 'https://app.test', Authorization: 'Bearer bad' }],
  ['a foreign origin', { Origin: 'https://evil.test' }],
  ['an empty origin', { Origin: '' }],
  ['no credential', { Authorization: '' }],
  ['a bad token', { Authorization: 'Bearer bad' }],
  ['two tokens', {}, 'Authorization: Bearer good.other\r\n'],
  ['the same token twice', {}, 'Authorization: Bearer good.token\r\n'],
  ['two cookies', { Authorization: '', Cookie: 'sid=a' }, 'Cookie: sid=b\r\n'],
  ['two origins', { Origin: 'https://app.test' }, 'Origin: https://app.test\r\n'],
  ['two calls', { 'X-Mcp-Call': CALL }, `X-Mcp-Call: ${CALL}\r\n`],
  ['two HTTP methods', {}, 'X-Mcp-Http-Method: GET\r\n'],
  ['names in small letters', { Authorization: '', 'X-Mcp-Server': '' }, 'authorization: Bearer good.token\r\n'],
  ['spaces around a value', { Authorization: '  Bearer good.token \t' }],
  ['a letter beyond ASCII', { Authorization: 'Bearer g\u00f6\u00f6d' }],
  ['a length of nothing', { 'Content-Length': '0' }],
  ['the wish to close', { Connection: 'close' }],
  ['a fault', { Authorization: 'Bearer fault.token' }],
]
for (const [what, headers, more] of QUESTIONS) {
  wire(`asked of ${what}, the server and the application give the same answer and write the same line`, async () => {
    const seen = []
    // To the server a host in capitals is not the plain question that it answers itself.
    for (const Host of ['v', 'V']) {
      logged = ''
      const { status, headers: told, body } = await ask('GET /validate HTTP/1.1', { Host, ...headers, 'X-Request-Id': 'r' }, more)
      const { time, us, stack, ...line } = JSON.parse(logged)
      const { connection: [connection] = [], 'keep-alive': _, ...others } = told
      seen.push({ status, told: { ...others, date: [] }, closes: connection === 'close', body, line })
    }
    assert.equal(seen[0], seen[1])
    assert.ok((seen[0]?.status ?? 0) >= 204)
  })
}

for (const lacking of [[], ['keys of pool p: not fetched yet']]) {
  wire(
    `asked whether it is ready, with ${lacking.length} things missing, the server and the application give the same answer`,
    async () => {
      missing = lacking
      const seen = []
      for (const Host of ['v', 'V']) {
        const { status, headers, body } = await ask('GET /ready HTTP/1.1', { Host })
        seen.push({ status, headers: { ...headers, date: [] }, body })
      }
      assert.equal(seen[0], seen[1])
      assert.is(seen[0]?.status, lacking.length === 0 ? 200 : 503)
      assert.equal(JSON.parse(seen[0]?.body ?? ''), lacking.length === 0 ? { ready: true } : { ready: false, missing: lacking })
    },
  )
}

wire('of a connection that stays nothing is said, and another question is answered on it', async () => {
  const lines = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}\r\n`)
  const answers = await send(port, `GET /validate HTTP/1.1\r\n${lines.join('')}\r\n`.repeat(2), { answers: 2 })
  assert.equal(
    answers.map(({ status, headers }) => [status, headers.connection, headers['keep-alive']]),
    [1, 2].map(() => [204, undefined, undefined]),
  )
})

wire('it says what is missing without a policy too', async () => {
  gate = null
  missing = ['a policy']
  assert.is((await ask('GET /ready HTTP/1.1')).status, 503)
})

wire('a yes is remembered by what was said to whom: the next caller gets an answer of their own', async () => {
  const seen = []
  for (const token of ['good.token', 'bad', 'good.token']) {
    const { status, headers } = await ask('GET /validate HTTP/1.1', { Authorization: `Bearer ${token}` })
    seen.push([status, headers['x-user'], headers['access-control-allow-origin']])
  }
  assert.equal(seen, [
    [204, ['agent'], undefined],
    [401, undefined, undefined],
    [204, ['agent'], undefined],
  ])
})

wire('without a policy there is no answer but 503', async () => {
  gate = null
  const { status, body } = await ask('GET /validate HTTP/1.1')
  assert.equal([status, JSON.parse(body).reason], [503, 'policy_unavailable'])
})

wire('another policy is in force with the next question', async () => {
  assert.is((await ask('GET /validate HTTP/1.1')).status, 204)
  gate = { ...GATE, policy: createPolicy([], ['t/call'], new Map()) }
  assert.is((await ask('GET /validate HTTP/1.1')).status, 403)
})

wire('a decision is one line, with what NGINX said of the request', async () => {
  const call = Buffer.from('{"method":"tools/call","name":"tick"}').toString('base64url')
  await ask('GET /validate HTTP/1.1', { 'X-Request-Id': 'r1', 'X-Mcp-Call': call, 'X-Original-URL': '/now/mcp?x' })
  const { time, us, ...line } = JSON.parse(logged)
  assert.ok(us >= 0 && us < 10_000_000 && typeof time === 'string')
  assert.equal(line, {
    level: 'info',
    service: 'gatehouse',
    msg: 'decision',
    request_id: 'r1',
    server: 'now',
    http_method: 'POST',
    method: 'tools/call',
    name: 'tick',
    path: '/now/mcp',
    user: 'agent',
    client_id: 'agent',
    auth_method: 'jwt',
    decision: 'allow',
    status: 204,
  })
})

wire.run()
