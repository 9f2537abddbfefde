/**
 * The policy file changes under load, well and badly. Each decision fits the policy before or the one after; what both say holds all the time.
 * How each kind of broken file is told is in tests/scopes/watch.test.ts and tests/gateway/change.test.ts.
 */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from '../support/assert.ts'
import { type Gateway, POLICY, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { type Ask, allCallers, type Caller } from './callers.ts'
import { startLoad, type Tally, undecided } from './load.ts'

const CACHE = 1
/** Seconds: reading it again, and what NGINX remembers. The rest is for a busy machine. */
const EFFECTIVE = (5 + CACHE) * 1000
const NOW = POLICY
const LATER = POLICY.replace('tools: [now]', 'tools: [later]')

const changing = suite('a policy that changes under load')
let gateway: Gateway

changing.before(async () => {
  gateway = await startGateway({ env: { DECISION_CACHE_SECONDS: String(CACHE) } })
})
changing.after(() => gateway?.close())

const byRename = (text: string): void => {
  writeFileSync(`${gateway.scopesFile}.new`, text)
  renameSync(`${gateway.scopesFile}.new`, gateway.scopesFile)
}
const inPlace = (text: string): void => writeFileSync(gateway.scopesFile, text)

/** All callers; those for whom the two policies differ may hear either. */
async function callersOfBoth(): Promise<Caller[]> {
  const either = (ask: Ask): Ask[] => (ask.tool === 'now' && ask.right.includes(200) ? [{ ...ask, right: [200, 403] }] : [ask])
  const later: Ask = { server: 'currenttime', method: 'tools/call', tool: 'later', right: [200, 403] }
  return (await allCallers(gateway.issuer)).map((caller) => {
    const asks = caller.asks.flatMap(either)
    return ['agent', 'person'].includes(caller.name) ? { ...caller, asks: [...asks, later] } : { ...caller, asks }
  })
}

const right = ({ wrong, broken, undecided: none }: Tally): unknown => ({ wrong, broken, none })

async function status(tool: string, authorization: string): Promise<number> {
  const headers = { authorization, 'content-type': 'application/json' }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 'by hand', method: 'tools/call', params: { name: tool } })
  return (await fetch(`${gateway.url}/currenttime/mcp`, { method: 'POST', headers, body })).status
}

/** Waits until a policy holds, no longer than is promised. */
async function holds(yes: string, no: string, authorization: string): Promise<void> {
  const statuses = async (): Promise<string> => `${await status(yes, authorization)} ${await status(no, authorization)}`
  await until(`${yes} is open and ${no} is not`, async () => (await statuses()) === '200 403', EFFECTIVE)
}

changing('a hundred times, renamed and written over, fits the old or the new', async () => {
  const load = startLoad(gateway, await callersOfBoth(), { pause: 8 })
  await load.recovers()
  for (const replace of [byRename, inPlace]) {
    for (let count = 1; count <= 50; count += 1) {
      replace(count % 2 === 0 ? NOW : LATER)
      // Now and then long enough for it to be read, with the next change in the middle of that.
      await sleep(count % 10 === 0 ? 1200 : 15)
    }
  }
  inPlace(LATER)
  await sleep(EFFECTIVE - 1000)
  const tally = await load.stop()
  assert.equal(right(tally), { wrong: [], broken: [], none: {} })
  const authorization = `Bearer ${await gateway.issuer.token()}`
  gateway.reset()
  await holds('later', 'now', authorization)
  byRename(NOW)
  await holds('now', 'later', authorization)
})

for (const [what, spoil] of [
  ['a folder', (file: string) => mkdirSync(file)],
  ['a link that leads nowhere', (file: string) => symlinkSync(`${file}.nowhere`, file)],
  ['half-written, and valid as far as it goes', (file: string) => writeFileSync(file, `${NOW.slice(0, NOW.indexOf('admins:'))}x`)],
] as const) {
  changing(`${what}: the last good one goes on, the log says so, and the next good one is taken`, async () => {
    const load = startLoad(gateway, await allCallers(gateway.issuer), { pause: 8 })
    const refused = (): number => gateway.validator.output().split('policy refused').length
    const before = refused()
    rmSync(gateway.scopesFile, { recursive: true })
    spoil(gateway.scopesFile)
    await until('it is refused', () => refused() > before, EFFECTIVE)
    await load.answers(60)
    assert.is((await fetch(`http://127.0.0.1:${gateway.validatorPort}/ready`)).status, 200)
    const tally = await load.stop()
    assert.equal(right(tally), { wrong: [], broken: [], none: {} })
    assert.is(undecided(tally), 0)
    rmSync(gateway.scopesFile, { recursive: true })
    byRename(LATER)
    gateway.reset()
    const authorization = `Bearer ${await gateway.issuer.token()}`
    await holds('later', 'now', authorization)
    byRename(NOW)
    await holds('now', 'later', authorization)
  })
}

changing.run()
