/** What the doctor finds out by asking Cognito: against the stand-in, and against answers that the stand-in does not give. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import { type Cognito, startCognito } from '../../src/demo/cognito/start.ts'
import { examineAgentScopes } from '../../src/doctor/agent_scopes.ts'
import { checkLoginClient, examineAgentClient } from '../../src/doctor/app_client.ts'
import type { Answer } from '../../src/doctor/ask.ts'
import { callbackUrls, examineCallbacks } from '../../src/doctor/callback_urls.ts'
import { checkDomain } from '../../src/doctor/domain.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { checkLoginScopes } from '../../src/doctor/login_scopes.ts'
import { examinePool } from '../../src/doctor/pool.ts'
import type { AppClient, Profile } from '../../src/doctor/profile.ts'
import { checkSignOutUrl } from '../../src/doctor/sign_out_url.ts'
import type { Environment } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import {
  agentEnv,
  CLI_CALLBACK,
  fakeWorld,
  GATEWAY,
  gatewayEnv,
  kinds,
  LOCAL_CALLBACK,
  OWN_CALLBACK,
  poolWith,
  profileFrom,
  realWorld,
  SECRET_KEY,
} from './world.ts'

let cognito: Cognito
/** With the login client changed. */
async function atPool<T>(changes: Parameters<typeof poolWith>[0], work: (origin: string) => Promise<T>): Promise<T> {
  const other = await startCognito(poolWith(changes))
  try {
    return await work(other.origin)
  } finally {
    await other.close()
  }
}
const clientOf = (profile: Profile): AppClient => profile.client as AppClient
const told = (findings: readonly Finding[]): string => findings.map(({ evidence, remedy }) => `${evidence} ${remedy}`).join('\n')

const login = suite('the login at Cognito')
login.before(async () => {
  cognito = await startCognito(poolWith())
})
login.after(() => cognito.close())

async function callbacksAt(origin: string, path = '.env', changes: Environment = {}) {
  const profile = profileFrom(path, gatewayEnv(origin, changes))
  return examineCallbacks(profile, clientOf(profile), realWorld)
}

login('all that is needed is registered', async () => {
  const { findings, registered } = await callbacksAt(cognito.origin)
  assert.equal(kinds(findings), ['ok callback-url', 'ok callback-url', 'ok callback-url'])
  assert.is(registered, OWN_CALLBACK)
})
login('the callback URL of the gateway is not registered', async () => {
  const { findings, registered } = await atPool({ callbackUrls: [CLI_CALLBACK] }, (origin) => callbacksAt(origin))
  assert.equal(kinds(findings), ['failure callback-url', 'ok callback-url', 'skipped callback-url'])
  assert.match(told(findings), `${OWN_CALLBACK} is not registered at web of .env (redirect_mismatch)`)
  assert.match(told(findings), `Allowed callback URLs: add ${OWN_CALLBACK} to the letter`)
  assert.is(registered, CLI_CALLBACK)
})
for (const url of [`${OWN_CALLBACK}/`, OWN_CALLBACK.replace('localhost', '127.0.0.1'), OWN_CALLBACK.replace('8123', '8124')]) {
  login(`${url} is another one`, async () => {
    const { findings } = await atPool({ callbackUrls: [url] }, (origin) => callbacksAt(origin))
    assert.is(kinds(findings)[0], 'failure callback-url')
  })
}
login('that of the command line is needed by who has SECRET_KEY, useful to the gateway, and nothing to others', async () => {
  const [own, cli, local] = callbackUrls(profileFrom('.env', gatewayEnv('http://localhost:9')))
  assert.equal([own?.url, cli?.url, local?.url], [OWN_CALLBACK, CLI_CALLBACK, LOCAL_CALLBACK])
  const without = await atPool({ callbackUrls: [OWN_CALLBACK] }, async (origin) => [
    kinds((await callbacksAt(origin)).findings),
    kinds((await callbacksAt(origin, '.env.user', { ALLOWED_CLIENT_IDS: undefined })).findings),
    kinds((await callbacksAt(origin, '.env.user', { ALLOWED_CLIENT_IDS: undefined, SECRET_KEY: undefined })).findings),
  ])
  assert.equal(without, [['ok callback-url', 'warning callback-url', 'skipped callback-url'], ['failure callback-url'], []])
})
login('a client that Cognito does not know is told once', async () => {
  const { findings } = await callbacksAt(cognito.origin, '.env', { COGNITO_CLIENT_ID: 'stranger' })
  assert.equal(kinds(findings), ['failure callback-url'])
  assert.match(told(findings), /does not take stranger for a login client: its error page says "invalid_client"/)
})
login('a machine client may not log in', async () => {
  const scopes = ['tools/read']
  const { findings } = await atPool({ flows: ['client_credentials'], scopes }, (origin) => callbacksAt(origin))
  assert.equal(kinds(findings).slice(0, 2), ['failure callback-url', 'failure callback-url'])
  assert.match(told(findings), /may not use the authorization code grant/)
})
for (const [what, changes, status] of [
  ['registered', {}, 'ok'],
  ['not registered', { logoutUrls: [`${GATEWAY}/oauth2/signed-out/`] }, 'failure'],
] as const) {
  login(`the sign-out URL is ${what}`, async () => {
    const finding = await atPool(changes as Parameters<typeof poolWith>[0], async (origin) => {
      const profile = profileFrom('.env', gatewayEnv(origin))
      return checkSignOutUrl(profile, clientOf(profile), realWorld)
    })
    assert.is(finding.status, status, finding.evidence)
    assert.match(finding.evidence, `${GATEWAY}/oauth2/signed-out`)
  })
}
for (const [what, scopes, registered, status, evidence] of [
  ['all allowed', 'openid email', OWN_CALLBACK, 'ok', /may have openid email/],
  ['one that is not', 'openid,email,phone', OWN_CALLBACK, 'failure', /^web may not have phone \(invalid_scope\)$/],
  ['two that are not', 'openid tools/read phone', OWN_CALLBACK, 'failure', /may not have tools\/read, phone/],
  ['nothing is registered', 'openid', null, 'skipped', /cannot be tried/],
  ['one that is not registered', 'openid', 'http://localhost:1/x', 'skipped', /does not tell/],
] as const) {
  login(`scopes of the login: ${what}`, async () => {
    const profile = profileFrom('.env', gatewayEnv(cognito.origin, { LOGIN_SCOPES: scopes }))
    const finding = await checkLoginScopes(profile, clientOf(profile), registered, realWorld)
    assert.is(finding.status, status, finding.evidence)
    assert.match(finding.evidence, evidence)
  })
}
login('scopes refused as the developer guide has it', async () => {
  const world = fakeWorld(() => ({ status: 302, headers: { location: `${OWN_CALLBACK}?error=invalid_scope` } }))
  const profile = profileFrom('.env', gatewayEnv('https://auth.example.com', { LOGIN_SCOPES: 'openid' }))
  assert.is((await checkLoginScopes(profile, clientOf(profile), OWN_CALLBACK, world)).status, 'failure')
})

const DOMAIN = 'https://auth.example.com'
for (const [what, answer, expected, evidence] of [
  [
    'straight to an identity provider',
    { status: 302, headers: { location: 'https://idp.example.com/authorize?x' } },
    ['ok', 'ok', 'ok'],
    /registered/,
  ],
  ['no branding at the endpoint', { status: 403 }, ['failure'], /login pages are not available for web \(403\)/],
  ['not Cognito', { status: 200 }, ['failure'], /answers 200 for web/],
  ['a redirect to nowhere', { status: 302 }, ['failure'], /answers 302/],
  ['away', { trouble: 'ENOTFOUND' }, ['failure'], /auth\.example\.com is not known/],
  [
    'parameters missing',
    { status: 302, headers: { location: '/error?error=Required+parameters+missing' } },
    ['failure'],
    /"Required parameters missing"/,
  ],
] as [string, Partial<Answer>, string[], RegExp][]) {
  login(`answers of the authorization endpoint: ${what}`, async () => {
    const profile = profileFrom('.env', gatewayEnv(DOMAIN))
    const { findings } = await examineCallbacks(
      profile,
      clientOf(profile),
      fakeWorld(() => answer),
    )
    assert.equal(
      findings.map(({ status }) => status),
      expected,
      told(findings),
    )
    assert.match(told(findings), evidence)
  })
}
login('a login page that only a style is missing to', async () => {
  const world = fakeWorld(({ path }) =>
    path.startsWith('/login') ? { status: 403 } : { status: 302, headers: { location: '/login?x=1' } },
  )
  const profile = profileFrom('.env', gatewayEnv(DOMAIN))
  const { findings } = await examineCallbacks(profile, clientOf(profile), world)
  assert.equal(kinds(findings).at(-1), 'failure callback-url')
  assert.match(told(findings), /create a style for this app client/)
})
login.run()

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

const pools = suite('pool and domain')
pools.before(async () => {
  cognito = await startCognito(poolWith())
})
pools.after(() => cognito.close())

const poolOf = (env: Environment) => profileFrom('.env', env).pools[0] as Profile['pools'][0]

pools('there, with keys and the time', async () => {
  const { findings, keys, tokenEndpoint, skews } = await examinePool(poolOf(gatewayEnv(cognito.origin)), realWorld)
  assert.equal(kinds(findings), ['ok pool', 'ok discovery', 'ok keys'])
  assert.ok(keys?.ready())
  assert.is(tokenEndpoint, `${cognito.origin}/oauth2/token`)
  assert.ok(skews.length === 1 && Math.abs(skews[0] as number) < 2, String(skews))
})
pools('not there: a pool of another region', async () => {
  const env = gatewayEnv(cognito.origin, { COGNITO_USER_POOL_ID: 'eu-west-1_Doctor', COGNITO_ISSUER: `${cognito.origin}/eu-west-1_Doctor` })
  const { findings } = await examinePool(poolOf(env), realWorld)
  assert.equal(kinds(findings), ['ok pool', 'failure discovery', 'failure keys'])
  assert.match(told(findings), /There is no pool "eu-west-1_Doctor" in eu-west-1/)
})
for (const [what, issuer, evidence] of [
  [
    'another pool',
    'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other',
    /ends in "us-east-1_Other", but the pool is "us-east-1_Doctor"/,
  ],
  [
    'another region',
    'https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_Doctor',
    /is in eu-west-1, but the pool "us-east-1_Doctor" is in us-east-1/,
  ],
] as const) {
  pools(`the issuer of ${what}`, async () => {
    const world = fakeWorld(() => ({ status: 400, body: '{"message":"User pool us-east-1_Doctor does not exist."}' }))
    const { findings } = await examinePool(poolOf(gatewayEnv(DOMAIN, { COGNITO_ISSUER: issuer })), world)
    assert.equal(kinds(findings), ['failure pool', 'failure discovery', 'failure keys'])
    assert.match(told(findings), evidence)
    assert.match(told(findings), /answers 400: User pool us-east-1_Doctor does not exist\./)
  })
}
pools('both forms of the issuer count, and one of them is enough', async () => {
  const real = await (await fetch(cognito.jwksUrl)).text()
  const world = fakeWorld(({ origin, path }) => {
    if (!origin.includes('issuer-cognito-idp')) return { trouble: 'ETIMEDOUT' }
    if (path.endsWith('jwks.json')) return { body: real, headers: { 'content-type': 'application/json' } }
    return {
      body: JSON.stringify({
        issuer: `${origin}/us-east-1_Doctor`,
        token_endpoint: 'https://x.auth.us-east-1.amazoncognito.com/oauth2/token',
      }),
    }
  })
  const { findings } = await examinePool(poolOf(gatewayEnv(DOMAIN, { COGNITO_ISSUER: undefined })), world)
  assert.equal(kinds(findings), ['ok pool', 'ok discovery', 'ok keys'])
})
pools('an issuer that calls itself otherwise, and a pool without a domain', async () => {
  const at = (document: object) =>
    examinePool(
      poolOf(gatewayEnv(DOMAIN)),
      fakeWorld(() => ({ body: JSON.stringify(document) })),
    )
  const renamed = await at({ issuer: 'https://elsewhere.example.com/us-east-1_Doctor' })
  assert.match(told(renamed.findings), 'Set COGNITO_ISSUER=https://elsewhere.example.com/us-east-1_Doctor')
  const issuer = `${DOMAIN}/us-east-1_Doctor`
  const bare = await at({ issuer, token_endpoint: `${issuer}/token` })
  assert.equal(kinds(bare.findings).slice(0, 2), ['ok pool', 'failure domain'])
})
pools('keys at an address of their own that nobody answers', async () => {
  const env = gatewayEnv(cognito.origin, { COGNITO_JWKS_URL: `http://127.0.0.1:${await freePort()}/jwks.json` })
  const { findings } = await examinePool(poolOf(env), realWorld)
  assert.equal(kinds(findings), ['ok pool', 'ok discovery', 'failure keys'])
  assert.match(told(findings), /jwks\.json: no answer \(ECONNREFUSED\).*COGNITO_JWKS_URL/s)
})

const domainOf = (env: Environment, tokenEndpoint: string | null = null) => checkDomain(profileFrom('.env', env), tokenEndpoint, realWorld)
pools('the domain: right, wrong, another site, derived', async () => {
  assert.is((await domainOf(gatewayEnv(cognito.origin))).status, 'ok')
  const nowhere = `http://127.0.0.1:${await freePort()}`
  const away = await domainOf(gatewayEnv(cognito.origin, { COGNITO_DOMAIN: nowhere }), `${cognito.origin}/oauth2/token`)
  assert.match(told([away]), `COGNITO_DOMAIN of .env The pool itself names ${cognito.origin}: set COGNITO_DOMAIN=${cognito.origin}`)
  const site = createServer((_request, response) => response.end('hello'))
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done))
  const other = await domainOf(gatewayEnv(cognito.origin, { COGNITO_DOMAIN: `http://127.0.0.1:${(site.address() as AddressInfo).port}` }))
  site.close()
  assert.match(told([other]), /answers 200, which no Cognito domain does/)
  const world = fakeWorld(() => ({ trouble: 'ENOTFOUND' }))
  const derived = await checkDomain(profileFrom('.env', gatewayEnv(DOMAIN, { COGNITO_DOMAIN: undefined })), null, world)
  assert.match(
    told([derived]),
    /us-east-1doctor\.auth\.us-east-1\.amazoncognito\.com.*derived from the pool id, as \.env has no COGNITO_DOMAIN/,
  )
  assert.is(world.asked[0]?.origin, 'https://us-east-1doctor.auth.us-east-1.amazoncognito.com')
})
pools('no question carries SECRET_KEY', async () => {
  const world = fakeWorld(() => ({ status: 400 }))
  const profile = profileFrom('.env', gatewayEnv(DOMAIN))
  await examinePool(profile.pools[0] as Profile['pools'][0], world)
  await checkLoginClient(profile, clientOf(profile), null, world)
  await examineCallbacks(profile, clientOf(profile), world)
  assert.ok(world.asked.length > 3)
  assert.not.match(JSON.stringify(world.asked), SECRET_KEY)
  const withSecret = world.asked.filter((question) => JSON.stringify(question).includes('web-secret'))
  assert.equal(
    withSecret.map(({ path, body }) => [path, body?.includes('client_secret=web-secret')]),
    [['/oauth2/token', true]],
  )
})
pools.run()
