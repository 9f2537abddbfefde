/** Figures that are hard to bring about in a running validator. */

import { createEvents } from '../../src/metrics/events.ts'
import type { Figures } from '../../src/metrics/figures.ts'
import { createRegistry } from '../../src/metrics/registry.ts'
import { createTally } from '../../src/metrics/tally.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { samplesOf, valueIn } from './exposition.ts'

const tests = suite('figures for Prometheus')

const memory = { hits: 0, added: 0, size: 0 }
const figuresWith = (changes: Partial<Figures>): Figures => ({
  tally: createTally(),
  events: createEvents(['a', 'b']),
  memories: { token: memory, session: memory },
  keys: new Map(),
  policyBroken: () => false,
  ended: () => null,
  ...changes,
})

tests('keys: each pool by its id, and no age before they were fetched', async () => {
  const events = createEvents(['a', 'b'])
  events.fetches.set('b', { ok: 2, failed: 7 })
  let ageSeconds = 12.5
  const keys: Figures['keys'] = new Map([
    ['a', { state: () => ({ ageSeconds: null, keys: 0, lastError: 'fetch failed' }) }],
    ['b', { state: () => ({ ageSeconds, keys: 2, lastError: null }) }],
  ])
  const registry = createRegistry(figuresWith({ events, keys }), '1.2.3')
  const text = await registry.metrics()
  assert.equal(
    ['a', 'b'].map((pool) => [valueIn(text, 'gatehouse_keys_age_seconds', { pool }), valueIn(text, 'gatehouse_keys', { pool })]),
    [
      [undefined, 0],
      [12.5, 2],
    ],
  )
  assert.is(valueIn(text, 'gatehouse_keys_fetches_total', { pool: 'b', result: 'failed' }), 7)
  assert.is(valueIn(text, 'gatehouse_keys_fetches_total', { pool: 'a', result: 'failed' }), 0)
  assert.not.match(text, /fetch failed/)
  ageSeconds = 600
  assert.is(valueIn(await registry.metrics(), 'gatehouse_keys_age_seconds', { pool: 'b' }), 600, 'asked for each time')
})

tests('ended sessions in memory, or the state of a shared store, never both', async () => {
  const own = await createRegistry(figuresWith({ ended: () => 3 }), '1').metrics()
  assert.equal([valueIn(own, 'gatehouse_ended_sessions'), valueIn(own, 'gatehouse_session_store_up')], [3, undefined])
  const events = createEvents([])
  events.storeAnswers = false
  const registry = createRegistry(figuresWith({ events }), '1')
  const away = await registry.metrics()
  assert.equal([valueIn(away, 'gatehouse_ended_sessions'), valueIn(away, 'gatehouse_session_store_up')], [undefined, 0])
  events.storeAnswers = true
  assert.is(valueIn(await registry.metrics(), 'gatehouse_session_store_up'), 1)
})

tests('every metric of ours says what it is', async () => {
  const text = await createRegistry(figuresWith({ ended: () => 0 }), '1').metrics()
  const names = [...text.matchAll(/^# TYPE (gatehouse_\w+) (\w+)$/gm)].map(([, name]) => name as string)
  assert.ok(names.length >= 15)
  for (const name of names) assert.match(text, new RegExp(`^# HELP ${name} [A-Z0-9].{15,}\\.$`, 'm'))
  for (const { name } of samplesOf(text).filter(({ name }) => name.startsWith('gatehouse_')))
    assert.ok(names.includes(name.replace(/(?<=seconds)_(?:bucket|sum|count)$/, '')), name)
})

tests.run()
