import { createMemoryStore } from '../../src/session/ended.ts'
import * as assert from '../support/assert.ts'
import { SEED } from '../support/random.ts'
import { suite } from '../support/suite.ts'
import { contract, LATER, NOW, randomCalls, session } from './ended_contract.ts'

const memory = suite('ended sessions in memory')

console.log(`seed ${SEED}`)

const shared = createMemoryStore(() => NOW)
contract(memory, () => shared)

const createClock = () => {
  const clock = { now: NOW }
  return { clock, store: createMemoryStore(() => clock.now) }
}

memory('random calls give what a list of them says, while time passes', async () => {
  const { clock, store } = createClock()
  await randomCalls([store], 20_000, clock, true)
})

for (const [seconds, kept] of [
  [0, true],
  [99, true],
  [99.9, true],
  [100, false],
  [101, false],
] as const) {
  memory(`what is noted for 100 seconds is ${kept ? 'kept' : 'over'} after ${seconds}`, async () => {
    const { clock, store } = createClock()
    await store.note('id', NOW + 100)
    await store.noteUser('rosa', NOW, NOW + 100)
    clock.now = NOW + seconds
    assert.is(await store.has(session('id')), kept)
    assert.is(await store.has(session('-', 'rosa')), kept)
    assert.is(await store.note('id', LATER), !kept)
  })
}

memory('an end that is repeated with an earlier time is kept as long as before', async () => {
  const { clock, store } = createClock()
  await store.noteUser('rosa', NOW, NOW + 100)
  await store.noteUser('rosa', NOW - 50, NOW + 50)
  clock.now = NOW + 99
  assert.is(await store.has(session('-', 'rosa')), true)
})

memory('what is over does not pile up', async () => {
  const { clock, store } = createClock()
  const largest = { size: 0 }
  for (let count = 0; count < 200_000; count += 1) {
    if (count % 100 === 0) clock.now += 1
    await store.note(`id ${count}`, clock.now + 10)
    await store.noteUser(`user ${count}`, clock.now, clock.now + 10)
    largest.size = Math.max(largest.size, store.size)
  }
  // 1000 of either kind are good at any time.
  assert.ok(largest.size <= 4096, String(largest.size))
})

memory('what is still good is never swept', async () => {
  const { clock, store } = createClock()
  for (let count = 0; count < 5000; count += 1) {
    await store.note(`long ${count}`, NOW + 1_000_000)
    for (let brief = 0; brief < 5; brief += 1) await store.note(`brief ${count} ${brief}`, clock.now + 1)
    clock.now += 1
  }
  for (let count = 0; count < 5000; count += 1) assert.is(await store.has(session(`long ${count}`)), true, `long ${count}`)
  assert.ok(store.size <= 10_000 + 1024, String(store.size))
})

memory('taking note stays cheap while all of it is good', async () => {
  const store = createMemoryStore(() => NOW)
  const started = performance.now()
  for (let count = 0; count < 50_000; count += 1) await store.note(String(count), LATER)
  const milliseconds = performance.now() - started
  assert.ok(milliseconds < 5000, `${milliseconds} ms`)
})

memory('the answer is known at once', async () => {
  const { store } = createClock()
  await store.note('id', LATER)
  assert.is(store.has(session('id')), true)
})

memory('a closed store still answers', async () => {
  const { store } = createClock()
  await store.note('id', LATER)
  await store.close()
  await store.close()
  assert.is(await store.has(session('id')), true)
})

memory.run()
