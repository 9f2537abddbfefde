import { type Cognito, startCognito } from '../../src/demo/cognito/start.ts'
import type { Answer } from '../../src/doctor/ask.ts'
import { callbackUrls, examineCallbacks } from '../../src/doctor/callback_urls.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { checkLoginScopes } from '../../src/doctor/login_scopes.ts'
import type { AppClient, Profile } from '../../src/doctor/profile.ts'
import { checkSignOutUrl } from '../../src/doctor/sign_out_url.ts'
import type { Environment } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import {
  CLI_CALLBACK,
  fakeWorld,
  GATEWAY,
  gatewayEnv,
  kinds,
  LOCAL_CALLBACK,
  MCP_CALLBACK,
  OWN_CALLBACK,
  poolWith,
  profileFrom,
  realWorld,
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
  assert.equal(kinds(findings), Array(4).fill('ok callback-url'))
  assert.is(registered, OWN_CALLBACK)
})
login('the callback URL of the gateway is not registered', async () => {
  const { findings, registered } = await atPool({ callbackUrls: [CLI_CALLBACK, MCP_CALLBACK] }, (origin) => callbacksAt(origin))
  assert.equal(kinds(findings), ['failure callback-url', 'ok callback-url', 'skipped callback-url', 'ok callback-url'])
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
  const profile = profileFrom('.env', gatewayEnv('http://localhost:9'))
  assert.equal(
    callbackUrls(profile, clientOf(profile)).map(({ url }) => url),
    [OWN_CALLBACK, CLI_CALLBACK, LOCAL_CALLBACK, MCP_CALLBACK],
  )
  const without = await atPool({ callbackUrls: [OWN_CALLBACK, MCP_CALLBACK] }, async (origin) => [
    kinds((await callbacksAt(origin)).findings),
    kinds((await callbacksAt(origin, '.env.user', { ALLOWED_CLIENT_IDS: undefined })).findings),
    kinds((await callbacksAt(origin, '.env.user', { ALLOWED_CLIENT_IDS: undefined, SECRET_KEY: undefined })).findings),
  ])
  const gateway = ['ok callback-url', 'warning callback-url', 'skipped callback-url', 'ok callback-url']
  assert.equal(without, [gateway, ['failure callback-url'], []])
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
login('each scope is tried beside openid, which the others need', async () => {
  const refusing = fakeWorld(() => ({
    status: 302,
    headers: { location: `${OWN_CALLBACK}?error_description=invalid_scope&error=invalid_request` },
  }))
  const profile = profileFrom('.env', gatewayEnv(DOMAIN, { LOGIN_SCOPES: 'openid email' }))
  await checkLoginScopes(profile, clientOf(profile), OWN_CALLBACK, refusing)
  const scopes = refusing.asked.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('scope'))
  assert.equal(scopes, ['openid email', 'openid', 'openid email'])
})
login("an identity provider's path like ours is not our callback", async () => {
  const location = OWN_CALLBACK.replace('localhost:8123', 'idp.example.com')
  const elsewhere = fakeWorld(() => ({ status: 302, headers: { location: `${location}?error=invalid_scope` } }))
  const profile = profileFrom('.env', gatewayEnv(DOMAIN))
  assert.is((await checkLoginScopes(profile, clientOf(profile), OWN_CALLBACK, elsewhere)).status, 'ok')
})
for (const [location, status] of [
  [`${GATEWAY}/oauth2/signed-out`, 'ok'],
  [`${GATEWAY}/oauth2/signed-out?state=x`, 'ok'],
  [`${GATEWAY}/oauth2/signed-out-not`, 'failure'],
  [`${DOMAIN}/error?error=x`, 'failure'],
] as const) {
  login(`signing out leads to ${location}: ${status}`, async () => {
    const profile = profileFrom('.env', gatewayEnv(DOMAIN))
    const world = fakeWorld(() => ({ status: 302, headers: { location } }))
    assert.is((await checkSignOutUrl(profile, clientOf(profile), world)).status, status)
  })
}
for (const [what, answer, expected, evidence] of [
  [
    'straight to an identity provider',
    { status: 302, headers: { location: 'https://idp.example.com/authorize?x' } },
    ['ok', 'ok', 'ok', 'ok'],
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
