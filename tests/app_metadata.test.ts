import { Hono } from 'hono'
import { suite } from 'uvu'
import { createApp } from '../src/app.ts'
import type { Gate } from '../src/gate/decide.ts'
import { createPolicy } from '../src/gate/policy.ts'
import { createLog } from '../src/log.ts'
import { isServer } from '../src/scopes/schema.ts'
import * as assert from './support/assert.ts'

const metadata = suite('the metadata of protected resources')

const rule = (scope: string, server: string) => ({ scope, server, methods: ['ping'], tools: [], prompts: [], resources: [] })
const RULES = [rule('t/call', 'now'), rule('t/other', 'later'), rule('t/all', '*')]
const GATE: Gate = {
  policy: createPolicy(RULES, ['t/call', 't/other', 't/all'], new Map()),
  verifyToken: async () => ({ ok: false, reason: 'token_malformed' }),
  openSession: async () => ({ ok: false, reason: 'session_malformed' }),
  isServer,
  now: () => 1000,
  cookieName: 'sid',
  gateway: 'https://gate.test',
  allowedOrigins: new Set(),
  decisionCacheSeconds: 5,
}
const ISSUERS = ['https://issuer.test/pool', 'https://issuer.test/other']
const start = (gate: Gate | null) =>
  createApp({
    gate: () => gate,
    missing: () => [],
    issuers: ISSUERS,
    login: new Hono(),
    revoke: async () => null,
    log: createLog('silent'),
  })
const WELL_KNOWN = '/.well-known/oauth-protected-resource'
const COMMON = { authorization_servers: ISSUERS, bearer_methods_supported: ['header'] }

const FOUND: [string, string, Record<string, unknown>][] = [
  [
    'a server: its scopes, those for every server included',
    '/now/mcp',
    { ...COMMON, resource: 'https://gate.test/now/mcp', scopes_supported: ['t/call', 't/all'], resource_name: 'now' },
  ],
  [
    'a server without rules of its own',
    '/unknown/mcp',
    { ...COMMON, resource: 'https://gate.test/unknown/mcp', scopes_supported: ['t/all'], resource_name: 'unknown' },
  ],
  ['the gateway as a whole', '', { ...COMMON, resource: 'https://gate.test', resource_name: 'MCP gateway' }],
]
for (const [what, path, expected] of FOUND) {
  metadata(`for ${what}`, async () => {
    const response = await start(GATE).request(WELL_KNOWN + path)
    assert.equal([response.status, await response.json()], [200, expected])
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.is(response.headers.get('access-control-allow-origin'), '*')
    assert.is(response.headers.get('cache-control'), 'max-age=300')
  })
}

metadata('there is none for a server that no scope opens', async () => {
  const gate = { ...GATE, policy: createPolicy([rule('t/call', 'now')], ['t/call'], new Map()) }
  assert.is((await start(gate).request(`${WELL_KNOWN}/unknown/mcp`)).status, 404)
  assert.is((await start(gate).request(`${WELL_KNOWN}/now/mcp`)).status, 200)
})

metadata('is the same whatever Host and credentials the client sends', async () => {
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', authorization: 'Bearer x', origin: 'https://evil.example' }
  const response = await start(GATE).request(`${WELL_KNOWN}/now/mcp`, { headers })
  assert.is(((await response.json()) as { resource: string }).resource, 'https://gate.test/now/mcp')
})

const MISSING = [
  '/now',
  '/now/',
  '/now/sse',
  '/now/mcp/',
  '/now/mcp/x',
  '/no%20w/mcp',
  '/%2e%2e/mcp',
  '/now%2Fmcp',
  '/*/mcp',
  '/.now/mcp',
  '//mcp',
  '/',
]
for (const path of MISSING) {
  metadata(`${path} names no server`, async () => {
    const response = await start(GATE).request(WELL_KNOWN + path)
    assert.equal([response.status, await response.json()], [404, { reason: 'not_found', message: 'There is nothing here.' }])
  })
}

metadata('waits for a policy', async () => {
  const response = await start(null).request(`${WELL_KNOWN}/now/mcp`)
  assert.equal(
    [response.status, await response.json()],
    [503, { reason: 'policy_unavailable', message: 'The policy is not at hand. Try again shortly.' }],
  )
})

metadata.run()
