/** Every way in which `gatehouse login` straight at Cognito fails, with its exit code. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { addressFrom, executable, type Home, makeHome, run } from './command.ts'
import { assertDiscreet, type DirectWorld, logIn, loginArgs, startDirectWorld } from './direct_login.ts'

const login = suite('gatehouse login, straight at Cognito, when it fails')
const nowhere = `http://127.0.0.1:${await freePort()}/`
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

for (const [what, env, code, expected] of [
  [
    'a wrong secret',
    { COGNITO_CLIENT_SECRET: 'another-secret' },
    5,
    /COGNITO_CLIENT_SECRET is wrong[\s\S]*Cognito says: "invalid_client_secret"/,
  ],
  ['a secret of a public client', { COGNITO_CLIENT_ID: 'public' }, 5, /A public client has no secret/],
  ['keys that cannot be had', { COGNITO_JWKS_URL: nowhere }, 1, /signing keys of the user pool are not at hand/],
  [
    'another issuer',
    { COGNITO_ISSUER: 'https://cognito.example.com/us-east-1_CliLogin', COGNITO_JWKS_URL: nowhere },
    1,
    /could not be verified[\s\S]*belong to one user pool/,
  ],
] as Array<[string, Record<string, string>, number, RegExp]>) {
  login(`${what} is told apart, exit code ${code}; the page says that it failed, and nothing is saved`, async () => {
    const ended = await logIn(home, world, env)
    assert.is(ended.code, code, ended.stderr)
    assert.match(ended.stderr, expected)
    assert.equal([ended.status, ended.page.includes('Login failed: see the terminal')], [400, true])
    assert.not.match(ended.stderr + ended.stdout, 'another-secret')
    assertDiscreet(ended.stderr + ended.stdout)
    assert.not(existsSync(home.cookieFile))
  })
}

/** What Cognito sends back without a sign-in. */
async function refusedAt(env: Record<string, string>) {
  const running = home.start(loginArgs(world), { ...world.env, ...env })
  const answer = await fetch(await addressFrom(running), { redirect: 'manual' })
  await fetch(answer.headers.get('location') ?? '')
  return running.ended
}

login('refusals of Cognito, exit code 3', async () => {
  const scope = await refusedAt({ COGNITO_CLIENT_ID: 'narrow' })
  assert.is(scope.code, 3)
  assert.match(scope.stderr, /may not ask for one of the OpenID scopes[\s\S]*LOGIN_SCOPES/)
  const grant = await refusedAt({ COGNITO_CLIENT_ID: 'machine' })
  assert.is(grant.code, 3)
  assert.match(grant.stderr, /may not use the authorization code grant/)
})

login('what Cognito says is quoted without control characters', async () => {
  const running = home.start(loginArgs(world), world.env)
  const state = new URL(await addressFrom(running)).searchParams.get('state') ?? ''
  const query = new URLSearchParams({ error: 'access_denied', error_description: 'No\x1b[2J\r\n\u202ego "away"', state })
  await fetch(`http://localhost:${world.port}/callback?${query}`)
  const { code, stderr } = await running.ended
  assert.is(code, 3)
  assert.match(stderr, 'Cognito says: "No[2Jgo "away""')
  assert.not.match(stderr, /\x1b|\u202e/)
})

for (const [what, ahead] of [
  ['slow', -7200],
  ['fast', 7200],
] as const) {
  login(`a clock that is off is recognised (the pool's is two hours ${what}), exit code 6`, async () => {
    const other = await startDirectWorld(ahead)
    try {
      const running = home.start(['login', '--no-browser', '--port', String(other.port)], other.env)
      await fetch(await other.signIn(await addressFrom(running)))
      const { code, stderr } = await running.ended
      assert.is(code, 6, stderr)
      assert.match(stderr, 'Set the clock of this machine right')
    } finally {
      await other.cognito.close()
    }
  })
}

login('Cognito away when the code is to be exchanged, exit code 1', async () => {
  const other = await startDirectWorld()
  const running = home.start(['login', '--no-browser', '--port', String(other.port)], other.env)
  const back = await other.signIn(await addressFrom(running))
  await other.cognito.close()
  await fetch(back)
  const { code, stderr } = await running.ended
  assert.is(code, 1, stderr)
  assert.match(stderr, /gave no usable answer.*\n.*COGNITO_DOMAIN may be wrong/)
})

for (const address of ['127.0.0.1', '::1']) {
  login(`a port in use on ${address} is named, exit code 4`, async () => {
    const other = createServer().listen(await freePort(), address)
    await new Promise((done) => other.once('listening', done))
    const { port } = other.address() as { port: number }
    const { code, stderr } = await home.gatehouse(['login', '--no-browser', '--port', String(port)], world.env)
    other.close()
    assert.is(code, 4)
    assert.match(stderr, new RegExp(`Port ${port} is in use by another program on ${address}.*--port.*Cognito must then know`))
  })
}

login('waits on port 8080 unless told otherwise', async () => {
  const { code, stderr } = await home.gatehouse(['login', '--no-browser', '--timeout', '1'], world.env)
  assert.ok(code === 7 || code === 4, stderr)
  assert.match(stderr, code === 7 ? 'redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fcallback' : 'Port 8080 is in use')
})

login('nobody comes, exit code 7', async () => {
  const { code, stderr } = await home.gatehouse(loginArgs(world, '--timeout', '1'), world.env)
  assert.is(code, 7)
  assert.match(
    stderr,
    `Nobody logged in within 1 second. If Cognito shows an error page, http://localhost:${world.port}/callback may not be`,
  )
})

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  login(`${signal} ends the wait at once, exit code ${expected}, and leaves nothing`, async () => {
    const running = home.start(loginArgs(world), world.env)
    await addressFrom(running)
    const began = Date.now()
    running.child.kill(signal)
    const { code, stderr } = await running.ended
    assert.is(code, expected)
    assert.match(stderr, 'interrupted; nothing was saved')
    assert.ok(Date.now() - began < 2000)
    assert.not(existsSync(`${home.folder}/.mcp`))
  })
}

login('Ctrl-C while Cognito is slow to answer ends at once, too', async () => {
  const slow = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((done) => slow.once('listening', done))
  const { port } = slow.address() as { port: number }
  const running = home.start(loginArgs(world), { ...world.env, COGNITO_DOMAIN: `http://127.0.0.1:${port}` })
  const state = new URL(await addressFrom(running)).searchParams.get('state')
  const page = fetch(`http://127.0.0.1:${world.port}/callback?code=c&state=${state}`)
  await new Promise((done) => slow.once('request', done))
  const began = Date.now()
  running.child.kill('SIGINT')
  assert.is((await running.ended).code, 130)
  assert.ok(Date.now() - began < 2000)
  assert.match(await (await page).text(), 'Login failed')
  assert.not(existsSync(home.cookieFile))
  slow.closeAllConnections()
  slow.close()
})

login('a full disk leaves the old session as it was, and the page tells the truth', async () => {
  assert.is((await logIn(home, world)).code, 0)
  const before = [home.cookieFile, home.jar].map((file) => readFileSync(file, 'utf8'))
  const limited = ['-c', 'ulimit -f 0; exec "$@"', 'sh', executable, ...loginArgs(world)]
  const running = run('/bin/sh', limited, { HOME: home.folder, ...world.env })
  const page = await fetch(await world.signIn(await addressFrom(running)))
  const { code, stderr } = await running.ended
  assert.is(code, 1)
  assert.match(stderr, /could not be saved at .*session_cookie: EFBIG\. Try --cookie-file/)
  assert.match(await page.text(), 'Login failed')
  assert.equal(
    [home.cookieFile, home.jar].map((file) => readFileSync(file, 'utf8')),
    before,
  )
  assert.equal(readdirSync(`${home.folder}/.mcp`).sort(), ['session_cookie', 'session_cookie.jar'])
})

login('a place that cannot be written, exit code 1', async () => {
  writeFileSync(`${home.folder}/file`, '')
  const { code, stderr, status } = await logIn(home, world, {}, 'rosa', '--cookie-file', `${home.folder}/file/cookie`)
  assert.equal([code, status], [1, 400])
  assert.match(stderr, /could not be saved.*(?:ENOTDIR|EEXIST)/)
})

login('every problem of the settings at once, exit code 2', async () => {
  const { code, stderr } = await home.gatehouse(['login', '--direct'])
  assert.is(code, 2)
  for (const name of ['COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID', 'SECRET_KEY', 'REGISTRY_URL'])
    assert.match(stderr, `- ${name} is missing`)
})

for (const domain of [
  'https://a$(id).example.com',
  'https://a;id',
  'https://a`id`',
  "https://a'b",
  'a&b',
  'https://auth.example.com/x y',
]) {
  login(`the domain ${domain} is refused, and nothing is opened`, async () => {
    const { code, stderr } = await home.gatehouse(['login'], { ...world.env, ...home.display, COGNITO_DOMAIN: domain })
    assert.is(code, 2)
    assert.match(stderr, '- COGNITO_DOMAIN ')
    assert.is(home.opened(), null)
  })
}

login('options that cannot be, exit code 2', async () => {
  const sets = [
    ['--direct', '--gateway'],
    ['--port', '80'],
    ['--port', 'x'],
    ['--port', '65536'],
    ['--timeout', '0'],
    ['--timeout', '301'],
    ['x'],
  ]
  for (const set of sets) assert.is((await home.gatehouse(['login', ...set], world.env)).code, 2, set.join(' '))
})

login.run()
