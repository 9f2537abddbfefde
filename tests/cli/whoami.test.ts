/** `gatehouse whoami`, asked of the gateway. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { saveCookie } from '../../src/cli/cookie_file.ts'
import * as assert from '../support/assert.ts'
import { type Issuer, now, startIssuer } from '../support/issuer.ts'
import { suite } from '../support/suite.ts'
import { makeHome } from './command.ts'
import { type FakeGateway, startFakeGateway } from './fake_gateway.ts'

const whoami = suite('gatehouse whoami')
const SEAL = 'Fe26.2*1*the-seal~2'
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

/** Gives the value. */
function save(): string {
  saveCookie(home.cookieFile, { gateway: gateway.url, name: 'a_session', value: SEAL, expiresAt: now() + 3600 })
  return SEAL
}

whoami('the gateway is asked with the saved cookie, under the name that it was saved with', async () => {
  const seal = save()
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
  writeFileSync(`${home.folder}/cookie`, `${save()}\n`)
  gateway.answer(200, { ...IDENTITY, servers: ['*'] })
  const { stdout } = await ask(['--cookie-file', `${home.folder}/cookie`], { SESSION_COOKIE_NAME: 'other' })
  assert.match(gateway.asked[0]?.headers.cookie ?? '', /^other=Fe26/)
  assert.match(stdout, 'Servers: all\n')
})

whoami('a session is not shown to another host', async () => {
  save()
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
  save()
  gateway.answer(200, { ...IDENTITY, more: 1 })
  assert.equal(JSON.parse((await ask(['--json'])).stdout), IDENTITY)
})

for (const [status, message, exitCode, what] of [
  [401, 'The session has expired. Sign in again.', 3, 'refused'],
  [403, 'You may not.', 3, 'refused'],
  [429, 'Too many.', 1, 'cannot answer now'],
  [503, 'Try again shortly.', 1, 'cannot answer now'],
] as const) {
  whoami(`the gateway says ${status}: exit code ${exitCode}, and its message`, async () => {
    save()
    gateway.answer(status, { reason: 'some_reason', message })
    const { code, stdout, stderr } = await ask()
    assert.equal([code, stdout], [exitCode, ''])
    assert.match(stderr, `The gateway ${what}: ${message}`)
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
    save()
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

whoami.run()
