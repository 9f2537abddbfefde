import { setImmediate } from 'node:timers/promises'
import type { Document } from '../../src/document.ts'
import * as assert from '../support/assert.ts'
import { jwks, textDocument } from '../support/documents.ts'
import { suite } from '../support/suite.ts'
import { type Json, makeKey } from './forge.ts'
import { createEndpoint, type Endpoint, HOUR, MINUTE, SECOND, URLS } from './key_endpoint.ts'

const walk = suite('the keys of a pool on a random walk')

const STEPS = 4000
const KEYS: Json[] = ['a', 'b', 'c'].map((kid) => makeKey(kid).jwk)
const NEVER = makeKey('never').jwk

/** A linear congruential generator: the same walk in every run for the same seed. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

interface Walk {
  endpoint: Endpoint
  published: Json[]
  /** Fetches that have begun and have not been answered. */
  underWay: number
  mostAtOnce: number
  /** Answers that wait to be given. */
  waiting: (() => void)[]
}

function startWalk(random: () => number): Walk {
  const self: Walk = { endpoint: createEndpoint([], URLS), published: KEYS.slice(0, 2), underWay: 0, mostAtOnce: 0, waiting: [] }
  const answerNow = (luck: number): Document => {
    if (luck < 0.5) return jwks(self.published)
    if (luck < 0.6) return textDocument('', '', 500)
    if (luck < 0.7) return jwks([])
    if (luck < 0.8) return textDocument('<html>', 'text/html')
    throw new Error('no route')
  }
  self.endpoint.answer = async () => {
    self.underWay += 1
    self.mostAtOnce = Math.max(self.mostAtOnce, self.underWay)
    const luck = random()
    try {
      if (random() < 0.1) await new Promise<void>((done) => self.waiting.push(done))
      return answerNow(luck)
    } finally {
      self.underWay -= 1
    }
  }
  return self
}

const STRIDES = [0, 1, 100, SECOND, SECOND, SECOND, 4 * SECOND, 9_999, 10_000, MINUTE]

async function step(self: Walk, random: () => number, found: Promise<unknown>[]): Promise<void> {
  const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const { endpoint } = self
  endpoint.clock.time += random() < 0.005 ? 25 * HOUR : one(STRIDES)
  if (random() < 0.02) self.published = KEYS.filter(() => random() < 0.6)
  if (random() < 0.3) for (const answer of self.waiting.splice(0)) answer()
  const act = random()
  if (act < 0.4) endpoint.store.tick()
  else found.push(Promise.resolve(endpoint.store.find(act < 0.6 ? one(['a', 'b', 'c']) : act < 0.9 ? `x${random()}` : 'never')))
  if (random() < 0.7) await setImmediate()
}

for (const seed of [1, 20261123, 4711]) {
  walk(`never two fetches at once nor within ten seconds, whatever comes (seed ${seed})`, async () => {
    const random = numbers(seed)
    const self = startWalk(random)
    const found: Promise<unknown>[] = []
    for (let count = 0; count < STEPS; count += 1) await step(self, random, found)
    for (const answer of self.waiting.splice(0)) answer()
    await Promise.all(found)
    const { fetched } = self.endpoint
    assert.ok(fetched.length > 200, `the walk of this test fetches now and then: ${fetched.length}`)
    assert.is(self.mostAtOnce, 1)
    const gaps = fetched.slice(1).map(({ at }, index) => at - (fetched[index]?.at ?? 0))
    assert.ok(Math.min(...gaps) >= 10_000, `${Math.min(...gaps)} ms`)
  })
}

walk('every answer follows from the last good document', async () => {
  const random = numbers(99)
  const endpoint = createEndpoint([], URLS)
  let published: Json[] = [...KEYS, NEVER].slice(0, 2)
  let good: { kids: Set<unknown>; at: number } | null = null
  endpoint.answer = () => {
    if (random() < 0.4) throw new Error('no route')
    good = { kids: new Set(published.map(({ kid }) => kid)), at: endpoint.clock.time }
    return jwks(published)
  }
  const seen = new Set<string>()
  for (let count = 0; count < STEPS; count += 1) {
    endpoint.clock.time += random() < 0.01 ? 23 * HOUR : Math.floor(random() * 20 * SECOND)
    if (random() < 0.05) published = [...KEYS.filter(() => random() < 0.5), NEVER]
    const kid = ['a', 'b', 'c', 'x'][Math.floor(random() * 4)] as string
    const key = await endpoint.store.find(kid)
    await setImmediate()
    const { kids, at } = good ?? { kids: new Set(), at: Number.NEGATIVE_INFINITY }
    const known = endpoint.clock.time - at < 24 * HOUR
    if (key === undefined) assert.is(known, false, `step ${count}: the keys are known`)
    // A key that was found may have gone with the refresh that the question itself began.
    if (key === null) assert.ok(known && !kids.has(kid), `step ${count}: ${kid} is published`)
    if (key) assert.ok(known, `step ${count}: the keys are too old`)
    seen.add(key === undefined ? 'unknown' : key === null ? 'none' : 'key')
  }
  assert.equal([...seen].sort(), ['key', 'none', 'unknown'])
})

walk.run()
