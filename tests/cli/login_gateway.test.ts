/** `gatehouse login` by way of the gateway, whose answers are made up here. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { compareCode } from '../../src/login/compare_code.ts'
import * as assert from '../support/assert.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { addressFrom, makeHome, type Running } from './command.ts'
import { type FakeGateway, startFakeGateway } from './fake_gateway.ts'

const login = suite('gatehouse login, by way of the gateway')
let gateway: FakeGateway
let home: ReturnType<typeof makeHome>

const expiresAt = Math.floor(Date.now() / 1000) + 3600
const SESSION = {
  cookie_name: 'mcp_gateway_session',
  cookie: 'Fe26.2*1*the-seal~2',
  username: 'rosa',
  groups: ['ops'],
  expires_at: expiresAt,
}

login.before(async () => {
  gateway = await startFakeGateway()
})
login.before.each(() => {
  gateway.answer(200, SESSION)
  home = makeHome()
})
login.after.each(() => home.remove())
login.after(() => gateway.close())

const begin = (...args: string[]): Running => home.start(['login', '--no-browser', ...args], { REGISTRY_URL: gateway.url })

/** The browser comes back with these parameters and the right state. */
async function comeBack(running: Running, parameters: Record<string, string>): Promise<{ asked: URL; status: number }> {
  const asked = new URL(await addressFrom(running))
  const state = asked.searchParams.get('state') ?? ''
  const back = `${asked.searchParams.get('redirect_uri')}?${new URLSearchParams({ ...parameters, state })}`
  return { asked, status: (await fetch(back)).status }
}

const withCode = (running: Running) => comeBack(running, { code: 'one-time-code', iss: gateway.url })

login('shows what to compare, exchanges the code with the verifier, saves the session', async () => {
  const running = begin()
  const { asked, status } = await withCode(running)
  const { code, stdout, stderr } = await running.ended
  assert.equal([code, status], [0, 200], stderr)
  assert.is(asked.origin + asked.pathname, `${gateway.url}/oauth2/login/cognito`)
  const { redirect_uri: redirectUri = '', code_challenge: challenge = '', ...rest } = Object.fromEntries(asked.searchParams)
  assert.match(redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  assert.equal([Object.keys(rest).sort(), rest.code_challenge_method], [['code_challenge_method', 'state'], 'S256'])
  assert.match(rest.state ?? '', /^[A-Za-z0-9_-]{16,128}$/)
  assert.match(stderr, `Compare: the page in the browser must show ${compareCode(challenge)}\n`)

  const [exchange] = gateway.asked
  assert.equal([exchange?.method, exchange?.path], ['POST', '/oauth2/session'])
  const { code_verifier: verifier = '', ...form } = Object.fromEntries(new URLSearchParams(exchange?.body))
  assert.equal(form, { grant_type: 'authorization_code', code: 'one-time-code', redirect_uri: redirectUri })
  assert.is(createHash('sha256').update(verifier).digest('base64url'), challenge)
  assert.is(readFileSync(home.cookieFile, 'utf8'), SESSION.cookie)
  assert.match(
    readFileSync(home.jar, 'utf8'),
    `#HttpOnly_localhost\tFALSE\t/\tFALSE\t${expiresAt}\tmcp_gateway_session\t${SESSION.cookie}\n`,
  )
  assert.match(stdout, /^Signed in as rosa\nGroups: {2}ops\nUntil: .*\(in (?:1 hour|59 minutes)\)/)
  for (const secret of [verifier, SESSION.cookie, 'one-time-code']) assert.not.match(stdout + stderr, secret)
})

login('opens the browser at the gateway, on a port of choice', async () => {
  const port = await freePort()
  const running = home.start(['login', '--port', String(port)], { REGISTRY_URL: gateway.url, ...home.display })
  await until('the browser is opened', () => home.opened() !== null)
  const [address = ''] = home.opened()?.args ?? []
  assert.match(address, `${gateway.url}/oauth2/login/cognito?redirect_uri=http%3A%2F%2F127.0.0.1%3A${port}%2Fcallback&code_challenge=`)
  assert.is(address, await addressFrom(running))
  await withCode(running)
  assert.is((await running.ended).code, 0)
})

login('--gateway goes before a SECRET_KEY', async () => {
  const env = { REGISTRY_URL: gateway.url, SECRET_KEY: '0b7e2d9c4a61f835e0d7c2b9a4f81635' }
  const running = home.start(['login', '--no-browser', '--gateway'], env)
  assert.match(await addressFrom(running), '/oauth2/login/cognito?')
  running.child.kill('SIGINT')
  assert.is((await running.ended).code, 130)
})

for (const [reason, code, expected] of [
  ['access_denied', 3, /did not let you in, or the login was cancelled/],
  ['invalid_scope', 3, /LOGIN_SCOPES/],
  ['user_not_allowed', 3, /the id of an app client/],
  ['invalid_client', 5, /COGNITO_CLIENT_SECRET is wrong/],
  ['clock', 6, /clock/],
  ['cognito_unreachable', 1, /no usable answer/],
  ['never_heard\x1b[2J', 3, /refused the login: "never_heard\[2J"/],
  ['__proto__', 3, /refused the login: "__proto__"/],
] as const) {
  login(`the gateway says ${JSON.stringify(reason)}: exit code ${code}`, async () => {
    const running = begin()
    const { status } = await comeBack(running, { error: reason })
    const ended = await running.ended
    assert.equal([ended.code, status], [code, 400], ended.stderr)
    assert.match(ended.stderr, expected)
    assert.equal(gateway.asked, [])
  })
}

for (const [what, parameters] of [
  ['no issuer', () => ({ code: 'c' })],
  ['another issuer', () => ({ code: 'c', iss: 'https://evil.example' })],
  ['an issuer with a slash', () => ({ code: 'c', iss: `${gateway.url}/` })],
  ['no code', () => ({ iss: gateway.url })],
  ['an empty code', () => ({ code: '', iss: gateway.url })],
] as Array<[string, () => Record<string, string>]>) {
  login(`an answer with ${what} is not exchanged, exit code 1`, async () => {
    const running = begin()
    await comeBack(running, parameters())
    const { code, stderr } = await running.ended
    assert.is(code, 1)
    assert.match(stderr, /does not look like an answer of http:\/\/localhost.*REGISTRY_URL/)
    assert.equal(gateway.asked, [])
  })
}

login('a code that the gateway does not accept, exit code 3', async () => {
  gateway.answer(400, { error: 'invalid_grant', error_description: 'The code has\x07 expired.' })
  const running = begin()
  await withCode(running)
  const { code, stderr } = await running.ended
  assert.is(code, 3)
  assert.match(stderr, 'The gateway refused: The code has expired.')
  assert.not(existsSync(home.cookieFile))
})

for (const [what, status, body] of [
  ['a page', 200, '<html>'],
  ['a redirect', 302, ''],
  ['an empty error', 502, ''],
  ['a list', 200, [SESSION]],
  ['a name with a line break', 200, { ...SESSION, cookie_name: 'a\nb' }],
  ['a value with a semicolon', 200, { ...SESSION, cookie: 'a; Path=/' }],
  ['a value with a tab', 200, { ...SESSION, cookie: 'a\tb' }],
  ['a value that is no text', 200, { ...SESSION, cookie: ['a'] }],
  ['no user', 200, { ...SESSION, username: '' }],
  ['groups that are no list', 200, { ...SESSION, groups: 'ops' }],
  ['groups that are no names', 200, { ...SESSION, groups: [1] }],
  ['a time that is none', 200, { ...SESSION, expires_at: '1e3' }],
  ['a time beyond all dates', 200, { ...SESSION, expires_at: 1e15 }],
  ['more than anybody needs', 200, { ...SESSION, padding: 'x'.repeat(2_000_000) }],
] as const) {
  login(`${what} is not taken for a session, exit code 1`, async () => {
    gateway.answer(status, body, { location: 'http://evil.example/' })
    const running = begin()
    assert.is((await withCode(running)).status, 400)
    const { code, stderr } = await running.ended
    assert.is(code, 1, stderr)
    assert.match(stderr, /gave no usable answer \(.*\)\. Check REGISTRY_URL/)
    assert.not(existsSync(home.cookieFile))
  })
}

login('what the gateway names cannot move the cursor', async () => {
  gateway.answer(200, { ...SESSION, username: 'ro\x1b[2Jsa', groups: ['o\rps'] })
  const running = begin()
  await withCode(running)
  const { stdout } = await running.ended
  assert.match(stdout, 'Signed in as ro[2Jsa\nGroups:  ops\n')
})

login('a gateway that is away, exit code 1', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const running = home.start(['login', '--no-browser'], { REGISTRY_URL: url })
  await comeBack(running, { code: 'c', iss: url })
  const { code, stderr } = await running.ended
  assert.is(code, 1)
  assert.match(stderr, `${url} gave no usable answer (ECONNREFUSED). Check REGISTRY_URL, and that the gateway runs.`)
})

login('without SECRET_KEY only REGISTRY_URL is needed, exit code 2', async () => {
  const { code, stderr } = await home.gatehouse(['login'])
  assert.is(code, 2)
  assert.is(stderr.match(/^ {2}- /gm)?.length, 1)
  assert.match(stderr, '- REGISTRY_URL is missing')
  const odd = await home.gatehouse(['login'], { REGISTRY_URL: 'https://a$(id).example', ...home.display })
  assert.is(odd.code, 2)
  assert.match(odd.stderr, '- REGISTRY_URL must be an http or https URL')
  assert.is(home.opened(), null)
})

login('nobody comes, exit code 7', async () => {
  const { code, stderr } = await home.gatehouse(['login', '--no-browser', '--timeout', '1'], { REGISTRY_URL: gateway.url })
  assert.is(code, 7)
  assert.match(stderr, /Nobody logged in within 1 second\. If the browser shows an error page, REGISTRY_URL may not be/)
})

login.run()
