/** The app client that stands for MCP clients: its settings, its secret, its callback URL. */

import { type Cognito, startCognito } from '../../src/demo/cognito/start.ts'
import { checkLoginClient } from '../../src/doctor/app_client.ts'
import { examineCallbacks } from '../../src/doctor/callback_urls.ts'
import { diagnosis } from '../../src/doctor/diagnose.ts'
import { checkFiles, checkProfile } from '../../src/doctor/environment.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import type { McpFace } from '../../src/doctor/mcp_face.ts'
import { type Profile, roleOf } from '../../src/doctor/profile.ts'
import type { Environment } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { fakeWorld, gatewayEnv, kinds, MCP_CALLBACK, OWN_CALLBACK, poolWith, profileFrom, realWorld } from './world.ts'

const OWN = { COGNITO_MCP_CLIENT_ID: 'mcp', COGNITO_MCP_CLIENT_SECRET: 'mcp-secret-0123456789' }
const DOMAIN = 'https://auth.example.com'
const told = (findings: readonly Finding[]): string =>
  findings.map(({ evidence, remedy }) => `${evidence} ${remedy ?? ''}`.trim()).join('\n')
const faceOf = (profile: Profile): McpFace => profile.mcp as McpFace

let cognito: Cognito
/** Everything that is tried at a pool, with its settings changed and its login client changed. */
async function tried(changes: Environment, client: Parameters<typeof poolWith>[0] = {}): Promise<Finding[]> {
  const pool = await startCognito(poolWith(client))
  try {
    const files = [{ path: '.env', variables: gatewayEnv(pool.origin, changes), mode: null }]
    const subject = { files, environment: {}, nginx: { config: { kind: 'unwanted' as const }, isAsked: false }, session: null }
    const step = diagnosis(subject, realWorld).find(({ doing }) => doing === 'trying the login')
    return (await step?.run()) ?? []
  } finally {
    await pool.close()
  }
}
const about = (findings: readonly Finding[], text: string): Finding[] => findings.filter(({ evidence }) => evidence.includes(text))

const settings = suite('settings for MCP clients')
settings('the client is that of the login, or one of its own, and only a gateway has one', () => {
  const face = (changes: Environment, path = '.env') => profileFrom(path, gatewayEnv(DOMAIN, changes)).mcp
  assert.equal([face({})?.client.id, face({})?.isOwn, face({})?.scopes], ['web', false, '*'])
  assert.equal(face(OWN)?.client, { id: 'mcp', secret: 'mcp-secret-0123456789', settings: 'COGNITO_MCP_CLIENT' })
  assert.is(face({ COGNITO_MCP_CLIENT_ID: 'mcp' })?.client.secret, null)
  assert.is(face({ COGNITO_CLIENT_ID: undefined, ...OWN }), null)
  assert.is(face({ ALLOWED_CLIENT_IDS: undefined }, '.env.user'), null)
  assert.is(face({ MCP_REDIRECT_URIS: 'none' })?.isOpen, true)
  assert.is(face({ MCP_REDIRECT_URIS: 'none', MCP_CLIENT_HOSTS: 'none' })?.isOpen, false)
})
for (const name of [
  'COGNITO_MCP_CLIENT_ID',
  'COGNITO_RESOURCE_BINDING',
  'MCP_SCOPES',
  'MCP_REDIRECT_URIS',
  'MCP_CLIENT_HOSTS',
  'CHALLENGE_SCOPES',
]) {
  settings(`${name} is a gateway's, and is known`, () => {
    assert.is(roleOf({ [name]: 'x' }, 'any.env'), 'gateway')
    assert.equal(checkFiles([{ path: '.env', variables: { [name]: 'x' }, mode: null }], {}), [])
  })
}
for (const name of ['MCP_SCOPE', 'MCP_REDIRECT_URI', 'MCP_CLIENT_ID', 'CHALLENGE_SCOPE', 'COGNITO_MCP_CLIENT']) {
  settings(`${name} is a misspelling`, () => {
    const [finding] = checkFiles([{ path: '.env', variables: { [name]: 'x' }, mode: null }], {})
    assert.is(finding?.evidence, `.env sets ${name}, which nothing reads`)
  })
}
settings('other programs have variables that begin with MCP_', () =>
  assert.equal(checkFiles([{ path: '.env', variables: { MCP_TIMEOUT: '1' }, mode: null }], {}), []),
)
settings('the secret of the client is one', () => {
  const [open] = checkFiles([{ path: '.env', variables: OWN, mode: 0o100644 }], {})
  assert.match(open?.evidence ?? '', 'holds COGNITO_MCP_CLIENT_SECRET and others than its owner may read it')
})
for (const [what, changes, expected] of [
  ['a secret without its client', { COGNITO_MCP_CLIENT_SECRET: 'x' }, 'failure .env: COGNITO_MCP_CLIENT_ID is missing'],
  ['a redirect URI that is none', { MCP_REDIRECT_URIS: 'http://x/cb' }, 'failure .env: MCP_REDIRECT_URIS must hold'],
  ['a host that is none', { MCP_CLIENT_HOSTS: 'https://x' }, 'failure .env: MCP_CLIENT_HOSTS must hold'],
  ['a scope that is none', { MCP_SCOPES: 'a"b' }, 'failure .env: MCP_SCOPES holds'],
  ['a word that is none', { CHALLENGE_SCOPES: 'all' }, 'failure .env: CHALLENGE_SCOPES must be'],
  [
    'a client without a login',
    { ...OWN, COGNITO_CLIENT_ID: '' },
    'warning .env: COGNITO_MCP_CLIENT_ID is of no use without COGNITO_CLIENT_ID',
  ],
] as [string, Environment, string][]) {
  settings(what, () => {
    const found = checkProfile(profileFrom('.env', gatewayEnv(DOMAIN, changes))).filter(({ status }) => status !== 'ok')
    assert.is(found.length, 1, told(found))
    assert.ok(`${found[0]?.status} ${found[0]?.evidence}`.startsWith(expected), told(found))
  })
}
settings.run()

const client = suite('the app client of MCP clients')
client.before(async () => {
  cognito = await startCognito(poolWith())
})
client.after(() => cognito.close())

client('the callback URL is wanted at the login client when that stands for them', async () => {
  assert.equal(kinds(about(await tried({}), MCP_CALLBACK)), ['ok callback-url'])
  const without = about(await tried({}, { callbackUrls: [OWN_CALLBACK] }), MCP_CALLBACK)
  assert.equal(kinds(without), ['failure callback-url'])
  assert.match(told(without), `${MCP_CALLBACK} is not registered at web of .env (redirect_mismatch); without it no MCP client`)
  assert.match(told(without), `Allowed callback URLs: add ${MCP_CALLBACK} to the letter`)
})
client('and at their own one when there is one', async () => {
  const findings = await tried(OWN, { callbackUrls: [OWN_CALLBACK] })
  assert.equal(
    about(findings, MCP_CALLBACK).map(({ evidence }) => evidence),
    [`${MCP_CALLBACK} is registered at mcp`],
  )
  const other = await tried({ COGNITO_MCP_CLIENT_ID: 'public' }, {})
  assert.equal(kinds(about(other, 'public')).slice(0, 2), ['ok app-client', 'ok callback-url'])
  const stranger = await tried({ COGNITO_MCP_CLIENT_ID: 'stranger' })
  assert.match(
    told(about(stranger, 'stranger')),
    /no app client stranger at .*Copy COGNITO_MCP_CLIENT_ID.*\n.*does not take stranger for a login client.*Check COGNITO_MCP_CLIENT_ID/,
  )
})
client('but not where none may come', async () => {
  const findings = await tried({ MCP_REDIRECT_URIS: 'none', MCP_CLIENT_HOSTS: 'none' }, { callbackUrls: [OWN_CALLBACK] })
  assert.equal(kinds(about(findings, MCP_CALLBACK)), ['skipped callback-url'])
  assert.equal(kinds(about(findings, 'lets no MCP client sign in')), ['skipped mcp-scopes'])
})
for (const [what, changes, status, evidence] of [
  ['right', OWN, 'ok', /^mcp of \.env and its secret are right$/],
  ['public', { COGNITO_MCP_CLIENT_ID: 'public' }, 'ok', /^public of \.env is known, and needs no secret$/],
  [
    'a wrong secret',
    { ...OWN, COGNITO_MCP_CLIENT_SECRET: 'wrong-secret-9876' },
    'failure',
    /the secret of mcp in \.env is wrong.*Copy COGNITO_MCP_CLIENT_SECRET/,
  ],
  ['no secret', { COGNITO_MCP_CLIENT_ID: 'mcp' }, 'failure', /mcp has a secret, and \.env has none/],
  [
    'an agent',
    { COGNITO_MCP_CLIENT_ID: 'agent', COGNITO_MCP_CLIENT_SECRET: 'agent-secret-0123456789' },
    'failure',
    /agent of \.env may not log users in/,
  ],
] as [string, Environment, string, RegExp][]) {
  client(`its secret: ${what}`, async () => {
    const profile = profileFrom('.env', gatewayEnv(cognito.origin, changes))
    const finding = await checkLoginClient(profile, faceOf(profile).client, null, realWorld)
    assert.is(finding.status, status, finding.evidence)
    assert.match(told([finding]), evidence)
    assert.not.match(told([finding]), /secret-9876|secret-0123/)
  })
}
client('its code is redeemed at its own callback', async () => {
  const world = fakeWorld(() => ({ status: 400, body: '{"error":"invalid_grant"}' }))
  const profile = profileFrom('.env', gatewayEnv(DOMAIN, OWN))
  await checkLoginClient(profile, faceOf(profile).client, null, world)
  assert.is(new URLSearchParams(world.asked[0]?.body).get('redirect_uri'), MCP_CALLBACK)
})
client('its login page is looked at though it may not have openid', async () => {
  const world = fakeWorld(({ path }) => {
    if (path.startsWith('/login')) return { status: 403 }
    const location = path.includes('scope=') ? `${MCP_CALLBACK}?error=invalid_scope` : '/login?x=1'
    return { status: 302, headers: { location } }
  })
  const profile = profileFrom('.env', gatewayEnv(DOMAIN, OWN))
  const { findings } = await examineCallbacks(profile, faceOf(profile).client, world)
  assert.equal(kinds(findings), ['ok callback-url', 'failure callback-url'])
  assert.match(told(findings), /login pages are not available for mcp \(403\).*create a style for this app client/s)
})
client.run()
