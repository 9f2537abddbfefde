import { type Cognito, startCognito } from '../../src/demo/cognito/start.ts'
import { examineAgentScopes } from '../../src/doctor/agent_scopes.ts'
import { checkLoginClient, examineAgentClient } from '../../src/doctor/app_client.ts'
import type { Answer } from '../../src/doctor/ask.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { examinePool } from '../../src/doctor/pool.ts'
import type { AppClient, Profile } from '../../src/doctor/profile.ts'
import type { Environment } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { agentEnv, fakeWorld, gatewayEnv, poolWith, profileFrom, realWorld } from './world.ts'

let cognito: Cognito
const clientOf = (profile: Profile): AppClient => profile.client as AppClient
const told = (findings: readonly Finding[]): string => findings.map(({ evidence, remedy }) => `${evidence} ${remedy}`).join('\n')
const DOMAIN = 'https://auth.example.com'

const clients = suite('app client and secret')
clients.before(async () => {
  cognito = await startCognito(poolWith())
})
clients.after(() => cognito.close())

for (const [what, changes, status, evidence] of [
  ['right', {}, 'ok', /^web of \.env and its secret are right$/],
  ['public', { COGNITO_CLIENT_ID: 'public', COGNITO_CLIENT_SECRET: undefined }, 'ok', /needs no secret/],
  [
    'wrong secret',
    { COGNITO_CLIENT_SECRET: 'wrong-secret-9876' },
    'failure',
    /the secret of web in \.env is wrong: .*invalid_client_secret/,
  ],
  ['no secret', { COGNITO_CLIENT_SECRET: undefined }, 'failure', /web has a secret, and \.env has none/],
  ['unknown client', { COGNITO_CLIENT_ID: 'stranger' }, 'failure', /no app client stranger at /],
  ['a machine client', { COGNITO_CLIENT_ID: 'agent', COGNITO_CLIENT_SECRET: 'agent-secret-0123456789' }, 'failure', /may not log users in/],
] as [string, Environment, string, RegExp][]) {
  clients(`a login client: ${what}`, async () => {
    const profile = profileFrom('.env', gatewayEnv(cognito.origin, changes))
    const finding = await checkLoginClient(profile, clientOf(profile), null, realWorld)
    assert.is(finding.status, status, finding.evidence)
    assert.match(finding.evidence, evidence)
    assert.not.match(JSON.stringify(finding), /secret-9876|secret-0123/)
  })
}
for (const [what, changes, status, evidence] of [
  ['right', {}, 'ok', /^agent of \.env\.agent gets a token$/],
  ['wrong secret', { COGNITO_CLIENT_SECRET: 'wrong-secret-9876' }, 'failure', /the secret of agent in \.env\.agent is wrong/],
  ['unknown client', { COGNITO_CLIENT_ID: 'stranger' }, 'failure', /no app client stranger/],
  [
    'a login client',
    { COGNITO_CLIENT_ID: 'web', COGNITO_CLIENT_SECRET: 'web-secret-0123456789' },
    'failure',
    /may not use client credentials/,
  ],
] as [string, Environment, string, RegExp][]) {
  clients(`an agent: ${what}`, async () => {
    const profile = profileFrom('.env.agent', agentEnv(cognito.origin, changes))
    const { finding, token } = await examineAgentClient(profile, clientOf(profile), null, realWorld)
    assert.is(finding.status, status, finding.evidence)
    assert.match(finding.evidence, evidence)
    assert.is(token !== null, status === 'ok')
    assert.not.match(JSON.stringify(finding), /secret-9876|secret-0123|eyJ/)
  })
}
for (const [what, answer, status, evidence] of [
  ['asked too often', { status: 429, body: '{}' }, 'warning', /asked too often/],
  ['a scope refused', { status: 400, body: '{"error":"invalid_scope"}' }, 'failure', /has no scope, or not this grant/],
  ['OAuth not allowed at all', { status: 400, body: '{"error":"invalid_grant"}' }, 'failure', /has no scope, or not this grant/],
  ['an error of its own', { status: 400, body: '{"error":"odd"}' }, 'failure', /Cognito says odd/],
  ['another site', { status: 404, body: '<html>' }, 'failure', /answers 404 without a word of OAuth/],
  ['away', { trouble: 'ECONNREFUSED' }, 'failure', /nothing listens there/],
] as [string, Partial<Answer>, string, RegExp][]) {
  clients(`answers to an agent: ${what}`, async () => {
    const profile = profileFrom('.env.agent', agentEnv(DOMAIN))
    const { finding } = await examineAgentClient(
      profile,
      clientOf(profile),
      null,
      fakeWorld(() => answer),
    )
    assert.is(finding.status, status, finding.evidence)
    assert.match(finding.evidence, evidence)
  })
}
clients('an answer about the redirect is one to a right client, and the domain is named when the client is of another', async () => {
  const profile = profileFrom('.env', gatewayEnv(DOMAIN))
  const answering = (error: string, error_description?: string) =>
    fakeWorld(() => ({ status: 400, body: JSON.stringify({ error, error_description }) }))
  const ask = (world: ReturnType<typeof fakeWorld>) =>
    checkLoginClient(profile, clientOf(profile), 'https://other.example.com/oauth2/token', world)
  assert.is((await ask(answering('unauthorized_client', 'invalid_redirect'))).status, 'ok')
  assert.match((await ask(answering('invalid_client'))).remedy ?? '', 'set COGNITO_DOMAIN=https://other.example.com')
})
clients('the token is that of the pool, or of another one', async () => {
  const profile = profileFrom('.env.agent', agentEnv(cognito.origin, { COGNITO_ISSUER: cognito.issuer }))
  const { token } = await examineAgentClient(profile, clientOf(profile), null, realWorld)
  const { keys } = await examinePool(profile.pools[0] as Profile['pools'][0], realWorld)
  const good = await examineAgentScopes(profile, token as string, keys, null, Date.now)
  assert.equal([good.scopes, good.findings], [['tools/read'], []])
  const other = profileFrom('.env.agent', agentEnv(cognito.origin, { COGNITO_ISSUER: 'http://localhost:1/us-east-1_Doctor' }))
  const bad = await examineAgentScopes(other, token as string, keys, null, Date.now)
  assert.match(told(bad.findings), /would be refused \(token_issuer\)/)
  const late = await examineAgentScopes(profile, token as string, keys, null, () => Date.now() + 7_200_000)
  assert.match(told(late.findings), /token_expired.*The clock here is ahead/s)
})
clients.run()
