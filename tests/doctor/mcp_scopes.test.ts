/** Whether Cognito lets MCP clients ask for the scopes of the policy, and for tokens that are bound to a server. */

import { type Cognito, startCognito } from '../../src/demo/cognito/start.ts'
import type { Answer } from '../../src/doctor/ask.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import type { McpFace } from '../../src/doctor/mcp_face.ts'
import { checkMcpScopes } from '../../src/doctor/mcp_scopes.ts'
import type { UsablePolicy } from '../../src/doctor/policy.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import type { Environment } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { fakeWorld, gatewayEnv, kinds, MCP_CALLBACK, poolWith, profileFrom, realWorld } from './world.ts'

const OWN = { COGNITO_MCP_CLIENT_ID: 'mcp', COGNITO_MCP_CLIENT_SECRET: 'mcp-secret-0123456789' }
const DOMAIN = 'https://auth.example.com'
let cognito: Cognito
const told = (findings: readonly Finding[]): string =>
  findings.map(({ evidence, remedy }) => `${evidence} ${remedy ?? ''}`.trim()).join('\n')

/** That knows these scopes, all for one server. */
function policyWith(...scopes: string[]): UsablePolicy {
  const loaded = loadScopes(scopes.map((scope) => `${scope}:\n  - {server: now, methods: "*"}\n`).join(''))
  if ('problems' in loaded) throw new Error(loaded.problems.join())
  return { path: 'scopes.yml', ...loaded }
}

const scopes = suite('what MCP clients may ask for')
scopes.before(async () => {
  cognito = await startCognito(poolWith())
})
scopes.after(() => cognito.close())

async function scopesAt(
  origin: string,
  changes: Environment,
  policy: UsablePolicy | null,
  registered: string | null = MCP_CALLBACK,
  world = realWorld,
) {
  const profile = profileFrom('.env', gatewayEnv(origin, { ...OWN, ...changes }))
  return checkMcpScopes(profile, profile.mcp as McpFace, registered, policy, world)
}
for (const [what, changes, names, expected, text] of [
  ['all allowed', {}, ['tools/read', 'tools/write'], ['ok'], /^MCP clients may ask by mcp for tools\/read tools\/write$/],
  [
    'one that is not',
    {},
    ['tools/read', 'files/read'],
    ['failure'],
    /ask by mcp for files\/read \(invalid_scope\).*Custom scopes: allow files\/read\. Or .* by MCP_SCOPES=tools\/read in \.env\.$/,
  ],
  [
    'two that are not',
    {},
    ['files/read', 'tools/read', 'files/write'],
    ['failure'],
    /for files\/read, files\/write \(.*allow files\/read, files\/write\./,
  ],
  ['none that is', {}, ['files/read'], ['failure'], /by MCP_SCOPES=none in \.env\.$/],
  [
    'a name that Cognito cannot have',
    {},
    ['tools/read', 'solo'],
    ['failure'],
    /for solo .*Names of Cognito's are RESOURCE_SERVER\/SCOPE\. Rename it in scopes\.yml, or .*MCP_SCOPES=tools\/read/,
  ],
  ['left out by MCP_SCOPES', { MCP_SCOPES: 'tools/read' }, ['tools/read', 'files/read'], ['ok'], /for tools\/read$/],
  [
    'a misspelt one in MCP_SCOPES',
    { MCP_SCOPES: 'tools/read,tools/wirte' },
    ['tools/read', 'tools/write'],
    ['ok', 'warning'],
    /MCP_SCOPES in \.env names tools\/wirte, which scopes\.yml does not know/,
  ],
  [
    'nothing, and openid is not allowed',
    { MCP_SCOPES: 'none' },
    ['tools/read'],
    ['failure'],
    /for openid \(.*OpenID Connect scopes: allow openid/,
  ],
] as [string, Environment, string[], string[], RegExp][]) {
  scopes(what, async () => {
    const findings = await scopesAt(cognito.origin, changes, policyWith(...names))
    assert.equal(
      kinds(findings),
      expected.map((status) => `${status} mcp-scopes`),
      told(findings),
    )
    assert.match(told(findings), text)
  })
}
scopes('nothing is asked for by openid', async () => {
  const findings = await scopesAt(cognito.origin, { COGNITO_MCP_CLIENT_ID: 'public', MCP_SCOPES: 'none' }, policyWith('tools/read'))
  assert.match(told(findings), /^MCP clients may ask by public for openid$/)
})
scopes('all of them at once, then each alone, and those that are too many together', async () => {
  const location = `${MCP_CALLBACK}?error_description=invalid_scope&error=invalid_request`
  const world = fakeWorld(({ path }) =>
    /scope=\S*\+/.test(path) ? { status: 302, headers: { location } } : { status: 302, headers: { location: '/login?x' } },
  )
  const findings = await scopesAt(DOMAIN, {}, policyWith('a/b', 'c/d'), MCP_CALLBACK, world)
  const asked = world.asked.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('scope'))
  assert.equal(asked, ['a/b c/d', 'a/b', 'c/d'])
  assert.match(told(findings), /for a\/b, c\/d \(invalid_scope\)/)
})
for (const [what, registered, policy] of [
  ['no policy', MCP_CALLBACK, null],
  ['no callback URL', null, policyWith('tools/read')],
  ['one that is not registered', 'http://localhost:1/x', policyWith('tools/read')],
] as [string, string | null, UsablePolicy | null][]) {
  scopes(`not judged: ${what}`, async () =>
    assert.equal(kinds(await scopesAt(cognito.origin, {}, policy, registered)), ['skipped mcp-scopes']),
  )
}

const BINDING = { COGNITO_RESOURCE_BINDING: 'on' }
for (const [what, gateway, expected, text] of [
  ['a resource that Cognito takes', 'http://localhost:8123', ['ok', 'ok'], /takes http:\/\/localhost:8123\/now\/mcp as the resource/],
  [
    'a resource that it does not',
    'http://127.0.0.1:8123',
    ['ok', 'failure'],
    /does not take http:\/\/127\.0\.0\.1:8123\/now\/mcp .*\(invalid_request\).*COGNITO_RESOURCE_BINDING=off in \.env/,
  ],
] as [string, string, string[], RegExp][]) {
  scopes(what, async () => {
    const findings = await scopesAt(cognito.origin, { ...BINDING, REGISTRY_URL: gateway }, policyWith('tools/read'))
    assert.equal(
      kinds(findings),
      expected.map((status) => `${status} mcp-scopes`),
      told(findings),
    )
    assert.match(told(findings), text)
  })
}
for (const [what, answer] of [
  ['another error page', { status: 302, headers: { location: '/error?error=x' } }],
  ['no answer', { trouble: 'TIMEOUT' }],
] as [string, Partial<Answer>][]) {
  scopes(`a resource, and ${what}`, async () => {
    const world = fakeWorld(({ path }) => (path.includes('resource=') ? answer : { status: 302, headers: { location: '/login' } }))
    assert.equal(kinds(await scopesAt(DOMAIN, BINDING, policyWith('tools/read'), MCP_CALLBACK, world)), [
      'ok mcp-scopes',
      'failure mcp-scopes',
    ])
  })
}
scopes.run()
