/** `gatehouse login` straight at Cognito: the browser, the way back, what is saved. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createSealer } from '../../src/session/seal.ts'
import * as assert from '../support/assert.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { addressFrom, executable, type Home, makeHome, run } from './command.ts'
import { assertDiscreet, type DirectWorld, logIn, SECRET_KEY, startDirectWorld } from './direct_login.ts'

const login = suite('gatehouse login, straight at Cognito')
let world: DirectWorld
let home: Home

login.before(async () => {
  world = await startDirectWorld()
})
login.before.each(() => {
  home = makeHome()
})
login.after.each(() => home.remove())
login.after(() => world.cognito.close())

login('opens the browser without a shell, and saves the session when the user is back', async () => {
  const running = home.start(['login', '--port', String(world.port)], { ...world.env, ...home.display })
  await until('the browser is opened', () => home.opened() !== null)
  const { args: opened, parent } = home.opened() as NonNullable<ReturnType<typeof home.opened>>
  assert.is(opened.length, 1)
  assert.is(parent, realpathSync(process.execPath))
  const url = new URL(opened[0] as string)
  assert.is(url.origin + url.pathname, `${world.cognito.origin}/oauth2/authorize`)
  assert.is(url.searchParams.get('redirect_uri'), `http://localhost:${world.port}/callback`)
  assert.is(url.searchParams.get('code_challenge_method'), 'S256')
  assertDiscreet(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).replaceAll(/^.*\bps\b.*$/gm, ''))

  const page = await fetch(await world.signIn(url.href))
  assert.is(page.status, 200)
  assert.match(await page.text(), 'You can close this window')
  const { code, stdout, stderr } = await running.ended
  assert.is(code, 0, stderr)
  assert.match(
    stdout,
    /^Signed in as rosa\nGroups: {2}ops, dev\nUntil: {3}\d{4}-\d\d-\d\d \d\d:\d\d \(in (?:8 hours|7 hours 59 minutes)\)\n/,
  )
  assert.match(
    stdout,
    `Saved:   ${home.cookieFile}, and ${home.jar} for curl\nTry:     curl --cookie ${home.jar} http://localhost:8000/oauth2/whoami\n`,
  )
  assertDiscreet(stdout + stderr)
})

login('the file holds the seal and nothing else; only the owner may read it', async () => {
  const { code, stderr } = await logIn(home, world, {
    SECRET_KEY: `${SECRET_KEY},f3a81d2b0bf72f96c5e4d1a07b2c8e94`,
    SESSION_TTL_SECONDS: '600',
  })
  assert.is(code, 0, stderr)
  const seal = readFileSync(home.cookieFile, 'utf8')
  const session = await createSealer([SECRET_KEY]).open('session', seal)
  assert.equal([session?.username, session?.clientId, session?.groups], ['rosa', 'web', ['ops', 'dev']])
  assert.is(Math.round(Number(session?.expiresAt) - Number(session?.issuedAt)), 600)
  const modes = [`${home.folder}/.mcp`, home.cookieFile, home.jar].map((path) => (statSync(path).mode & 0o777).toString(8))
  assert.equal(modes, ['700', '600', '600'])
  assert.equal(readdirSync(`${home.folder}/.mcp`).sort(), ['session_cookie', 'session_cookie.jar'])
})

login('a public client needs no secret, a user no group, and 900 groups fit', async () => {
  assert.is((await logIn(home, world, { COGNITO_CLIENT_ID: 'public', COGNITO_CLIENT_SECRET: '' })).code, 0)
  assert.match((await logIn(home, world, {}, 'lone')).stdout, 'Groups:  none')
  const { code, stderr } = await logIn(home, world, {}, 'many')
  assert.is(code, 3)
  assert.match(stderr, 'You are in more groups than a session can hold.')
})

login('without a display the address is printed and nothing is opened', async () => {
  const running = home.start(['login', '--port', String(world.port), '--timeout', '1'], { ...world.env, ...home.display, DISPLAY: '' })
  assert.match(await addressFrom(running), '/oauth2/authorize?')
  assert.is((await running.ended).code, 7)
  assert.is(home.opened(), null)
})

for (const [what, prepare] of [
  ['there is no opener', () => ({ PATH: '/nonexistent' })],
  [
    'the opener finds none',
    () => {
      writeFileSync(`${home.folder}/bin/xdg-open`, '#!/bin/sh\nexit 3\n')
      return {}
    },
  ],
] as Array<[string, () => Record<string, string>]>) {
  login(`says so when no browser can be opened (${what}), and goes on`, async () => {
    const env = { HOME: home.folder, ...world.env, ...home.display, ...prepare() }
    const running = run(process.execPath, ['--', executable, 'login', '--port', String(world.port)], env)
    await running.said(/No browser could be opened/)
    await fetch(await world.signIn(await addressFrom(running)))
    assert.is((await running.ended).code, 0)
  })
}

login('the browser inherits no secret', async () => {
  writeFileSync(
    `${home.folder}/bin/xdg-open`,
    `#!/bin/sh\nenv > '${home.folder}/env.new'\nmv '${home.folder}/env.new' '${home.folder}/env'\n`,
  )
  const running = home.start(['login', '--port', String(world.port)], { ...world.env, ...home.display })
  await until('the browser is opened', () => existsSync(`${home.folder}/env`))
  const inherited = readFileSync(`${home.folder}/env`, 'utf8')
  assert.match(inherited, 'DISPLAY=:9')
  assertDiscreet(inherited)
  running.child.kill()
  await running.ended
})

login('curl sends the saved session, and only to the gateway', async () => {
  const seen: Array<string | undefined> = []
  const server = createServer((request, response) => {
    seen.push(request.headers.cookie)
    response.end()
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as { port: number }
  assert.is((await logIn(home, world, { REGISTRY_URL: `http://localhost:${port}` })).code, 0)
  for (const host of ['localhost', '127.0.0.1']) {
    const curl = run('curl', ['-sS', '--noproxy', '*', '--cookie', home.jar, `http://${host}:${port}/x`], {})
    assert.is((await curl.ended).code, 0, curl.stderr())
  }
  server.close()
  assert.equal(seen, [`mcp_gateway_session=${readFileSync(home.cookieFile, 'utf8')}`, undefined])
})

login.run()
