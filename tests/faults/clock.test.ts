/**
 * The validator's wall clock is set, forward and backward. A token's end has no grace, its beginning may be 60 s ahead; keys are aged by
 * another clock. What NGINX remembers is in tests/attacks/decision_cache_time.test.ts.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from '../support/assert.ts'
import { call, type Gateway, post, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const preload = join(dirname(fileURLToPath(import.meta.url)), 'clock.mjs')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-clock-'))
const file = join(folder, 'seconds')
const MINUTES = 60

const clock = suite('a clock that is set')
let gateway: Gateway

clock.before(async () => {
  set(0)
  gateway = await startGateway({ env: { NODE_OPTIONS: `--import=${preload}`, CLOCK_FILE: file } })
})
clock.after(async () => {
  await gateway?.close()
  rmSync(folder, { recursive: true, force: true })
})
clock.before.each(() => stepTo(0))

function set(seconds: number): void {
  writeFileSync(`${file}.new`, String(seconds))
  renameSync(`${file}.new`, file)
}

/** Sets it, and waits until the validator's log shows it. */
async function stepTo(seconds: number): Promise<void> {
  set(seconds)
  await until(`the clock is ${seconds} s off`, async () => {
    await ask({ Authorization: 'Bearer nobody' })
    const [, time = ''] = /^.*"time":"([^"]*)"(?![\s\S]*"time":)/m.exec(gateway.validator.output()) ?? []
    return Math.abs(Date.parse(time) - Date.now() - seconds * 1000) < 2000
  })
}

async function ask(headers: Record<string, string>): Promise<string> {
  const [answer] = await gateway.raw(post('/currenttime/mcp', call('now'), headers))
  return answer?.status === 200 ? 'passed' : (JSON.parse(answer?.body ?? '{}').reason ?? `status ${answer?.status}`)
}

const lasting = async (seconds: number): Promise<Record<string, string>> => {
  const iat = Math.floor(Date.now() / 1000)
  return { Authorization: `Bearer ${await gateway.issuer.token({ iat, exp: iat + seconds })}` }
}

clock('a token ends by it, also one that is remembered, and is good again when it was wrong', async () => {
  const [short, long] = [await lasting(2 * MINUTES), await lasting(60 * MINUTES)]
  assert.equal([await ask(short), await ask(long)], ['passed', 'passed'])
  await stepTo(5 * MINUTES)
  assert.equal([await ask(short), await ask(long)], ['token_expired', 'passed'])
  await stepTo(0)
  assert.equal([await ask(short), await ask(long)], ['passed', 'passed'])
})

clock('a token of now is not good while it is five minutes slow, and is while it is 50 seconds slow', async () => {
  const headers = await lasting(60 * MINUTES)
  assert.is(await ask(headers), 'passed')
  await stepTo(-5 * MINUTES)
  assert.is(await ask(headers), 'token_not_yet_valid')
  assert.is(await ask(await lasting(90 * MINUTES)), 'token_not_yet_valid')
  await stepTo(-50)
  assert.is(await ask(headers), 'passed')
})

clock('a session ends by it, and one that was ended stays so', async () => {
  const short = { Cookie: await gateway.cookie(['callers'], 'rosa', 2 * MINUTES) }
  const ended = { Cookie: await gateway.cookie(['callers'], 'rosa', 60 * MINUTES) }
  assert.equal([await ask(short), await ask(ended)], ['passed', 'passed'])
  const logout = { ...ended, origin: gateway.url, accept: 'application/json' }
  assert.is((await fetch(`${gateway.url}/oauth2/logout/cognito`, { method: 'POST', headers: logout })).status, 200)
  const seen: string[][] = []
  for (const seconds of [0, 5 * MINUTES, -5 * MINUTES, 0]) {
    await stepTo(seconds)
    seen.push([await ask(short), await ask(ended)])
  }
  assert.equal(seen, [
    ['passed', 'session_ended'],
    ['session_expired', 'session_ended'],
    ['passed', 'session_ended'],
    ['passed', 'session_ended'],
  ])
})

clock('the validator stays ready, and no step makes it fetch keys', async () => {
  const { fetches } = gateway.issuer
  for (const seconds of [5 * MINUTES, -5 * MINUTES, 24 * 60 * MINUTES, 0]) {
    await stepTo(seconds)
    assert.is((await fetch(`${gateway.url}/health`)).status, 200)
  }
  assert.is(gateway.issuer.fetches, fetches)
})

clock.run()
