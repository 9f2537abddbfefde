/** Sessions that end before their time, at several validators: they share a store, and it may be away. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as assert from '../support/assert.ts'
import { call, type Gateway, root, SECRET_KEY, startGateway } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { startValkey, type ValkeyProgram } from '../support/valkey.ts'

const run = promisify(execFile)
const sessions = suite('sessions at several validators')
let valkey: ValkeyProgram
let here: Gateway
let there: Gateway
let careless: Gateway

sessions.before(async () => {
  valkey = await startValkey({ password: 'the-store-password' })
  const env = { SESSION_STORE_URL: valkey.url }
  ;[here, there, careless] = await Promise.all([
    startGateway({ env }),
    startGateway({ env }),
    startGateway({ env: { ...env, SESSION_STORE_FAILURE: 'open' } }),
  ])
})
sessions.after(async () => {
  await Promise.all([here, there, careless].map((gateway) => gateway?.close()))
  await valkey?.stop()
})

async function use(gateway: Gateway, cookie: string): Promise<string> {
  const headers = { cookie, 'content-type': 'application/json' }
  const answer = await fetch(`${gateway.url}/currenttime/mcp`, { method: 'POST', headers, body: call('now') })
  const body = (await answer.json()) as { reason?: string; error?: { data: { reason: string } } }
  return `${answer.status} ${body.reason ?? body.error?.data.reason ?? 'passed'}`
}

const logout = (gateway: Gateway, cookie: string): Promise<Response> =>
  fetch(`${gateway.url}/oauth2/logout/cognito`, { method: 'POST', headers: { cookie, origin: gateway.url, accept: 'application/json' } })

sessions('one that is ended at one validator is refused at the other', async () => {
  const cookie = await here.cookie(['callers'])
  assert.equal([await use(here, cookie), await use(there, cookie)], ['200 passed', '200 passed'])
  assert.is((await logout(here, cookie)).status, 200)
  assert.equal([await use(here, cookie), await use(there, cookie)], ['401 session_ended', '401 session_ended'])
  assert.is(await use(there, await there.cookie(['callers'])), '200 passed')
})

sessions('an operator ends all of a user, and nobody else’s', async () => {
  const cookies = await Promise.all([here.cookie(['callers'], 'mallory'), there.cookie(['callers'], 'mallory')])
  const other = await here.cookie(['callers'], 'rosa')
  const env = { PATH: process.env.PATH, SESSION_STORE_URL: valkey.url, SECRET_KEY }
  const { stdout } = await run(join(root, 'bin/gatehouse'), ['sessions', 'revoke', 'mallory'], { env })
  assert.match(stdout, 'mallory')
  for (const cookie of cookies)
    assert.equal([await use(here, cookie), await use(there, cookie)], ['401 session_ended', '401 session_ended'])
  assert.is(await use(there, other), '200 passed')
  assert.is(await use(there, await here.cookie(['callers'], 'mallory')), '200 passed', 'a new login counts again')
})

sessions('while the store is silent or away nobody is let in by a session, unless the operator wants it so', async () => {
  const cookie = await here.cookie(['callers'])
  const token = await here.issuer.token()
  valkey.program.child.kill('SIGSTOP')
  const began = Date.now()
  here.reset()
  assert.is(await use(here, cookie), '503 session_store_unavailable')
  assert.ok(Date.now() - began < 1500, `${Date.now() - began} ms`)
  assert.is(here.currenttime.received.length, 0)
  assert.is(await use(careless, cookie), '200 passed')
  assert.is((await logout(here, cookie)).status, 503)
  assert.is((await logout(careless, cookie)).status, 503)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const agent = await fetch(`${here.url}/currenttime/mcp`, { method: 'POST', headers, body: call('now') })
  assert.is(agent.status, 200, 'tokens do not need the store')
  valkey.program.child.kill('SIGCONT')
  let last = ''
  for (let tries = 0; tries < 100 && last !== '200 passed'; tries += 1) {
    last = await use(here, cookie)
    await new Promise((done) => setTimeout(done, 50))
  }
  assert.is(last, '200 passed', 'the store is back')
})

sessions('one validator without a store ends sessions too, by logout and by order', async () => {
  const alone = await startGateway()
  try {
    const cookie = await alone.cookie(['callers'])
    assert.is(await use(alone, cookie), '200 passed')
    assert.is((await logout(alone, cookie)).status, 200)
    assert.is(await use(alone, cookie), '401 session_ended')
    const other = await alone.cookie(['callers'], 'mallory')
    const file = join(alone.folder, '.env')
    writeFileSync(file, `SECRET_KEY=${SECRET_KEY}\nVALIDATOR_LISTEN=127.0.0.1:${alone.validatorPort}\n`)
    await run(join(root, 'bin/gatehouse'), ['sessions', 'revoke', 'mallory', '--env-file', file], { env: { PATH: process.env.PATH } })
    assert.is(await use(alone, other), '401 session_ended')
  } finally {
    await alone.close()
  }
})

sessions('the password of the store is in no log', () => {
  for (const gateway of [here, there, careless]) assert.not.match(gateway.logs(), 'the-store-password')
})

sessions.run()
