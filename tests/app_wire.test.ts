import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import pino from 'pino'
import { suite } from 'uvu'
import { createApp } from '../src/app.ts'
import { EVERY_SCOPE } from '../src/gate/challenge.ts'
import type { Gate } from '../src/gate/decide.ts'
import { createPolicy } from '../src/gate/policy.ts'
import { createLog } from '../src/log.ts'
import { isServer } from '../src/scopes/schema.ts'
import * as assert from './support/assert.ts'
import { type Answer, send } from './support/raw.ts'

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
  allowedOrigins: new Set(),
  challengeScopes: EVERY_SCOPE,
  decisionCacheSeconds: 5,
}

let server: Server
let port: number
let logged = ''

wire.before(async () => {
  const log = createLog('info')
  const write = (line: string): void => {
    logged += line
  }
  Object.assign(log, { [pino.symbols.streamSym]: { write } })
  const app = createApp({
    gate: () => GATE,
    missing: () => [],
    oauth: new Hono(),
    login: new Hono(),
    onStepUp: () => {},
    revoke: async () => null,
    log,
  })
  server = createAdaptorServer({ fetch: app.fetch }) as Server
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})
wire.after(() => {
  server.close()
  server.closeAllConnections()
})
wire.before.each(() => {
  logged = ''
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
