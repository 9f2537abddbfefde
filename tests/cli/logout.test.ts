/** `gatehouse logout`. */
import { existsSync, writeFileSync } from 'node:fs'
import { saveCookie } from '../../src/cli/cookie_file.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { makeHome } from './command.ts'
import { type FakeGateway, startFakeGateway } from './fake_gateway.ts'

const logout = suite('gatehouse logout')
const SEAL = 'Fe26.2*1*the-seal~2'
let gateway: FakeGateway
let home: ReturnType<typeof makeHome>

logout.before(async () => {
  gateway = await startFakeGateway()
})
logout.before.each(() => {
  home = makeHome()
  save(gateway.url)
})
logout.after.each(() => home.remove())
logout.after(() => gateway.close())

function save(url: string): void {
  saveCookie(home.cookieFile, { gateway: url, name: 's', value: SEAL, expiresAt: Math.floor(Date.now() / 1000) + 3700 })
}

const run = (args: string[] = [], url = gateway.url) => home.gatehouse(['logout', ...args], { REGISTRY_URL: url })
const filesLeft = (): boolean[] => [home.cookieFile, home.jar].map((file) => existsSync(file))

logout('ends the session at the gateway, then removes both files', async () => {
  gateway.answer(200, { username: 'rosa', logout_url: 'https://auth.example.com/logout?client_id=web' })
  const { code, stdout, stderr } = await run()
  assert.is(code, 0, stderr)
  const [asked] = gateway.asked
  assert.equal([asked?.method, asked?.path], ['POST', '/oauth2/logout/cognito'])
  const { cookie, origin, accept } = asked?.headers ?? {}
  assert.equal([cookie, origin, accept], [`s=${SEAL}`, gateway.url, 'application/json'])
  assert.match(
    stdout,
    /^Signed out rosa\.[\s\S]*browser may still be signed in at Cognito[\s\S]*https:\/\/auth\.example\.com\/logout\?client_id=web\n$/,
  )
  assert.equal(filesLeft(), [false, false])
  assert.not.match(stdout + stderr, SEAL)
})

for (const reason of ['session_expired', 'session_ended']) {
  logout(`a session that was over already (${reason}): done`, async () => {
    gateway.answer(401, { reason, message: 'The session is over.' })
    const { code, stdout } = await run()
    assert.is(code, 0)
    assert.match(stdout, 'over already')
    assert.equal(filesLeft(), [false, false])
  })
}

logout('a file that holds something else is neither sent nor removed', async () => {
  gateway.answer(200, { username: 'rosa' })
  const file = `${home.folder}/key`
  writeFileSync(file, 'ghp_0123456789abcdef\n')
  for (const more of [[], ['--local']]) {
    const { code, stderr } = await run(['--cookie-file', file, ...more])
    assert.is(code, 1)
    assert.match(stderr, 'does not hold a session cookie')
  }
  assert.equal([gateway.asked.length, existsSync(file)], [0, true])
})

logout('nobody signed in: done, and nobody is asked', async () => {
  gateway.answer(200, {})
  const { code, stdout } = await run(['--cookie-file', `${home.folder}/none`])
  assert.is(code, 0)
  assert.match(stdout, 'Nobody is signed in')
  assert.equal(gateway.asked, [])
})

for (const [what, status, body, expected] of [
  ['a page', 200, '<html>', 1],
  ['an empty object', 200, {}, 1],
  ['a 401 of a proxy', 401, 'Unauthorized', 1],
  ['a redirect', 303, '', 1],
  ['a failure', 503, '<html>', 1],
  ['a refusal', 403, { reason: 'x', message: 'No.' }, 3],
  ['a session of another key', 401, { reason: 'session_malformed', message: 'It cannot be opened.' }, 3],
  ['a cookie of another name', 401, { reason: 'no_credentials', message: 'Sign in.' }, 3],
  ['a session of an app client that is refused', 401, { reason: 'token_client', message: 'No.' }, 3],
] as const) {
  logout(`${what} is no end: the files stay, exit code ${expected}`, async () => {
    gateway.answer(status, body, { location: '/' })
    const { code, stderr } = await run()
    assert.is(code, expected, stderr)
    assert.match(stderr, /not ended and stays good until \d{4}-.*\(in 1 hour(?: 1 minute)?\).*is kept/)
    assert.equal(filesLeft(), [true, true])
  })
}

for (const [reason, meaning] of [
  ['session_malformed', 'Another gateway or another SECRET_KEY has sealed it, or the file was changed.'],
  ['no_credentials', 'The gateway looks for a cookie of another name. Check SESSION_COOKIE_NAME.'],
] as const) {
  logout(`what it means is said: ${reason}`, async () => {
    gateway.answer(401, { reason, message: 'No.' })
    assert.match((await run()).stderr, `The gateway refused: No.\n${meaning}`)
  })
}

logout('a gateway that is away: the files stay unless --local, exit code 1', async () => {
  const url = `http://localhost:${await freePort()}`
  const kept = await run([], url)
  assert.equal([kept.code, ...filesLeft()], [1, true, true])
  assert.match(kept.stderr, /ECONNREFUSED[\s\S]*stays good until .*--local removes it/)
  const local = await run(['--local'], url)
  assert.equal([local.code, ...filesLeft()], [1, false, false])
  assert.match(local.stderr, /stays good until .*\. Its files are removed all the same\./)
  assert.not.match(kept.stderr + local.stderr, SEAL)
})

logout('a session of another host is not sent; an address that is none is not shown', async () => {
  gateway.answer(200, { username: 'rosa', logout_url: 'javascript:alert(1)' })
  assert.not.match((await run()).stdout, 'javascript')
  save('https://other.example')
  const { code } = await run()
  assert.equal([code, gateway.asked.length], [1, 1])
})

logout('needs REGISTRY_URL, exit code 2', async () => {
  const { code, stderr } = await home.gatehouse(['logout'])
  assert.is(code, 2)
  assert.match(stderr, '- REGISTRY_URL is missing')
})

logout.run()
