import { createCredentialMemory } from '../../src/credential_memory.ts'
import { createMemoryStore, type EndedSessions, StoreUnavailable } from '../../src/session/ended.ts'
import { createSealer, type Sealer } from '../../src/session/seal.ts'
import { createRememberingOpener, sealSession } from '../../src/session/session.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const remembering = suite('opened sessions that are remembered')

const NOW = 1_800_000_000
const sealer = createSealer(['5f1d7a0c93be4826d1f0a7c4e8b29360'])
const made = await sealSession(sealer, { username: 'rosa', clientId: 'web', groups: ['a'] }, NOW, 3600)
const { seal = '', session } = made ?? {}
const { id = '', expiresAt = 0 } = session ?? {}

function createWorld(store?: EndedSessions) {
  const world = { now: NOW, opened: 0, known: ['a'] as readonly string[] }
  const counting: Sealer = {
    ...sealer,
    open: (purpose, text) => {
      world.opened += 1
      return sealer.open(purpose, text)
    },
  }
  const ended = store ?? createMemoryStore(() => world.now)
  const open = createRememberingOpener(
    { sealer: counting, ended, whenUnknown: 'closed', clientIds: new Set(['agent']), knownGroups: () => world.known, now: () => world.now },
    createCredentialMemory(),
  )
  const said = async (text = seal): Promise<string> => {
    const result = await open(text)
    return result.ok ? 'open' : result.reason
  }
  return { world, ended, open, said }
}

remembering('a seal is opened once, and then known at once as the same object', async () => {
  const { world, open } = createWorld()
  const first = await open(seal)
  const again = open(seal)
  assert.ok(first.ok && !(again instanceof Promise) && again.ok)
  assert.ok(first.value === again.value)
  assert.is(world.opened, 1)
})

for (const [what, end] of [
  ['signing out', (ended: EndedSessions) => ended.note(id, expiresAt)],
  ['an operator', (ended: EndedSessions) => ended.noteUser('rosa', NOW, expiresAt)],
] as const) {
  remembering(`one that was ended by ${what} is refused from the next question on`, async () => {
    const { ended, said } = createWorld()
    assert.is(await said(), 'open')
    await end(ended)
    assert.is(await said(), 'session_ended')
    assert.is(await said(), 'session_ended')
  })
}

for (const [seconds, expected] of [
  [3599.9, 'open'],
  [3600, 'session_expired'],
  [7200, 'session_expired'],
] as const) {
  remembering(`a remembered session of 3600 seconds is ${expected} after ${seconds}`, async () => {
    const { world, said } = createWorld()
    assert.is(await said(), 'open')
    world.now = NOW + seconds
    assert.is(await said(), expected)
  })
}

remembering('the store is asked for every question, and what it says of itself counts', async () => {
  let answer: () => Promise<boolean> = async () => false
  let asked = 0
  const store: EndedSessions = {
    ...createMemoryStore(() => NOW),
    has: () => {
      asked += 1
      return answer()
    },
  }
  const { said } = createWorld(store)
  assert.is(await said(), 'open')
  answer = () => Promise.reject(new StoreUnavailable('away'))
  assert.is(await said(), 'session_store_unavailable')
  answer = async () => true
  assert.is(await said(), 'session_ended')
  answer = async () => false
  assert.is(await said(), 'open')
  assert.is(asked, 4)
})

remembering('groups are those that are known now', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `group-${index}-with-a-long-name`)
  const many = await sealSession(sealer, { username: 'rosa', clientId: 'web', groups: names }, NOW, 3600, (name) => names.indexOf(name) < 9)
  const { world, open } = createWorld()
  for (const known of [names.slice(0, 2), names.slice(5, 9), []]) {
    world.known = known
    const result = await open(many?.seal ?? '')
    assert.equal(result.ok && result.value.groups, known)
  }
  assert.is(world.opened, 1)
})

for (const [what, text] of [
  ['a changed seal', `${seal.slice(0, -5)}x~2`],
  ['no seal', 'x'],
] as const) {
  remembering(`nothing is remembered of ${what}`, async () => {
    const { world, said } = createWorld()
    assert.equal([await said(text), await said(text)], ['session_malformed', 'session_malformed'])
    assert.is(world.opened, 2)
  })
}

remembering('nothing is remembered of one that is over', async () => {
  const { world, said } = createWorld()
  await said()
  world.now = NOW + 3600
  await said()
  await said()
  assert.is(world.opened, 2)
})

remembering.run()
