/** Whether a pool and its domain are there. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Cognito, startCognito } from '../../src/demo/cognito/start.ts'
import { checkLoginClient } from '../../src/doctor/app_client.ts'
import { examineCallbacks } from '../../src/doctor/callback_urls.ts'
import { checkDomain } from '../../src/doctor/domain.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { examinePool } from '../../src/doctor/pool.ts'
import type { AppClient, Profile } from '../../src/doctor/profile.ts'
import type { Environment } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { fakeWorld, gatewayEnv, kinds, poolWith, profileFrom, realWorld, SECRET_KEY } from './world.ts'

let cognito: Cognito
const clientOf = (profile: Profile): AppClient => profile.client as AppClient
const told = (findings: readonly Finding[]): string => findings.map(({ evidence, remedy }) => `${evidence} ${remedy}`).join('\n')
const DOMAIN = 'https://auth.example.com'

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
