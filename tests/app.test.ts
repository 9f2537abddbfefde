import { Hono } from 'hono'
import { createApp } from '../src/app.ts'
import { EVERY_SCOPE } from '../src/gate/challenge.ts'
import type { Gate } from '../src/gate/decide.ts'
import { createPolicy } from '../src/gate/policy.ts'
import type { AccessToken } from '../src/gate/principal.ts'
import { createLog } from '../src/log.ts'
import { isServer } from '../src/scopes/schema.ts'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'

const app = suite('the routes of the validator')

const RULE = { scope: 't/call', server: 'now', methods: ['initialize', 'tools/call'], tools: ['tick'], prompts: [], resources: [] }
const LISTING = createPolicy([{ ...RULE, methods: '*', tools: '*', prompts: '*', resources: '*' }], ['t/call'], new Map())
const AGENT: AccessToken = { clientId: 'agent', username: null, groups: [], scopes: ['t/call'], audience: null, expiresAt: 1100 }
const GATE: Gate = {
  policy: createPolicy([RULE], ['t/call'], new Map()),
  verifyToken: async (token) => (token === 'good' ? { ok: true, value: AGENT } : { ok: false, reason: 'token_malformed' }),
  openSession: async () => ({ ok: false, reason: 'session_malformed' }),
  isServer,
  now: () => 1000,
  cookieName: 'sid',
  gateway: 'https://gate.test',
  allowedOrigins: new Set(['https://gate.test']),
  challengeScopes: EVERY_SCOPE,
  decisionCacheSeconds: 5,
}

function start(gate: Partial<Gate> | null = {}, missing: string[] = []) {
  const log = createLog('silent')
  return createApp({
    gate: () => gate && { ...GATE, ...gate },
    missing: () => missing,
    oauth: new Hono(),
    login: new Hono(),
    onStepUp: () => {},
    revoke: async () => null,
    log,
  })
}
const validator = start()

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const QUESTION = { authorization: 'Bearer good', 'x-mcp-server': 'now', 'x-mcp-http-method': 'POST' }
const TICK = encoded({ method: 'tools/call', name: 'tick' })
const without = (name: string): Record<string, string> => Object.fromEntries(Object.entries(QUESTION).filter(([key]) => key !== name))

app('a yes is 204 without a body, with the identity', async () => {
  const response = await validator.request('/validate', { headers: { ...QUESTION, 'x-mcp-call': TICK } })
  assert.equal([response.status, await response.text()], [204, ''])
  assert.equal(Object.fromEntries(response.headers), {
    'x-user': 'agent',
    'x-username': 'agent',
    'x-client-id': 'agent',
    'x-scopes': 't/call',
    'x-groups': '',
    'x-auth-method': 'jwt',
    'x-server-name': 'now',
    'x-mcp-allow': 'initialize tools/call=tick',
  })
})

app('the yes to who it is may be remembered, and one to a call may not', async () => {
  for (const [call, expected] of [
    ['', '4'],
    [TICK, null],
    [encoded({ method: 'initialize' }), null],
    ['*', null],
    [encoded({ method: 'tools/list' }), null],
  ] as const) {
    const response = await start({ policy: LISTING }).request('/validate', { headers: { ...QUESTION, 'x-mcp-call': call } })
    assert.equal([response.status, response.headers.get('x-accel-expires')], [204, expected], call)
  }
})

const REFUSED: [string, Record<string, string>, number, string][] = [
  ['no credentials', without('authorization'), 401, 'no_credentials'],
  ['a bad token', { ...QUESTION, authorization: 'Bearer bad' }, 401, 'token_malformed'],
  ['a bad cookie', { ...without('authorization'), cookie: 'sid=x' }, 401, 'session_malformed'],
  ['another tool', { ...QUESTION, 'x-mcp-call': encoded({ method: 'tools/call', name: 'tock' }) }, 403, 'name_not_allowed'],
  ['another method', { ...QUESTION, 'x-mcp-call': encoded({ method: 'tools/list' }) }, 403, 'method_not_allowed'],
  ['another server', { ...QUESTION, 'x-mcp-server': 'other' }, 403, 'server_not_allowed'],
  ['every call at a gate that does not read them', { ...QUESTION, 'x-mcp-call': '*' }, 403, 'server_not_allowed'],
  ['another HTTP method', { ...QUESTION, 'x-mcp-http-method': 'PUT' }, 403, 'method_not_allowed'],
  ['a foreign origin', { ...QUESTION, origin: 'https://evil.example' }, 403, 'origin_not_allowed'],
  ['no server', without('x-mcp-server'), 500, 'question_malformed'],
  ['no HTTP method', without('x-mcp-http-method'), 500, 'question_malformed'],
  ['no header at all', {}, 500, 'question_malformed'],
  ['a call that cannot be read', { ...QUESTION, 'x-mcp-call': '!' }, 500, 'question_malformed'],
]
for (const [what, headers, status, reason] of REFUSED) {
  app(`${what} is ${status} ${reason}, without a body`, async () => {
    const response = await validator.request('/validate', { headers })
    assert.equal([response.status, response.headers.get('x-gatehouse-reason'), await response.text()], [status, reason, ''])
    assert.is(response.headers.has('www-authenticate'), status < 500)
    for (const name of ['x-username', 'x-client-id', 'x-scopes', 'x-mcp-allow', 'x-accel-expires', 'x-auth-method']) {
      assert.is(response.headers.has(name), false, name)
    }
  })
}

app('no keys is 503', async () => {
  const unlucky = start({ verifyToken: async () => ({ ok: false, reason: 'keys_unavailable' }) })
  const response = await unlucky.request('/validate', { headers: QUESTION })
  assert.equal([response.status, response.headers.get('x-gatehouse-reason')], [503, 'keys_unavailable'])
})

app('no policy is 503', async () => {
  const response = await start(null).request('/validate', { headers: QUESTION })
  assert.equal(
    [response.status, await response.json()],
    [503, { reason: 'policy_unavailable', message: 'The policy is not at hand. Try again shortly.' }],
  )
})

app('a fault is 500 and says nothing, and the next question is answered', async () => {
  let faults = 1
  const verifyToken: Gate['verifyToken'] = async (token) => {
    faults -= 1
    if (faults >= 0) throw new Error(`fault with ${token}`)
    return { ok: true, value: AGENT }
  }
  const faulty = start({ verifyToken })
  const response = await faulty.request('/validate', { headers: QUESTION })
  assert.equal([response.status, await response.json()], [500, { reason: 'internal_error' }])
  assert.is((await faulty.request('/validate', { headers: QUESTION })).status, 204)
})

// NGINX takes every 2xx of a subrequest for a yes, so that nothing but the one answer may be one.
for (const method of ['HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'QUERY', 'LOCK', 'GETT', 'X']) {
  app(`${method} /validate is never a yes`, async () => {
    const response = await validator.request('/validate', { method, headers: { ...QUESTION, 'x-mcp-call': TICK } })
    assert.equal([response.status, response.headers.get('allow'), response.headers.has('x-user')], [405, 'GET', false])
  })
}

const PATHS = [
  '/',
  '/validate/',
  '/validate/now',
  '//validate',
  '/Validate',
  '/VALIDATE',
  '/validate.json',
  '/validate;a=b',
  '/validate%20',
  '/validate%00',
  '/validate%2F',
  '/validate%2Fx',
  '/%2Fvalidate',
  '/validation',
  '/validat',
  '/x/validate',
  '/*',
  '/index.html',
  '/health/',
  '/health/validate',
  '/ready/',
  '/metrics',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/__proto__',
]
for (const path of PATHS) {
  app(`${path} is nothing, by any method`, async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await validator.request(path, { method, headers: { ...QUESTION, 'x-mcp-call': TICK } })
      assert.is(response.status, 404, method)
    }
  })
}

for (const path of ['/health', '/ready', '/.well-known/oauth-protected-resource']) {
  app(`${path} is for reading alone`, async () => {
    for (const method of ['OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      assert.is((await validator.request(path, { method, headers: QUESTION })).status, 404, method)
    }
  })
}

app('a query changes nothing', async () => {
  assert.is((await validator.request('/validate?x-mcp-server=other', { headers: QUESTION })).status, 204)
  assert.is((await validator.request('/validate?authorization=Bearer%20good', { headers: without('authorization') })).status, 401)
})

app('what older clients and liars send is ignored', async () => {
  const lies = { 'x-user-pool-id': 'p', 'x-client-id': 'admin', 'x-region': 'r', 'x-user': 'root', 'x-scopes': 'all', 'x-groups': 'admins' }
  const response = await validator.request('/validate', {
    headers: { ...QUESTION, ...lies, 'x-server-name': 'other', host: 'evil.example' },
  })
  const seen = ['x-user', 'x-client-id', 'x-scopes', 'x-groups', 'x-server-name'].map((name) => response.headers.get(name))
  assert.equal(seen, ['agent', 'agent', 't/call', '', 'now'])
})

app('two Authorization headers are one malformed one', async () => {
  const headers = new Headers(QUESTION)
  headers.append('authorization', 'Bearer good')
  const response = await validator.request('/validate', { headers })
  assert.equal([response.status, response.headers.get('x-gatehouse-reason')], [401, 'authorization_malformed'])
})

app('it is alive', async () => {
  for (const one of [validator, start(null, ['everything'])]) {
    const response = await one.request('/health')
    assert.equal([response.status, await response.text()], [200, 'ok\n'])
  }
})

app('it is ready when nothing is missing', async () => {
  const ready = await validator.request('/ready')
  assert.equal([ready.status, await ready.json()], [200, { ready: true }])
  const waiting = await start({}, ['keys of pool p: not fetched yet']).request('/ready')
  assert.equal([waiting.status, await waiting.json()], [503, { ready: false, missing: ['keys of pool p: not fetched yet'] }])
})

app.run()
