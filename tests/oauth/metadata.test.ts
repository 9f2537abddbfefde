import { Hono } from 'hono'
import { createApp } from '../../src/app.ts'
import type { Gate } from '../../src/gate/decide.ts'
import { createPolicy } from '../../src/gate/policy.ts'
import { createLog } from '../../src/log.ts'
import { createOAuthRoutes } from '../../src/oauth/routes.ts'
import type { OAuthService } from '../../src/oauth/service.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { createService, GATE, rule } from './service_double.ts'

const metadata = suite('the documents that lead to a token')

const start = (gate: Gate | null, changes: Partial<OAuthService> = {}) =>
  createApp({
    gate: () => gate,
    missing: () => [],
    oauth: createOAuthRoutes(createService({ gate: () => gate, ...changes })),
    login: new Hono(),
    onStepUp: () => {},
    revoke: async () => null,
    log: createLog('silent'),
  })
const WELL_KNOWN = '/.well-known/oauth-protected-resource'
const COMMON = { authorization_servers: ['https://gate.test'], bearer_methods_supported: ['header'] }

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
  [
    'a server by the address of the old transport',
    '/now/sse',
    { ...COMMON, resource: 'https://gate.test/now/sse', scopes_supported: ['t/call', 't/all'], resource_name: 'now' },
  ],
  [
    'the gateway as a whole',
    '',
    { ...COMMON, resource: 'https://gate.test', scopes_supported: ['t/call', 't/other', 't/all'], resource_name: 'MCP gateway' },
  ],
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
  '/now/other',
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

metadata('names the pools where users cannot sign in by the gateway', async () => {
  const response = await start(GATE, { mcp: null }).request(`${WELL_KNOWN}/now/mcp`)
  const { authorization_servers } = (await response.json()) as { authorization_servers: string[] }
  assert.equal(authorization_servers, ['https://issuer.test/pool', 'https://issuer.test/other'])
})

metadata('names no scope that the app client may not ask for', async () => {
  const app = start(GATE, { mcpScopes: new Set(['t/call']) })
  assert.equal(((await (await app.request(`${WELL_KNOWN}/now/mcp`)).json()) as { scopes_supported: string[] }).scopes_supported, ['t/call'])
  const none = await start(GATE, { mcpScopes: new Set() }).request(`${WELL_KNOWN}/now/mcp`)
  assert.not('scopes_supported' in ((await none.json()) as object))
})

const SERVER = {
  issuer: 'https://gate.test',
  authorization_endpoint: 'https://gate.test/oauth2/authorize',
  token_endpoint: 'https://gate.test/oauth2/token',
  registration_endpoint: 'https://gate.test/oauth2/register',
  revocation_endpoint: 'https://gate.test/oauth2/revoke',
  jwks_uri: 'https://issuer.test/pool/.well-known/jwks.json',
  scopes_supported: ['t/call', 't/other', 't/all'],
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods_supported: ['none'],
  revocation_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
  client_id_metadata_document_supported: false,
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
}
for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
  metadata(`${path} describes the gateway's face of Cognito`, async () => {
    const response = await start(GATE).request(path)
    assert.equal([response.status, await response.json()], [200, SERVER])
    assert.is(response.headers.get('access-control-allow-origin'), '*')
  })
  metadata(`${path} is not there where users cannot sign in`, async () => {
    const response = await start(GATE, { mcp: null }).request(path)
    assert.is(response.status, 404)
    assert.is(response.headers.get('access-control-allow-origin'), '*')
  })
  metadata(`${path} waits for a policy`, async () => assert.is((await start(null).request(path)).status, 503))
}

metadata('a page of any origin may ask before it reads', async () => {
  const headers = {
    origin: 'https://client.example',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'mcp-protocol-version',
  }
  for (const path of [`${WELL_KNOWN}/now/mcp`, '/.well-known/oauth-authorization-server', '/oauth2/token', '/oauth2/register']) {
    const response = await start(GATE).request(path, { method: 'OPTIONS', headers })
    assert.is(response.status, 204, path)
    assert.is(response.headers.get('access-control-allow-origin'), '*')
    assert.match((response.headers.get('access-control-allow-headers') ?? '').toLowerCase(), 'mcp-protocol-version')
    assert.is(response.headers.get('access-control-allow-credentials'), null)
  }
})

metadata.run()
