/** How long a decision is remembered: never beyond its credential's end, and never longer than DECISION_CACHE_SECONDS after a change. */
import { execFile } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findNginx } from '../../src/demo/nginx.ts'
import * as assert from '../support/assert.ts'
import { POLICY, root, SECRET_KEY } from '../support/gateway.ts'
import { now } from '../support/issuer.ts'
import { start, until } from '../support/process.ts'
import { attackSuite } from './attack_suite.ts'
import { inShort, make, type Outcome, poll } from './decisions.ts'
import { bearer, cookie, startWorld, type World } from './world.ts'

const CACHE = 5
/** What a request may take on a busy machine, between the moment that is measured and the decision. */
const SLACK = 300

const run = promisify(execFile)
const time = attackSuite('how long decisions are remembered')
let world: World

time.before(async () => {
  world = await startWorld({ env: { DECISION_CACHE_SECONDS: String(CACHE) } })
})
time.after(() => world?.gateway.close())

type Seen = Array<Outcome & { at: number }>
const after = (seconds: number): (() => boolean) => {
  const end = Date.now() + seconds * 1000
  return () => Date.now() > end
}
const lastYes = (seen: Seen): number => Math.max(...seen.filter(({ status }) => status === 200).map(({ at }) => at))
/** Yes until something, then no for good; and some of it was told from memory. */
function assertOnce(seen: Seen, refusal: number): void {
  const statuses = seen.map(({ status }) => status)
  assert.match(statuses.join(' '), new RegExp(`^(?:200 )+${refusal}(?: ${refusal})*$`))
  assert.ok(
    seen.some(({ status, asked }) => status === 200 && asked === 0),
    'nothing was remembered',
  )
  assert.ok(seen.filter(({ asked }) => asked > 0).length < seen.length, 'everything was asked')
}

/** A token and a session of so many seconds. */
async function assertEnd(seconds: number): Promise<void> {
  const end = now() + seconds
  const token = await world.token({ exp: end, jti: `ends-${end}` })
  const sealed = Date.now() / 1000
  const seal = await world.seal(['callers'], 'rosa', seconds)
  const lines = [bearer(token), cookie(seal)]
  const [tokens = [], sessions = []] = await Promise.all(
    lines.map((line) => poll(world.gateway, { headers: [line] }, after(seconds + 1.5))),
  )
  assertOnce(tokens, 401)
  assertOnce(sessions, 401)
  assert.ok(lastYes(tokens) < end * 1000, `the token was good ${lastYes(tokens) - end * 1000} ms after its end`)
  assert.ok(lastYes(sessions) < (sealed + seconds) * 1000 + SLACK)
}

/** A session that something ends before its time. */
async function assertEnded(line: string, end: () => Promise<void>): Promise<void> {
  let ended = Number.POSITIVE_INFINITY
  const polled = poll(world.gateway, { headers: [line] }, () => Date.now() > ended + (CACHE + 1) * 1000)
  await sleep(100)
  await end()
  ended = Date.now()
  const seen = await polled
  assertOnce(seen, 401)
  assert.ok(lastYes(seen) <= ended + CACHE * 1000, `${lastYes(seen) - ended} ms after its end`)
}

time(
  '237 a token and a session open nothing at or after their end; signed out or revoked, no longer than what was remembered',
  async () => {
    const { gateway } = world
    const [mine, other] = [cookie(await world.seal()), cookie(await world.seal(['callers'], 'mallory'))]
    const file = join(gateway.folder, '.env')
    writeFileSync(file, `SECRET_KEY=${SECRET_KEY}\nVALIDATOR_LISTEN=127.0.0.1:${gateway.validatorPort}\n`)
    const signOut = async (): Promise<void> => {
      const headers = { cookie: mine.slice('Cookie: '.length), origin: gateway.url, accept: 'application/json' }
      assert.is((await fetch(`${gateway.url}/oauth2/logout/cognito`, { method: 'POST', headers })).status, 200)
    }
    const revoke = async (): Promise<void> => {
      await run(join(root, 'bin/gatehouse'), ['sessions', 'revoke', 'mallory', '--env-file', file], { env: { PATH: process.env.PATH } })
    }
    await Promise.all([assertEnd(4), assertEnd(5), assertEnded(mine, signOut), assertEnded(other, revoke)])
  },
)

time('131+243 a change of the policy holds for everybody after the reload and the time of what was remembered', async () => {
  const { gateway } = world
  const token = await world.token({ jti: 'policy' })
  const reloads = (): number => gateway.validator.output().split('"msg":"policy loaded"').length
  const before = reloads()
  let reloaded = Number.POSITIVE_INFINITY
  const polled = poll(gateway, { headers: [bearer(token)] }, () => Date.now() > reloaded + (CACHE + 1) * 1000)
  await sleep(200)
  writeFileSync(`${gateway.scopesFile}.new`, POLICY.replace('tools: [now]', 'tools: [later]'))
  renameSync(`${gateway.scopesFile}.new`, gateway.scopesFile)
  const changed = Date.now()
  await until('the policy is reloaded', () => reloads() > before, 6000)
  reloaded = Date.now()
  assert.ok(reloaded - changed < 5000)
  const seen = await polled
  assertOnce(seen, 403)
  assert.ok(lastYes(seen) <= reloaded + CACHE * 1000, `${lastYes(seen) - reloaded} ms after the reload`)
  writeFileSync(gateway.scopesFile, POLICY)
  await until('the old policy counts again', () => reloads() > before + 1, 6000)
})

time('239 without a validator what is remembered ends, and nothing is served stale', async () => {
  const { gateway } = world
  const token = await world.token({ jti: 'away' })
  await make(gateway, [{ headers: [bearer(token)] }])
  await gateway.validator.stop('SIGKILL')
  const away = Date.now()
  const seen = await poll(gateway, { headers: [bearer(token)] }, after(CACHE + 1))
  const strangers = await make(gateway, [{ headers: [] }])
  assert.match(seen.map(({ status }) => status).join(' '), /^(?:200 )+503(?: 503)*$/)
  assert.ok(lastYes(seen) <= away + CACHE * 1000)
  assert.is(strangers[0]?.status, 503)
  await gateway.restartValidator()
  assert.is((await make(gateway, [{ headers: [bearer(token)] }]))[0]?.status, 200)
})

time('after a reload and a restart of NGINX nobody gets what another one was granted', async () => {
  const { gateway } = world
  const calls = [{ headers: [bearer(await world.token({ jti: `restart-${Date.now()}` }))] }, { headers: [] }]
  assert.equal(
    (await make(gateway, calls)).map(({ status }) => status),
    [200, 401],
  )
  gateway.nginx.child.kill('SIGHUP')
  await sleep(500)
  assert.equal((await make(gateway, calls)).map(inShort).at(1), '401 1')
  assert.is((await make(gateway, calls))[0]?.status, 200)
  await gateway.nginx.stop('SIGTERM')
  const args = ['-p', gateway.folder, '-e', join(gateway.folder, 'logs/error.log'), '-c', join(gateway.folder, 'conf/example.conf')]
  gateway.nginx = start(findNginx().nginx, [...args, '-g', 'daemon off;'])
  try {
    await until('NGINX answers', async () => (await gateway.raw('GET / HTTP/1.0\r\n\r\n')).length > 0)
    const seen = await make(gateway, calls)
    assert.match(seen.map(inShort).join(), /^200 [01] agent,401 1$/)
  } finally {
    await gateway.nginx.stop('SIGTERM')
  }
})

time.run()
