import type { World } from '../../src/doctor/ask.ts'
import { checkAgentAccess, checkSession } from '../../src/doctor/identity.ts'
import { examinePolicy, type UsablePolicy } from '../../src/doctor/policy.ts'
import { checkKeyMatch } from '../../src/doctor/secret_key.ts'
import * as assert from '../support/assert.ts'
import { type Gateway, SECRET_KEY as REAL_KEY, sealFor, startGateway } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { fakeWorld, gatewayEnv, profileFrom, realWorld, SECRET_KEY } from './world.ts'

const real = suite('who the real gate knows')
let gateway: Gateway
let policy: UsablePolicy
real.before(async () => {
  gateway = await startGateway()
  policy = examinePolicy(gateway.scopesFile).policy as UsablePolicy
})
real.after(() => gateway.close())

const profile = (changes: Record<string, string> = {}) => profileFrom('.env', gatewayEnv('http://localhost:9', changes))

for (const [what, changes, skew, status, evidence] of [
  ['its own key', { SECRET_KEY: REAL_KEY }, 0, 'ok', /opens what SECRET_KEY of \.env seals/],
  ['another key', { SECRET_KEY }, 0, 'failure', /does not open what SECRET_KEY of \.env seals$/],
  ['another key, or the clock', { SECRET_KEY }, 70, 'failure', /but its clock is 70 seconds off/],
  ['a short key', { SECRET_KEY: 'sh0rt-0ne' }, 0, 'skipped', /too short/],
  ['no key', { SECRET_KEY: '' }, 0, 'skipped', /the gateway seals/],
] as const) {
  real(`the match of keys: ${what}`, async () => {
    const finding = await checkKeyMatch(profile(changes), gateway.url, skew, realWorld)
    assert.is(finding.status, status, finding.evidence)
    assert.match(finding.evidence, evidence)
    assert.not.match(JSON.stringify(finding), changes.SECRET_KEY || 'never')
  })
}
real('a clock that is off looks like another key, and is told apart', async () => {
  const late: World = { ...realWorld, now: () => Date.now() - 61_000 }
  assert.match((await checkKeyMatch(profile({ SECRET_KEY: REAL_KEY }), gateway.url, -61, late)).evidence, /its clock is 61 seconds off/)
})
real('a gateway that knows no probes', async () => {
  const world = fakeWorld(() => ({ status: 404 }))
  const finding = await checkKeyMatch(profile(), 'http://localhost:1', 0, world)
  assert.equal([finding.status, world.asked[0]?.path], ['skipped', '/oauth2/probe'])
  assert.match(finding.evidence, /answers 404: the gateway is older/)
})

for (const [what, claims, status, evidence] of [
  ['that may use a server', { scope: 'test/now' }, 'ok', /the gateway knows agent, who may use currenttime/],
  ['without a scope that is known', { scope: 'other/x' }, 'failure', /no scope of its policy is granted to it/],
  ['of another app client', { client_id: 'stranger', sub: 'stranger' }, 'failure', /\(token_client\)/],
  ['that has expired', { iat: 1_000_000, exp: 1_003_600 }, 'failure', /\(token_expired\)/],
] as const) {
  real(`an agent ${what}`, async () => {
    const finding = await checkAgentAccess(profile(), gateway.url, await gateway.issuer.token(claims), realWorld)
    assert.is(finding.status, status, finding.evidence)
    assert.match(finding.evidence, evidence)
    assert.not.match(JSON.stringify(finding), 'eyJ')
  })
}

const session = (value: string, changes: object = {}) => ({ path: 'cookie', value, name: null, host: null, isAsked: true, ...changes })
for (const [what, groups, ttl, status, evidence] of [
  ['of a group that is mapped', ['callers'], 60, 'ok', /the gateway knows rosa of callers, who may use currenttime/],
  [
    'of a group that is not',
    ['Callers'],
    60,
    'failure',
    /rosa is in Callers, and group_mappings of .*scopes\.yml opens nothing to Callers/,
  ],
  ['of one that is and one that is not', ['callers', 'others'], 60, 'warning', /the groups others are not in group_mappings/],
  ['of nobody’s group', [], 60, 'failure', /rosa is in no Cognito group/],
  ['that is over', ['callers'], -1, 'failure', /\(session_expired\)/],
] as const) {
  real(`a session ${what}`, async () => {
    const seal = await sealFor(groups, 'rosa', ttl)
    const finding = await checkSession(session(seal), profile(), gateway.url, policy, realWorld)
    assert.is(finding.status, status, finding.evidence)
    assert.match(finding.evidence, evidence)
    assert.not.match(JSON.stringify(finding), seal)
  })
}
real('a session of another key, and one of another host', async () => {
  const changed = (await sealFor(['callers'], 'rosa', 60)).replace(/.{9}~2$/, 'AAAAAAAAA~2')
  const refused = await checkSession(session(changed), profile(), gateway.url, policy, realWorld)
  assert.match(refused.evidence, /\(session_malformed\)/)
  assert.match(refused.remedy ?? '', /SECRET_KEY differs/)
  const world = fakeWorld(() => ({ status: 500 }))
  const other = await checkSession(session('x', { host: 'mcp.example.com' }), profile(), gateway.url, policy, world)
  assert.equal([other.status, world.asked.length], ['skipped', 0])
})
real('no credential goes to a place without TLS', async () => {
  const world = fakeWorld(() => ({ status: 200 }))
  const clear = 'http://mcp.example.com'
  const findings = [
    await checkAgentAccess(profile(), clear, 'token', world),
    await checkSession(session('x'), profile(), clear, policy, world),
  ]
  assert.equal(
    findings.map(({ status }) => status),
    ['skipped', 'skipped'],
  )
  assert.equal(world.asked, [])
})
real.run()
