import { createHash } from 'node:crypto'
import { createClient } from '@redis/client'
import type { EndedSessions } from '../../src/session/ended.ts'
import { createValkeyStore } from '../../src/session/ended_valkey.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { SEED } from '../support/random.ts'
import { suite } from '../support/suite.ts'
import { startValkey, type ValkeyProgram } from '../support/valkey.ts'
import { contract, LATER, NOW, randomCalls, session } from './ended_contract.ts'
import { patient } from './watched.ts'

const valkey = suite('ended sessions in a Valkey server')

console.log(`seed ${SEED}`)

let server: ValkeyProgram
const stores: EndedSessions[] = []
const storeAt = (url: string): EndedSessions => {
  const store = patient(createValkeyStore(url, { onState: () => {} }))
  stores.push(store)
  return store
}
const createRaw = (url: string) => createClient({ url }).connect()
let raw: Awaited<ReturnType<typeof createRaw>>

valkey.before(async () => {
  server = await startValkey({ password: 'p/ss w@rd:#?%' })
  raw = await createRaw(server.url)
  storeAt(server.url)
  storeAt(server.url.replace('redis:', 'valkey:'))
})
valkey.after(async () => {
  await Promise.all(stores.map((store) => store.close()))
  raw.destroy()
  await server.stop()
})

contract(valkey, () => stores[0] as EndedSessions)

valkey('two validators see each other and give what a list of their calls says', () => randomCalls(stores, 5000, { now: NOW }, false))

const userKey = (name: string): string => `gatehouse:user:${createHash('sha256').update(name).digest('base64url')}`

valkey('every key ends by itself, a minute after its time and never before it', async () => {
  const [store] = stores as [EndedSessions]
  await store.note('timed', LATER + 0.001)
  assert.is(await raw.expireTime('gatehouse:ended:timed'), LATER + 61)
  for (const [at, until, kept] of [
    [0, 0, 0],
    [-100, -100, 0],
    [10, -100, 0],
    [20, 100.5, 101],
    [15, 50, 101],
    [30, 50, 101],
    [5, 102, 102],
  ] as const) {
    await store.noteUser('timed', NOW + at, LATER + until)
    assert.is(await raw.expireTime(userKey('timed')), LATER + kept + 60, `at ${at}, until ${until}`)
  }
  await store.note('long past', NOW - 1000)
  assert.is(await store.has(session('long past')), false)
  assert.is(await raw.get('gatehouse:ended:long past'), null)
  const keys = await raw.keys('*')
  const times = await Promise.all(keys.map((key) => raw.expireTime(key)))
  assert.ok(keys.length > 20)
  assert.is(Math.min(...times) > NOW, true)
})

valkey('no user name is in the store', async () => {
  const [store] = stores as [EndedSessions]
  await store.noteUser('wilhelmine@example.com', NOW, LATER)
  const keys = await raw.keys('*')
  const strange = keys.filter((key) => !/^gatehouse:(?:ended:.*|user:[A-Za-z0-9_-]{43})$/s.test(key))
  assert.equal(strange, [])
  const users = keys.filter((key) => key.startsWith('gatehouse:user:'))
  for (const value of await raw.mGet(users)) assert.match(value ?? '', /^[0-9.]+$/)
  assert.ok(users.includes(userKey('wilhelmine@example.com')))
})

for (const value of [
  '',
  ' ',
  '-1',
  '1e3',
  '0x10',
  'inf',
  'nan',
  'NaN',
  'Infinity',
  '٣',
  '1.',
  '.5',
  '1 2',
  '\0',
  'false',
  'x'.repeat(1e6),
]) {
  valkey(`a value that is no time, ${JSON.stringify(value.slice(0, 9))}, ends every session`, async () => {
    const [store] = stores as [EndedSessions]
    await raw.set(userKey('spoiled'), value)
    assert.is(await store.has(session('-', 'spoiled', LATER)), true)
    await raw.set('gatehouse:ended:spoiled', value)
    assert.is(await store.has(session('spoiled')), true)
    assert.is(await store.note('spoiled', LATER), false)
    await raw.del([userKey('spoiled'), 'gatehouse:ended:spoiled'])
  })
}

valkey('a value of another kind is no answer, and others are answered', async () => {
  const [store] = stores as [EndedSessions]
  await raw.lPush(userKey('list'), 'x')
  assert.match(String(await Promise.resolve(store.has(session('-', 'list'))).catch(String)), /WRONGTYPE/)
  assert.is(await store.has(session('-', 'other')), false)
})

valkey('these permissions are enough', async () => {
  const rights = ['~gatehouse:*', '+get', '+set', '+eval', '+expireat', '+select', '+ping']
  const limited = await startValkey({ args: ['--user', 'gate', 'on', '>secret', ...rights, '--user', 'default', 'off'] })
  const store = storeAt(`redis://gate:secret@127.0.0.1:${limited.port}/3`)
  await store.noteUser('rosa', NOW - 1, LATER)
  await store.noteUser('rosa', NOW, LATER)
  assert.equal([await store.note('x', LATER), await store.has(session('x')), await store.has(session('y'))], [true, true, false])
  assert.is(await store.has(session('-', 'rosa')), true)
  await store.close()
  await limited.stop()
})

valkey('a server in cluster mode that holds all slots will do', async () => {
  const cluster = await startValkey({ args: ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())] })
  const setUp = await createRaw(cluster.url)
  await setUp.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
  while (!(await setUp.clusterInfo()).includes('cluster_state:ok')) await new Promise((done) => setTimeout(done, 50))
  setUp.destroy()
  const store = storeAt(cluster.url)
  await store.noteUser('rosa', NOW, LATER)
  for (const id of ['a', 'b', 'c']) assert.equal([await store.note(id, LATER), await store.has(session(id))], [true, true])
  assert.is(await store.has(session('-', 'rosa')), true)
  await store.close()
  await cluster.stop()
})

valkey.run()
