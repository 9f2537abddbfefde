/** What the doctor makes of settings before anything is asked. */

import { checkAgreement } from '../../src/doctor/agreement.ts'
import { checkClock, skewOf } from '../../src/doctor/clock.ts'
import { checkFiles, checkProfile } from '../../src/doctor/environment.ts'
import { ok } from '../../src/doctor/finding.ts'
import { profilesOf, type Role, roleOf } from '../../src/doctor/profile.ts'
import { scrub } from '../../src/doctor/scrub.ts'
import type { Environment } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { agentEnv, gatewayEnv, kinds, profileFrom, SECRET_KEY } from './world.ts'

const ORIGIN = 'http://localhost:9'
const WITH_KEY = { REGISTRY_URL: 'https://mcp.example.com', SECRET_KEY }

const roles = suite('which settings a file holds')
for (const [what, variables, path, expected] of [
  ['the gateway by what only it has', { ALLOWED_CLIENT_IDS: 'x' }, 'any.env', 'gateway'],
  ['the gateway, whatever the file is called', { ALLOWED_CLIENT_IDS: 'x' }, '.env.user', 'gateway'],
  ['an agent by its endpoint', { MCP_REGISTRY_URL: 'http://x/mcpgw/mcp' }, 'any.env', 'agent'],
  ['an agent by the name of the file', { COGNITO_CLIENT_ID: 'x' }, '/etc/.env.agent-2', 'agent'],
  ['an agent by a secret without a key', { COGNITO_CLIENT_SECRET: 'x' }, 'any.env', 'agent'],
  ['a user by the name of the file', WITH_KEY, '.env.user', 'user'],
  ['a user by the gateway alone', { REGISTRY_URL: 'https://mcp.example.com' }, 'any.env', 'user'],
  ['the gateway whose clients are missing', WITH_KEY, '/srv/.env', 'gateway'],
  ['the gateway in the environment', { ...WITH_KEY, SCOPES_FILE: 'x' }, null, 'gateway'],
  ['empty values tell nothing', { ALLOWED_CLIENT_IDS: ' ', MCP_REGISTRY_URL: 'http://x' }, 'any.env', 'agent'],
] as [string, Environment, string | null, Role][]) {
  roles(what, () => assert.is(roleOf(variables, path), expected))
}
roles('the files of the gateway are one, the first one first, and the environment before all', () => {
  const file = (path: string, variables: Environment) => ({ path, variables, mode: null })
  const files = [
    file('a.env', { ALLOWED_CLIENT_IDS: 'a', REGISTRY_URL: 'https://a.example' }),
    file('.env', { ALLOWED_CLIENT_IDS: 'b', SECRET_KEY, SCOPES_FILE: 'b.yml' }),
    file('.env.agent', agentEnv(ORIGIN)),
  ]
  const [gateway, agent, ...more] = profilesOf(files, { SCOPES_FILE: 'c.yml' })
  assert.equal([gateway?.role, agent?.role, more.length], ['gateway', 'agent', 0])
  assert.is(gateway?.name, 'a.env and .env')
  assert.equal([gateway?.env.ALLOWED_CLIENT_IDS, gateway?.env.SCOPES_FILE, gateway?.gateway], ['a', 'c.yml', 'https://a.example'])
  assert.is(agent?.gateway, 'http://localhost:8123')
})
roles('an agent is asked about at the issuer that the gateway names for the same pool', () => {
  const files = [
    { path: '.env', variables: gatewayEnv(ORIGIN), mode: null },
    { path: '.env.agent', variables: agentEnv(ORIGIN), mode: null },
  ]
  const [, agent] = profilesOf(files, {})
  assert.equal([agent?.pools[0]?.issuers, agent?.issuerIsKnown], [[`${ORIGIN}/us-east-1_Doctor`], true])
  assert.is(profileFrom('.env.agent', agentEnv(ORIGIN)).issuerIsKnown, false)
  assert.is(profileFrom('.env.agent', agentEnv(ORIGIN, { COGNITO_DOMAIN: 'my-company' })).issuerIsKnown, true)
  const far = agentEnv(ORIGIN, { COGNITO_DOMAIN: undefined, COGNITO_USER_POOL_ID: 'us-gov-west-1_Abc' })
  assert.is(profileFrom('.env.agent', far).issuerIsKnown, false)
})
roles.run()

const complete = suite('settings that are complete and well-formed')
for (const [what, path, variables, expected] of [
  ['the gateway', '.env', gatewayEnv(ORIGIN), []],
  ['no REGISTRY_URL', '.env', gatewayEnv(ORIGIN, { REGISTRY_URL: '' }), ['environment REGISTRY_URL is missing']],
  ['nobody allowed', '.env', gatewayEnv(ORIGIN, { ALLOWED_CLIENT_IDS: undefined }), ['environment ALLOWED_CLIENT_IDS is missing']],
  ['a short key', '.env', gatewayEnv(ORIGIN, { SECRET_KEY: 'short' }), ['secret-key SECRET_KEY has 5 characters']],
  [
    'a placeholder for a key',
    '.env',
    gatewayEnv(ORIGIN, { SECRET_KEY: 'your-secret-key-change-me-0123456789' }),
    ['secret-key SECRET_KEY looks like a placeholder'],
  ],
  ['no key', '.env', gatewayEnv(ORIGIN, { SECRET_KEY: undefined }), ['secret-key SECRET_KEY is missing']],
  ['another region', '.env', gatewayEnv(ORIGIN, { AWS_REGION: 'eu-west-1' }), ['pool AWS_REGION is "eu-west-1"']],
  ['a malformed pool', '.env', gatewayEnv(ORIGIN, { COGNITO_USER_POOL_ID: 'Doctor' }), ['pool COGNITO_USER_POOL_ID must hold pool ids']],
  ['a malformed domain', '.env', gatewayEnv(ORIGIN, { COGNITO_DOMAIN: 'http://x/y' }), ['domain COGNITO_DOMAIN must be']],
  ['an agent', '.env.agent', agentEnv(ORIGIN), []],
  [
    'an agent without a secret',
    '.env.agent',
    agentEnv(ORIGIN, { COGNITO_CLIENT_SECRET: '' }),
    ['environment COGNITO_CLIENT_SECRET is missing'],
  ],
  ['an agent without an endpoint', '.env.agent', agentEnv(ORIGIN, { MCP_REGISTRY_URL: '' }), ['environment MCP_REGISTRY_URL is missing']],
  [
    'an agent with half an endpoint',
    '.env.agent',
    agentEnv(ORIGIN, { MCP_REGISTRY_URL: 'mcpgw/mcp' }),
    ['environment MCP_REGISTRY_URL must be'],
  ],
  ['an agent of another region', '.env.agent', agentEnv(ORIGIN, { AWS_REGION: 'eu-west-1' }), ['pool AWS_REGION is "eu-west-1"']],
  ['a user by way of the gateway', '.env.user', { REGISTRY_URL: 'https://mcp.example.com' }, []],
  [
    'a user with a key and no pool',
    '.env.user',
    WITH_KEY,
    ['pool COGNITO_USER_POOL_ID is missing', 'environment COGNITO_CLIENT_ID is missing'],
  ],
] as [string, string, Environment, string[]][]) {
  complete(what, () => {
    const findings = checkProfile(profileFrom(path, variables)).filter(({ status }) => status !== 'ok')
    assert.is(findings.length, expected.length, JSON.stringify(findings))
    findings.forEach(({ check, status, evidence, remedy }, index) => {
      assert.is(status, 'failure')
      const [wanted = '', ...words] = expected[index]?.split(' ') ?? []
      assert.is(check, wanted)
      assert.ok(evidence.startsWith(`${path}: ${words.join(' ')}`), evidence)
      assert.match(remedy ?? '', /for example: [A-Z_]+=/)
      assert.not.match(evidence + remedy, /change-me-0123|short/)
    })
  })
}
complete('what is odd about the files', () => {
  const variables = { SECRET_KEY, COGNITO_CLIENTID: 'x', DEMO_USER: 'x', REGISTRY_URL: 'https://a.example' }
  const findings = checkFiles([{ path: '.env', variables, mode: 0o100644 }], { REGISTRY_URL: 'https://b.example', PATH: '/bin' })
  assert.equal(kinds(findings), ['warning environment', 'warning environment', 'warning environment'])
  const [open, strange, hidden] = findings
  assert.match(open?.evidence ?? '', /^\.env holds SECRET_KEY and others than its owner may read it \(mode 644\)$/)
  assert.match(strange?.evidence ?? '', /^\.env sets COGNITO_CLIENTID, which nothing reads$/)
  assert.match(hidden?.evidence ?? '', /^REGISTRY_URL of \.env does not count/)
  assert.equal(checkFiles([{ path: '.env', variables: { SECRET_KEY }, mode: 0o100600 }], {}), [])
  assert.equal(checkFiles([{ path: '.env.user', variables: { REGISTRY_URL: 'x' }, mode: 0o100644 }], {}), [])
})
complete.run()

const agreement = suite('settings that fit each other')
for (const [what, path, other, expected] of [
  ['an agent of the gateway', '.env.agent', agentEnv(ORIGIN), []],
  ['an agent that is not allowed', '.env.agent', agentEnv(ORIGIN, { COGNITO_CLIENT_ID: 'stranger' }), ['failure agent-access']],
  ['another pool', '.env.agent', agentEnv(ORIGIN, { COGNITO_USER_POOL_ID: 'us-east-1_Other' }), ['failure pool']],
  ['another address', '.env.agent', agentEnv(ORIGIN, { MCP_REGISTRY_URL: 'http://127.0.0.1:8123/mcpgw/mcp' }), ['failure environment']],
  ['the same key', '.env.user', gatewayEnv(ORIGIN, { ALLOWED_CLIENT_IDS: undefined }), ['ok secret-key-match']],
  [
    'another key',
    '.env.user',
    gatewayEnv(ORIGIN, { ALLOWED_CLIENT_IDS: undefined, SECRET_KEY: '936f7a0c93be4826d15f1d0a7c4e8b21' }),
    ['failure secret-key-match'],
  ],
] as [string, string, Environment, string[]][]) {
  agreement(what, () => {
    const files = [
      { path: '.env', variables: gatewayEnv(ORIGIN), mode: null },
      { path, variables: other, mode: null },
    ]
    const findings = checkAgreement(profilesOf(files, {}))
    assert.equal(kinds(findings), expected, JSON.stringify(findings))
    assert.not.match(JSON.stringify(findings), /7a0c93be/)
  })
}
agreement('an old key of the gateway will do, and any client when all are allowed', () => {
  const old = '936f7a0c93be4826d15f1d0a7c4e8b21'
  const gateway = gatewayEnv(ORIGIN, { SECRET_KEY: `${SECRET_KEY},${old}`, ALLOWED_CLIENT_IDS: '*' })
  const files = [
    { path: '.env', variables: gateway, mode: null },
    { path: '.env.user', variables: { ...WITH_KEY, REGISTRY_URL: 'http://localhost:8123', SECRET_KEY: old }, mode: null },
    { path: '.env.agent', variables: agentEnv(ORIGIN, { COGNITO_CLIENT_ID: 'stranger' }), mode: null },
  ]
  assert.equal(kinds(checkAgreement(profilesOf(files, {}))), ['ok secret-key-match'])
})
agreement.run()

const clock = suite('the clock')
for (const [skews, status, evidence] of [
  [[], 'skipped', /nobody told the time/],
  [[0.4], 'ok', /agrees/],
  [[-29], 'ok', /29 seconds behind/],
  [[31], 'warning', /31 seconds ahead/],
  [[-60], 'warning', /60 seconds behind/],
  [[61], 'failure', /61 seconds ahead/],
  [[-3600, -3600, 1], 'failure', /3600 seconds behind/],
] as [number[], string, RegExp][]) {
  clock(`${JSON.stringify(skews)}: ${status}`, () => {
    const finding = checkClock(skews, 'Cognito')
    assert.is(finding.status, status)
    assert.match(finding.evidence, evidence)
  })
}
clock('a Date is cut to the second, one of a cache tells nothing', () => {
  const at = Date.parse('2026-05-04T10:00:20.500Z')
  assert.is(skewOf({ at, headers: { date: 'Mon, 04 May 2026 10:00:00 GMT' } }), 20)
  assert.is(skewOf({ at, headers: { date: 'Mon, 04 May 2026 10:00:00 GMT', age: '3' } }), null)
  assert.is(skewOf({ at, headers: {} }), null)
  assert.is(skewOf({ at, headers: { date: 'soon' } }), null)
})
clock.run()

const secrets = suite('what is told')
secrets('no secret, wherever it was quoted from', () => {
  const [finding] = scrub([{ ...ok('pool', 'it says abcdefgh-1 twice: abcdefgh-1'), remedy: 'abcdefgh-1' }], ['abcdefgh-1', '', 'it'])
  assert.equal([finding?.evidence, finding?.remedy], ['it says (secret) twice: (secret)', '(secret)'])
})
secrets('no more than a person would read', () => {
  const [finding] = scrub([ok('pool', 'x'.repeat(5000))], [])
  assert.is(finding?.evidence.length, 1001)
})
secrets.run()
