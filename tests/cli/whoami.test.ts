/** `gatehouse whoami`: asked of the gateway, or found out here. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import { saveCookie } from '../../src/cli/cookie_file.ts'
import { createSealer } from '../../src/session/seal.ts'
import { sealSession } from '../../src/session/session.ts'
import * as assert from '../support/assert.ts'
import { type Issuer, now, startIssuer } from '../support/issuer.ts'
import { freePort } from '../support/process.ts'
import { makeHome } from './command.ts'
import { type FakeGateway, startFakeGateway } from './fake_gateway.ts'

const whoami = suite('gatehouse whoami')
const SECRET_KEY = '0b7e2d9c4a61f835e0d7c2b9a4f81635'
const ROSA = { username: 'rosa', clientId: 'web', groups: ['ops', 'dev'] }
let gateway: FakeGateway
let issuer: Issuer
const home = makeHome()

whoami.before(async () => {
  gateway = await startFakeGateway()
  issuer = await startIssuer()
})
whoami.after(async () => {
  home.remove()
  await gateway.close()
  await issuer.close()
})

const IDENTITY = {
  user: 'rosa',
  client_id: 'web',
  auth_method: 'session_cookie',
  groups: ['ops'],
  scopes: ['test/now'],
  servers: ['currenttime', 'mcpgw'],
  expires_at: now() + 7200,
}

const ask = (args: string[] = [], env: Record<string, string> = {}, input = '') =>
  home.gatehouse(['whoami', ...args], { REGISTRY_URL: gateway.url, ...env }, input)

async function save(key = SECRET_KEY, user = ROSA, seconds = 3600, at = now()): Promise<string> {
  const made = await sealSession(createSealer([key]), user, at, seconds)
  const value = made?.seal ?? ''
  saveCookie(home.cookieFile, { gateway: gateway.url, name: 'a_session', value, expiresAt: at + seconds })
  return value
}

whoami('the gateway is asked with the saved cookie, under the name that it was saved with', async () => {
  const seal = await save()
  gateway.answer(200, IDENTITY)
  const { code, stdout, stderr } = await ask()
  assert.is(code, 0, stderr)
  const [asked] = gateway.asked
  assert.equal([asked?.method, asked?.path, asked?.headers.cookie], ['GET', '/oauth2/whoami', `a_session=${seal}`])
  assert.is(asked?.headers.authorization, undefined)
  assert.match(
    stdout,
    /^rosa, by a session of the app client web\nGroups: {2}ops\nScopes: {2}test\/now\nServers: currenttime, mcpgw\nUntil: .*\(in (?:2 hours|1 hour 59 minutes)\)\n$/,
  )
})

whoami('a cookie that another program has saved goes under the configured name', async () => {
  writeFileSync(`${home.folder}/cookie`, `${await save()}\n`)
  gateway.answer(200, { ...IDENTITY, servers: ['*'] })
  const { stdout } = await ask(['--cookie-file', `${home.folder}/cookie`], { SESSION_COOKIE_NAME: 'other' })
  assert.match(gateway.asked[0]?.headers.cookie ?? '', /^other=Fe26/)
  assert.match(stdout, 'Servers: all\n')
})

whoami('a session is not shown to another host', async () => {
  await save()
  gateway.answer(200, IDENTITY)
  const { code, stderr } = await ask([], { REGISTRY_URL: gateway.url.replace('localhost', '127.0.0.1') })
  assert.is(code, 1)
  assert.match(stderr, /session is for localhost, and REGISTRY_URL is http:\/\/127\.0\.0\.1:\d+, so it was not sent/)
  assert.equal(gateway.asked, [])
})

whoami('a token comes from a file or standard input, and never stands on a command line', async () => {
  const token = await issuer.token()
  writeFileSync(`${home.folder}/token`, `${token}\n`)
  for (const [file, input] of [
    [`${home.folder}/token`, ''],
    ['-', `${token}\n`],
  ] as const) {
    gateway.answer(200, { ...IDENTITY, auth_method: 'jwt', user: 'agent', client_id: 'agent', groups: [] })
    const { code, stdout, stderr } = await ask(['--token-file', file], {}, input)
    assert.is(code, 0, stderr)
    assert.is(gateway.asked[0]?.headers.authorization, `Bearer ${token}`)
    assert.is(gateway.asked[0]?.headers.cookie, undefined)
    assert.match(stdout, /^agent, by an access token of the app client agent\nGroups: {2}none\n/)
    assert.not.match(stdout + stderr, token)
  }
  assert.not.match(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }), token)
})

whoami('--json prints what the gateway said, known members alone', async () => {
  await save()
  gateway.answer(200, { ...IDENTITY, more: 1 })
  assert.equal(JSON.parse((await ask(['--json'])).stdout), IDENTITY)
})

for (const [status, message] of [
  [401, 'The session has expired. Sign in again.'],
  [403, 'You may not.'],
  [503, 'Try again shortly.'],
] as const) {
  whoami(`the gateway says ${status}: exit code 3, and its message`, async () => {
    await save()
    gateway.answer(status, { reason: 'some_reason', message })
    const { code, stdout, stderr } = await ask()
    assert.equal([code, stdout], [3, ''])
    assert.match(stderr, `The gateway refused: ${message}`)
  })
}

for (const [what, status, body] of [
  ['a page', 200, '<html>'],
  ['half an identity', 200, { ...IDENTITY, servers: undefined }],
  ['a strange way to log in', 200, { ...IDENTITY, auth_method: 'x' }],
  ['an error without words', 503, { reason: 'policy_unavailable' }],
  ['a redirect', 302, ''],
] as const) {
  whoami(`${what} is no answer of a gateway, exit code 1`, async () => {
    await save()
    gateway.answer(status, body, { location: '/' })
    const { code, stderr } = await ask()
    assert.is(code, 1, stderr)
    assert.match(stderr, 'gave no usable answer')
    assert.is(gateway.asked.length, 1)
  })
}

whoami('nobody is signed in, exit code 1', async () => {
  const { code, stderr } = await ask(['--cookie-file', `${home.folder}/none`])
  assert.is(code, 1)
  assert.match(stderr, /Nobody is signed in: .*none does not exist\. Run: gatehouse login/)
})

for (const [what, args, input] of [
  ['a file that is not there', ['--token-file', '/nowhere/token'], ''],
  ['an empty input', ['--token-file', '-'], ''],
  ['a token with a line break', ['--token-file', '-'], 'abc\r\nX: y'],
  ['a whole header', ['--token-file', '-'], 'Bearer abc'],
] as const) {
  whoami(`${what}: exit code 2`, async () => {
    const { code, stderr } = await ask([...args], {}, input)
    assert.is(code, 2)
    assert.match(stderr, /cannot be read: ENOENT|does not hold an access token and nothing else/)
    assert.not.match(stderr, 'abc')
  })
}

const offline = (args: string[] = [], env: Record<string, string> = {}, input = '') =>
  ask(['--offline', ...args], { SECRET_KEY, ...env }, input)

whoami('offline the session is opened with SECRET_KEY, and nobody is asked', async () => {
  await save()
  gateway.answer(200, IDENTITY)
  const { code, stdout, stderr } = await offline()
  assert.is(code, 0, stderr)
  assert.match(stdout, /^rosa, by a session of the app client web\nGroups: {2}ops, dev\nUntil: .*\n$/)
  assert.equal(gateway.asked, [])
  const json = JSON.parse((await offline(['--json'], { REGISTRY_URL: '' })).stdout)
  assert.equal([json.user, json.groups, json.scopes], ['rosa', ['ops', 'dev'], undefined])
})

whoami('offline: groups that are in the session as digests cannot be named', async () => {
  await save(SECRET_KEY, { ...ROSA, groups: Array.from({ length: 200 }, (_, i) => `a-long-group-${i}`) })
  assert.match((await offline()).stdout, 'Groups:  too many to be named in the session')
})

whoami('offline: another key, a session that is over, something else: exit code 3', async () => {
  await save('f3a81d2b0bf72f96c5e4d1a07b2c8e94')
  assert.match((await offline()).stderr, 'sealed with another SECRET_KEY')
  await save(SECRET_KEY, ROSA, 60, now() - 3600)
  const { code, stderr } = await offline()
  assert.is(code, 3)
  assert.match(stderr, 'The session has expired')
})

const pool = (): Record<string, string> => ({ COGNITO_USER_POOL_ID: issuer.poolId, COGNITO_ISSUER: issuer.issuer })

whoami('offline a token is verified with the keys of the pool', async () => {
  const { code, stdout, stderr } = await offline(['--token-file', '-'], pool(), await issuer.token())
  assert.is(code, 0, stderr)
  assert.match(
    stdout,
    /^agent, by an access token of the app client agent\nGroups: {2}none\nScopes: {2}test\/now\nUntil: .*\(in (?:1 hour|59 minutes)\)\n$/,
  )
})

for (const [what, claims, code, expected] of [
  ['a token that has expired', { exp: now() - 5, iat: now() - 3605 }, 3, 'The access token has expired'],
  ['a token of the future', { iat: now() + 600, exp: now() + 4200 }, 6, 'not valid yet. Check the clocks'],
  ['an ID token', { token_use: 'id' }, 3, 'not the ID token'],
  ['a token of another issuer', { iss: 'https://evil.example' }, 3, 'not issued by a user pool'],
] as const) {
  whoami(`offline: ${what}, exit code ${code}`, async () => {
    const ended = await offline(['--token-file', '-'], pool(), await issuer.token(claims))
    assert.is(ended.code, code)
    assert.match(ended.stderr, expected)
  })
}

whoami('offline: keys that cannot be had, exit code 1', async () => {
  const away = { ...pool(), COGNITO_JWKS_URL: `http://127.0.0.1:${await freePort()}/` }
  const { code, stderr } = await offline(['--token-file', '-'], away, await issuer.token())
  assert.is(code, 1)
  assert.match(stderr, 'The signing keys of the user pool are not at hand')
})

whoami('offline: settings that lack, exit code 2', async () => {
  await save()
  assert.match((await offline([], { SECRET_KEY: '' })).stderr, '- SECRET_KEY is missing')
  const { code, stderr } = await offline(['--token-file', '-'], {}, await issuer.token())
  assert.is(code, 2)
  assert.match(stderr, '- COGNITO_USER_POOL_ID is missing')
})

whoami.run()
