/** The store of ended sessions goes away under load: sessions stop, or pass where the operator wants it so; tokens do not notice. */

import * as assert from '../support/assert.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { startValkey, type ValkeyProgram } from '../support/valkey.ts'
import { allCallers } from './callers.ts'
import { startLoad, type Tally, undecided } from './load.ts'

const store = suite('a store of sessions that fails under load')
let valkey: ValkeyProgram
let closed: Gateway
let open: Gateway

store.before(async () => {
  valkey = await startValkey()
  const env = { SESSION_STORE_URL: valkey.url }
  ;[closed, open] = await Promise.all([startGateway({ env }), startGateway({ env: { ...env, SESSION_STORE_FAILURE: 'open' } })])
})
store.after(async () => {
  await Promise.all([closed?.close(), open?.close()])
  await valkey?.stop()
})

const passed = ({ counts }: Tally): number => counts['person 200'] ?? 0

store('closes for sessions alone, or stays open for them, and recovers', async () => {
  const lanes = { lanes: 2 }
  const loads = [startLoad(closed, await allCallers(closed.issuer), lanes), startLoad(open, await allCallers(open.issuer), lanes)] as const
  await Promise.all(loads.map((load) => load.recovers()))
  await valkey.stop('SIGKILL')
  await until('sessions are refused', () => (loads[0].tally.undecided.person ?? 0) > 2)
  const before = loads.map(({ tally }) => passed(tally))
  await Promise.all(loads.map((load) => load.answers(150)))
  assert.is(passed(loads[0].tally), before[0], 'a session passed a closed gate')
  assert.ok(passed(loads[1].tally) > (before[1] ?? 0), 'no session passed an open gate')
  valkey = await startValkey({ port: valkey.port })
  await Promise.all(loads.map((load) => load.recovers()))
  const [ofClosed, ofOpen] = (await Promise.all(loads.map((load) => load.stop()))) as [Tally, Tally]
  for (const { wrong, broken } of [ofClosed, ofOpen]) assert.equal([wrong, broken], [[], []])
  // Whose cookie is none is told so without the store.
  assert.equal(Object.keys(ofClosed.undecided), ['person'])
  assert.is(undecided(ofOpen), 0, JSON.stringify(ofOpen.undecided))
  assert.ok(passed(ofClosed) > (before[0] ?? 0), 'sessions are back')
})

store.run()
