/** What every store of ended sessions must do, whatever it keeps them in. */

import type { EndedSessions } from '../../src/session/ended.ts'
import * as assert from '../support/assert.ts'
import { createRandom, SEED } from '../support/random.ts'
import type { suite as createSuite } from '../support/suite.ts'

export const NOW = Math.floor(Date.now() / 1000)
/** When sessions that are sealed now will have expired. */
export const LATER = NOW + 3600

export const session = (id: string, username = 'nobody', issuedAt = NOW) => ({ id, username, issuedAt })

/** Names that something between here and the keys of a store might change or take for another. */
const NAMES = [
  'rosa',
  'Rosa',
  'ROSA ',
  'rosa\n',
  'größe',
  '🕰',
  'a:b',
  '',
  '*',
  '__proto__',
  'constructor',
  'x'.repeat(2048),
  'a\0b',
  '{a}b',
]

/** Every test uses names of its own, because they may share one store. */
export function contract(suite: ReturnType<typeof createSuite>, store: () => EndedSessions): void {
  suite('an id is taken once', async () => {
    assert.is(await store().note('once', LATER), true)
    assert.is(await store().note('once', LATER), false)
    assert.is(await store().note('once', LATER + 100), false)
    assert.is(await store().note('other', LATER), true)
  })

  suite('of many who take an id at once, one gets it', async () => {
    const taken = await Promise.all(Array.from({ length: 50 }, () => store().note('race', LATER)))
    assert.is(taken.filter(Boolean).length, 1)
  })

  suite('a session is ended by its id, and no other is', async () => {
    assert.is(await store().has(session('mine')), false)
    await store().note('mine', LATER)
    assert.is(await store().has(session('mine')), true)
    for (const id of ['min', 'mine2', 'Mine', '', 'user', 'nobody']) assert.is(await store().has(session(id)), false, id)
  })

  for (const [issuedAt, ended] of [
    [NOW - 3600, true],
    [NOW - 1, true],
    [NOW, true],
    [NOW + 1, false],
    [NOW + 3600, false],
  ] as const) {
    suite(`a user's session of ${issuedAt - NOW} seconds from the end ${ended ? 'is' : 'is not'} ended by name`, async () => {
      await store().noteUser('ines', NOW, LATER)
      assert.is(await store().has(session('of ines', 'ines', issuedAt)), ended)
    })
  }

  suite('the time of the end moves forward and never backward', async () => {
    const endedAt = async (): Promise<number[]> => {
      const times = [NOW - 20, NOW - 10, NOW - 9.5, NOW, NOW + 1]
      const ended = await Promise.all(times.map((time) => store().has(session('of otto', 'otto', time))))
      return times.filter((_time, index) => ended[index]).map((time) => time - NOW)
    }
    for (const [at, expected] of [
      [NOW - 20, [-20]],
      [NOW - 9.5, [-20, -10, -9.5]],
      [NOW - 10, [-20, -10, -9.5]],
      [NOW, [-20, -10, -9.5, 0]],
      [NOW - 20, [-20, -10, -9.5, 0]],
    ] as const) {
      await store().noteUser('otto', at, LATER)
      assert.equal(await endedAt(), expected, `after ${at - NOW}`)
    }
  })

  suite('of many ends at once, the latest holds', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => store().noteUser('uta', NOW - ((index * 7) % 50), LATER)))
    assert.equal([await store().has(session('u', 'uta', NOW)), await store().has(session('u', 'uta', NOW + 1))], [true, false])
  })

  suite('names and ids are taken as they are written', async () => {
    for (const [index, name] of NAMES.entries()) {
      await store().noteUser(`n ${name}`, NOW, LATER)
      await store().note(`i ${name}`, LATER)
      for (const [other, text] of NAMES.entries()) {
        assert.is(await store().has(session('-', `n ${text}`)), other <= index, `user ${text} after ${name}`)
        assert.is(await store().has(session(`i ${text}`)), other <= index, `id ${text} after ${name}`)
      }
    }
  })

  suite('a user name ends no session by its id, nor the reverse', async () => {
    await store().noteUser('both', NOW, LATER)
    assert.is(await store().has(session('both', 'someone')), false)
    await store().note('id only', LATER)
    assert.is(await store().has(session('x', 'id only')), false)
  })

  suite('a session that cannot be dated is ended with its user', async () => {
    await store().noteUser('undated', NOW, LATER)
    assert.is(await store().has(session('u', 'undated', Number.NaN)), true)
  })
}

/** How long the random sessions last. One length, so that what ended latest is also kept longest. */
const TTL = 40

/** Random calls to stores that share what they hold, and what a plain list of all calls says. */
export async function randomCalls(stores: EndedSessions[], rounds: number, clock: { now: number }, pass: boolean): Promise<void> {
  const random = createRandom(SEED)
  const ids: { id: string; until: number }[] = []
  const users: { username: string; at: number; until: number }[] = []
  for (let round = 0; round < rounds; round += 1) {
    const store = random.pick(stores)
    const [id, username] = [`${SEED}-${random.below(60)}`, `${SEED}-${random.below(12)}`]
    const [time, until] = [clock.now - random.below(30), clock.now + 1 + random.below(TTL)]
    const noted = ids.some((one) => one.id === id && clock.now < one.until)
    const gone = users.some((one) => one.username === username && time <= one.at && clock.now < one.until)
    const context = `seed ${SEED}, round ${round}`
    if (random.once(3)) {
      assert.is(await store.note(id, until), !noted, context)
      if (!noted) ids.push({ id, until })
    } else if (random.once(8)) {
      await store.noteUser(username, time, time + TTL)
      users.push({ username, at: time, until: time + TTL })
    } else assert.is(await store.has({ id, username, issuedAt: time }), noted || gone, context)
    if (pass && random.once(4)) clock.now += random.below(3)
  }
}
