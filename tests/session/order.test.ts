import { createMemoryStore, type EndedSessions, StoreUnavailable } from '../../src/session/ended.ts'
import { carryOut, LONGEST_SESSION, sealRevocation } from '../../src/session/order.ts'
import { createSealer, type Purpose } from '../../src/session/seal.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const orders = suite('an order of the operator')

const KEY = '5f1d7a0c93be4826d1f0a7c4e8b29360'
const OLDER = 'b2936005f1d7a0c93be4826d1f0a7c4e'
const NOW = 1_800_000_000
const sealer = createSealer([KEY])

/** A store that writes down what it is told. */
function watched() {
  const told: unknown[][] = []
  const store: EndedSessions = { ...createMemoryStore(() => NOW), noteUser: async (...parameters) => void told.push(parameters) }
  return { store, told }
}
const WHOLE = { action: 'revoke_user', username: 'rosa', expiresAt: NOW + 60 }

orders('ends all sessions of a user that were sealed until now, for as long as any session lasts', async () => {
  const { store, told } = watched()
  assert.is(await carryOut(await sealRevocation(sealer, 'rosa', NOW), sealer, store, NOW + 7), 'rosa')
  assert.equal(told, [['rosa', NOW + 7, NOW + 7 + LONGEST_SESSION]])
  assert.is(LONGEST_SESSION, 30 * 24 * 3600)
})

for (const name of ['größe', 'a b', '__proto__', 'x'.repeat(128), '*']) {
  orders(`names the user as it is: ${name.slice(0, 20)}`, async () => {
    const { store, told } = watched()
    assert.is(await carryOut(await sealRevocation(sealer, name, NOW), sealer, store, NOW), name)
    assert.is(told[0]?.[0], name)
  })
}

for (const [seconds, good] of [
  [0, true],
  [59, true],
  [59.9, true],
  [60, false],
  [61, false],
  [1e9, false],
] as const) {
  orders(`is ${good ? 'carried out' : 'too old'} after ${seconds} seconds`, async () => {
    const { store, told } = watched()
    const done = await carryOut(await sealRevocation(sealer, 'rosa', NOW), sealer, store, NOW + seconds)
    assert.is(done, good ? 'rosa' : null)
    assert.is(told.length, good ? 1 : 0)
  })
}

orders('works with every key that is listed, and with no other one', async () => {
  const { store } = watched()
  const order = await sealRevocation(createSealer([OLDER]), 'rosa', NOW)
  assert.is(await carryOut(order, createSealer([KEY, OLDER]), store, NOW), 'rosa')
  const { store: untouched, told } = watched()
  assert.is(await carryOut(order, sealer, untouched, NOW), null)
  assert.equal(told, [])
})

const NONE: [string, () => string | Promise<string>][] = [
  ['nothing', () => ''],
  ['a text', () => 'revoke_user rosa'],
  ['JSON', () => JSON.stringify(WHOLE)],
  ['a changed one', async () => (await sealRevocation(sealer, 'rosa', NOW)).replace(/.~2$/, 'x~2')],
  ['one with a newline behind', async () => `${await sealRevocation(sealer, 'rosa', NOW)}\n`],
  ...(['session', 'login', 'handover_request', 'handover_code'] as Purpose[]).map((purpose): [string, () => Promise<string>] => [
    `a seal for ${purpose} with the same content`,
    () => sealer.seal(purpose, WHOLE),
  ]),
  ...[
    {},
    { ...WHOLE, action: undefined },
    { ...WHOLE, action: 'REVOKE_USER' },
    { ...WHOLE, action: ['revoke_user'] },
    { ...WHOLE, username: undefined },
    { ...WHOLE, username: ['rosa'] },
    { ...WHOLE, username: null },
    { ...WHOLE, expiresAt: undefined },
    { ...WHOLE, expiresAt: String(NOW + 60) },
    { ...WHOLE, expiresAt: null },
  ].map((data): [string, () => Promise<string>] => [`a seal that holds ${JSON.stringify(data)}`, () => sealer.seal('operator', data)]),
]
for (const [what, make] of NONE) {
  orders(`is none: ${what}`, async () => {
    const { store, told } = watched()
    assert.is(await carryOut(await make(), sealer, store, NOW), null)
    assert.equal(told, [])
  })
}

orders('is not carried out while the store is away, and says so', async () => {
  const store: EndedSessions = { ...createMemoryStore(() => NOW), noteUser: () => Promise.reject(new StoreUnavailable('away')) }
  const outcome = await carryOut(await sealRevocation(sealer, 'rosa', NOW), sealer, store, NOW).catch((error) => error)
  assert.instance(outcome, StoreUnavailable)
})

orders.run()
