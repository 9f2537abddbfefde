import { sign } from 'node:crypto'
import type { CryptoKey } from 'jose'
import type { Document } from '../../src/document.ts'
import * as assert from '../support/assert.ts'
import { jwks, textDocument } from '../support/documents.ts'
import { suite } from '../support/suite.ts'
import { type Key, makeKey } from './forge.ts'
import { createEndpoint, type Endpoint, HOUR, look, MINUTE, SECOND, settled, URLS } from './key_endpoint.ts'

const keys = suite('the keys of a pool')

const A = makeKey('a')
const B = makeKey('b')
const OTHER_A = makeKey('a')
const down = (): Promise<Document> => new Promise(() => {})

async function isKey(found: CryptoKey | null | undefined, key: Key): Promise<boolean> {
  const signature = sign('sha256', Buffer.from('text'), key.privateKey)
  return found ? crypto.subtle.verify('RSASSA-PKCS1-v1_5', found, signature, Buffer.from('text')) : false
}
const times = ({ fetched }: Endpoint): number[] => fetched.map(({ at }) => at - 7 * HOUR)

keys('nothing is fetched before somebody asks', () => {
  const endpoint = createEndpoint([A.jwk])
  assert.equal(endpoint.fetched, [])
  assert.is(endpoint.store.ready(), false)
  assert.equal(endpoint.store.state(), { ageSeconds: null, keys: 0, lastError: null })
})

keys('the first question fetches, and the next ones do not', async () => {
  const endpoint = createEndpoint([A.jwk, B.jwk])
  assert.is(await isKey(await endpoint.store.find('a'), A), true)
  assert.is(await isKey(await endpoint.store.find('b'), B), true)
  assert.is(await isKey(await endpoint.store.find('a'), B), false)
  assert.is(endpoint.fetched.length, 1)
  assert.is(endpoint.store.ready(), true)
  assert.equal(endpoint.told, [{ ok: true, url: URLS[0], keys: 2 }])
})

keys('the fetch has limits of size and time', async () => {
  const endpoint = createEndpoint([A.jwk])
  await endpoint.store.find('a')
  assert.equal(endpoint.fetched[0]?.bounds, { most: 65_536, milliseconds: 3000 })
})

keys('a hundred questions at once make one fetch', async () => {
  const endpoint = createEndpoint([A.jwk])
  const found = await Promise.all(Array.from({ length: 100 }, (_, index) => look(endpoint, index % 2 === 0 ? 'a' : `x${index}`)))
  assert.equal([...new Set(found)].sort(), ['key', 'none'])
  assert.is(endpoint.fetched.length, 1)
})

keys('questions and ticks while a fetch is under way make no other', async () => {
  const endpoint = createEndpoint()
  let answer: (document: Document) => void = () => {}
  endpoint.answer = () => new Promise((done) => (answer = done))
  const first = look(endpoint, 'a')
  endpoint.clock.time += HOUR
  endpoint.store.tick()
  const second = look(endpoint, 'b')
  assert.is(endpoint.fetched.length, 1)
  answer(jwks([A.jwk]))
  assert.equal(await Promise.all([first, second]), ['key', 'none'])
  assert.is(endpoint.fetched.length, 1)
})

keys('an unknown kid makes a fetch once in ten seconds', async () => {
  const endpoint = createEndpoint([A.jwk])
  await look(endpoint, 'a')
  for (const [after, fetches] of [
    [9_999, 1],
    [10_000, 2],
    [10_001, 2],
    [19_999, 2],
    [20_000, 3],
  ] as const) {
    endpoint.clock.time = 7 * HOUR + after
    assert.is(await look(endpoint, 'x'), 'none')
    assert.is(endpoint.fetched.length, fetches, `after ${after} ms`)
  }
})

keys('failures are limited as well', async () => {
  const endpoint = createEndpoint()
  endpoint.fail()
  for (let step = 0; step < 40; step += 1) {
    assert.is(await look(endpoint, 'a'), 'unknown')
    endpoint.store.tick()
    endpoint.clock.time += SECOND
  }
  assert.equal(times(endpoint), [0, 10_000, 20_000, 30_000])
  assert.equal(endpoint.store.state(), { ageSeconds: null, keys: 0, lastError: 'no route' })
})

keys('a new key is accepted at once outside of the ten seconds', async () => {
  const endpoint = createEndpoint([A.jwk])
  await look(endpoint, 'a')
  endpoint.publish(A.jwk, B.jwk)
  endpoint.clock.time += 10_000
  assert.is(await look(endpoint, 'b'), 'key')
})

keys('a new key is accepted as soon as the ten seconds are over', async () => {
  const endpoint = createEndpoint([A.jwk])
  await look(endpoint, 'a')
  endpoint.publish(A.jwk, B.jwk)
  endpoint.clock.time += 9_999
  assert.is(await look(endpoint, 'b'), 'none')
  endpoint.clock.time += 1
  assert.is(await look(endpoint, 'b'), 'key')
})

keys('a removed key is refused within ten minutes, though nobody asks for another', async () => {
  const endpoint = createEndpoint([A.jwk, B.jwk])
  await look(endpoint, 'a')
  endpoint.publish(B.jwk)
  let removedAfter = 0
  while ((await look(endpoint, 'a')) === 'key') {
    endpoint.clock.time += SECOND
    removedAfter += SECOND
    endpoint.store.tick()
    await settled(endpoint)
    assert.ok(removedAfter <= 10 * MINUTE)
  }
  assert.is(removedAfter, 9 * MINUTE)
  assert.is(await look(endpoint, 'b'), 'key')
})

keys('a key that is replaced under its kid is replaced here', async () => {
  const endpoint = createEndpoint([A.jwk])
  await look(endpoint, 'a')
  endpoint.publish(OTHER_A.jwk)
  endpoint.clock.time += 9 * MINUTE
  endpoint.store.tick()
  await settled(endpoint)
  assert.is(await isKey(await endpoint.store.find('a'), OTHER_A), true)
  assert.is(await isKey(await endpoint.store.find('a'), A), false)
})

keys('a refresh that is due keeps no known kid waiting', async () => {
  const endpoint = createEndpoint([A.jwk])
  await look(endpoint, 'a')
  endpoint.clock.time += 9 * MINUTE
  endpoint.answer = down
  const started = performance.now()
  for (let count = 0; count < 20; count += 1) assert.is(await look(endpoint, 'a'), 'key')
  assert.ok(performance.now() - started < 3000, 'twenty times the patience would be six seconds')
  assert.is(endpoint.fetched.length, 2)
})

keys('keys are used for 24 hours without the endpoint, then nothing is known', async () => {
  const endpoint = createEndpoint([A.jwk])
  await look(endpoint, 'a')
  endpoint.fail()
  for (let hour = 1; hour < 24; hour += 1) {
    endpoint.clock.time = (7 + hour) * HOUR
    assert.equal([await look(endpoint, 'a'), await look(endpoint, 'x')], ['key', 'none'])
  }
  await settled(endpoint)
  endpoint.clock.time = 31 * HOUR - 1
  assert.equal([await look(endpoint, 'a'), endpoint.store.ready()], ['key', true])
  endpoint.clock.time = 31 * HOUR
  assert.equal([await look(endpoint, 'a'), await look(endpoint, 'x'), endpoint.store.ready()], ['unknown', 'unknown', false])
})

keys('after a longer outage the first question finds the keys again', async () => {
  const endpoint = createEndpoint([A.jwk])
  await look(endpoint, 'a')
  endpoint.clock.time += 48 * HOUR
  assert.is(await look(endpoint, 'a'), 'key')
  assert.is(endpoint.store.state().ageSeconds, 0)
})

keys('the endpoint is asked again within ten seconds after it has come back', async () => {
  const endpoint = createEndpoint()
  endpoint.fail()
  assert.is(await look(endpoint, 'a'), 'unknown')
  endpoint.publish(A.jwk)
  endpoint.clock.time += 9_999
  assert.is(await look(endpoint, 'a'), 'unknown')
  endpoint.clock.time += 1
  assert.is(await look(endpoint, 'a'), 'key')
  assert.equal(endpoint.store.state(), { ageSeconds: 0, keys: 1, lastError: null })
})

keys('a failed refresh keeps the keys and says why', async () => {
  const endpoint = createEndpoint([A.jwk])
  await look(endpoint, 'a')
  endpoint.answer = () => textDocument('oops', 'text/plain', 500)
  endpoint.clock.time += 9 * MINUTE
  endpoint.store.tick()
  await settled(endpoint)
  assert.equal(endpoint.store.state(), { ageSeconds: 540, keys: 1, lastError: 'status 500 instead of 200' })
  assert.equal(endpoint.told.at(-1), { ok: false, url: URLS[0], error: 'status 500 instead of 200' })
  assert.is(await look(endpoint, 'a'), 'key')
})

keys('two URLs take turns while they fail, and the first one is asked first again after a success', async () => {
  const endpoint = createEndpoint([], URLS)
  const asked: string[] = []
  const askOnce = async (): Promise<void> => {
    await look(endpoint, 'a')
    asked.push(new URL(endpoint.fetched.at(-1)?.url as string).hostname)
    endpoint.clock.time += 10_000
  }
  endpoint.fail()
  for (let count = 0; count < 3; count += 1) await askOnce()
  endpoint.answer = (url) => (url === URLS[1] ? jwks([A.jwk]) : Promise.reject(new Error('no route')))
  await askOnce()
  endpoint.clock.time += 9 * MINUTE
  await askOnce()
  assert.equal(asked, ['one.test', 'two.test', 'one.test', 'two.test', 'one.test'])
  assert.is(await look(endpoint, 'a'), 'key')
})

keys.run()
