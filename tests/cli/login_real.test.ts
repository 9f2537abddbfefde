/** Login, whoami, logout and revocation against a running validator and the stand-in for Cognito. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cognito, startCognito } from '../../src/demo/cognito/start.ts'
import { cookieOf, signIn, visit } from '../demo/sample_pool.ts'
import * as assert from '../support/assert.ts'
import { POLICY } from '../support/gateway.ts'
import { freePort, type Program, start } from '../support/process.ts'
import { poolKeys } from '../support/rsa_keys.ts'
import { suite } from '../support/suite.ts'
import { addressFrom, executable, makeHome, type Running } from './command.ts'

const real = suite('the commands of a user against the real validator')
const SECRET_KEY = '0b7e2d9c4a61f835e0d7c2b9a4f81635'
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-real-'))
const home = makeHome()
const port = await freePort()
const callback = await freePort()
const gateway = `http://localhost:${port}`
let cognito: Cognito
let validator: Program
let env: Record<string, string>

real.before(async () => {
  const scopes = ['openid', 'email', 'profile']
  const callbackUrls = [`${gateway}/oauth2/callback/cognito`, `http://localhost:${callback}/callback`]
  cognito = await startCognito({
    port: 0,
    poolId: 'us-east-1_CliReal',
    keys: poolKeys(),
    users: [{ username: 'rosa', password: 'rosa-pw', email: 'rosa@example.test', groups: ['callers'] }],
    clients: [{ id: 'web', secret: 'web-secret', flows: ['code'], scopes, callbackUrls, logoutUrls: [`${gateway}/oauth2/signed-out`] }],
    resourceServers: [],
  })
  writeFileSync(join(folder, 'scopes.yml'), POLICY)
  env = {
    COGNITO_USER_POOL_ID: 'us-east-1_CliReal',
    COGNITO_CLIENT_ID: 'web',
    COGNITO_CLIENT_SECRET: 'web-secret',
    COGNITO_DOMAIN: cognito.origin,
    COGNITO_ISSUER: cognito.issuer,
    SECRET_KEY,
    REGISTRY_URL: gateway,
    ALLOWED_CLIENT_IDS: 'web',
    SCOPES_FILE: join(folder, 'scopes.yml'),
    VALIDATOR_LISTEN: `127.0.0.1:${port}`,
  }
  validator = start(process.execPath, ['--', executable, 'serve'], env)
  await validator.printed('keys fetched')
})
real.after(async () => {
  await validator.stop()
  await cognito.close()
  home.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** From the terminal's address to the page that asks for consent. */
async function askedForConsent(running: Running): Promise<string> {
  const begun = await visit(await addressFrom(running))
  const query = new URL(begun.headers.get('location') ?? '').searchParams
  const back = await signIn(cognito, query, 'rosa', 'rosa-pw')
  const cookies = begun.headers.getSetCookie().map((line) => line.split(';')[0] ?? '')
  const page = await visit(back.headers.get('location') ?? '', cookies.join('; '))
  assert.is(page.status, 200)
  assert.is(cookieOf(page, 'mcp_gateway_session'), '')
  return page.text()
}

/** A user who agrees. */
async function allow(page: string): Promise<Response> {
  const grant = /name="grant" value="([^"]+)"/.exec(page)?.[1] ?? ''
  return fetch(`${gateway}/oauth2/handover`, { method: 'POST', headers: { origin: gateway }, body: new URLSearchParams({ grant }) })
}

async function logInByGateway(): Promise<void> {
  const running = home.start(['login', '--no-browser'], { REGISTRY_URL: gateway })
  const page = await askedForConsent(running)
  const [, code = ''] = await running.said(/must show (\S+)/)
  assert.match(page, code)
  assert.match(await (await allow(page)).text(), 'You can close this window')
  const ended = await running.ended
  assert.is(ended.code, 0, ended.stderr)
  assert.match(ended.stdout, /^Signed in as rosa\nGroups: {2}callers\n/)
}

async function logInDirectly(): Promise<void> {
  const running = home.start(['login', '--no-browser', '--port', String(callback)], env)
  const back = await signIn(cognito, new URL(await addressFrom(running)).searchParams, 'rosa', 'rosa-pw')
  await fetch(back.headers.get('location') ?? '')
  assert.is((await running.ended).code, 0)
}

const whoami = () => home.gatehouse(['whoami'], { REGISTRY_URL: gateway })

for (const [way, logIn] of [
  ['by way of the gateway', logInByGateway],
  ['straight at Cognito', logInDirectly],
] as const) {
  real(`${way}: logged in, recognised, logged out, and a copy is good for nothing`, async () => {
    await logIn()
    const { code, stdout, stderr } = await whoami()
    assert.is(code, 0, stderr)
    assert.match(
      stdout,
      /^rosa, by a session of the app client web\nGroups: {2}callers\nScopes: {2}test\/now\nServers: currenttime\nUntil: /,
    )
    const copy = readFileSync(home.cookieFile, 'utf8')
    const logout = await home.gatehouse(['logout'], { REGISTRY_URL: gateway })
    assert.is(logout.code, 0, logout.stderr)
    assert.match(logout.stdout, `${cognito.origin}/logout?client_id=web`)
    assert.not(existsSync(home.cookieFile))
    writeFileSync(home.cookieFile, copy)
    const again = await whoami()
    assert.is(again.code, 3)
    assert.match(again.stderr, 'The session was ended by signing out or by an operator')
    assert.match((await home.gatehouse(['logout'], { REGISTRY_URL: gateway })).stdout, 'over already')
  })
}

real('a user who does not agree, exit code 3', async () => {
  const running = home.start(['login', '--no-browser'], { REGISTRY_URL: gateway })
  const cancel = /href="(http:\/\/127[^"]+)"/.exec(await askedForConsent(running))?.[1] ?? ''
  await fetch(cancel.replaceAll('&amp;', '&'))
  const { code, stderr } = await running.ended
  assert.is(code, 3)
  assert.match(stderr, 'or the login was cancelled')
})

real('an operator ends all sessions of a user, who may log in again', async () => {
  await logInDirectly()
  const other = await home.gatehouse(['sessions', 'revoke', 'rosa'], { ...env, SECRET_KEY: 'f3a81d2b0bf72f96c5e4d1a07b2c8e94' })
  assert.equal([other.code, (await whoami()).code], [3, 0])
  const { code, stderr } = await home.gatehouse(['sessions', 'revoke', 'rosa'], env)
  assert.equal([code, (await whoami()).code], [0, 3], stderr)
  await logInDirectly()
  assert.is((await whoami()).code, 0)
})

real.run()
