import type { Verified } from '../../src/gate/decide.ts'
import type { Session } from '../../src/gate/principal.ts'
import { createMemoryStore, type EndedSessions, StoreUnavailable } from '../../src/session/ended.ts'
import { isPackedGroups, packGroups, unpackGroups } from '../../src/session/groups.ts'
import { createSealer } from '../../src/session/seal.ts'
import { createSessionOpener, sealSession } from '../../src/session/session.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const sessions = suite('a session and its groups')

const NOW = 1_800_000_000
const sealer = createSealer(['5f1d7a0c93be4826d1f0a7c4e8b29360'])
/** The name, the value and the attributes of a cookie in the longest case. */
const COOKIE = '__Host-mcp_gateway_session=; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Lax'
const names = (count: number, length: number, filler = 'abcdefgh'): string[] =>
  Array.from({ length: count }, (_, at) => `${at}-`.padEnd(length, filler))

const all: (group: string) => boolean = () => true
const none: (group: string) => boolean = () => false

const FEW: [string, string[]][] = [
  ['none', []],
  ['one', ['a']],
  ['one that is a prototype', ['__proto__']],
  ['names of every kind', ['a b', 'ü', '\u{1f600}', 'a,b', '"', '\\', 'A', 'a']],
  ['the same name twice', ['a', 'a']],
  ['ten of the longest', names(10, 128)],
]
for (const [what, groups] of FEW) {
  sessions(`few groups stay names, known or not: ${what}`, () => {
    assert.equal(packGroups(groups, all), groups)
    assert.equal(packGroups(groups, none), groups)
    assert.equal(unpackGroups(packGroups(groups, none), []), groups)
  })
}

sessions('many groups become digests of the known ones, which come back in their order', () => {
  const groups = names(200, 128)
  const known = groups.filter((_, at) => at % 3 === 0)
  const packed = packGroups(groups, (group) => known.includes(group))
  assert.match((packed as { digests: string }).digests, /^[A-Za-z0-9_-]+$/)
  assert.equal(unpackGroups(packed, [...known].reverse()), known)
})

sessions('a group that is not known any more is nothing, and one that was not known then stays so', () => {
  const groups = names(200, 128)
  const [first = '', second = '', third = ''] = groups
  const packed = packGroups(groups, (group) => group === first || group === second)
  assert.equal(unpackGroups(packed, [second, third, 'another']), [second])
  assert.equal(unpackGroups(packed, []), [])
  assert.equal(unpackGroups(packGroups(groups, none), groups), [])
})

sessions('names that differ a little are other groups', () => {
  const known = names(200, 128)
  const packed = packGroups(known, all)
  const likes = known.flatMap((name) => [
    name.toUpperCase(),
    `${name} `,
    name.slice(0, -1),
    `${name}h`,
    name.normalize('NFD').concat('\u0301'),
  ])
  assert.equal(unpackGroups(packed, likes), [])
})

for (const text of ['', 'A', 'AAAA', 'not base64 at all', '*', 'A'.repeat(4000), '__proto__']) {
  sessions(`what is no digest is no group: ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.equal(unpackGroups({ digests: text }, ['a', '__proto__', '']), [])
  })
}

for (const value of [
  '',
  'admins',
  null,
  undefined,
  7,
  {},
  { digests: 7 },
  { digests: ['AAAA'] },
  [''],
  [null],
  [['admins']],
  { 0: 'admins', length: 1 },
]) {
  sessions(`these are no groups of a session: ${JSON.stringify(value)}`, () => assert.is(isPackedGroups(value), false))
}

const seal = (groups: readonly string[], isKnown = all, username = 'rosa') =>
  sealSession(sealer, { username, clientId: '1testclient23456789abcdefg', groups }, NOW, 3600, isKnown)

const FITTING: [string, string[], (group: string) => boolean][] = [
  ['no group', [], all],
  ['two hundred of 128 characters, all known', names(200, 128), all],
  ['two hundred of 128 characters, none known', names(200, 128), none],
  ['ten thousand, a hundred known', names(10_000, 20), (group) => Number.parseInt(group, 10) < 100],
  ['as many names as are kept', names(10, 128), all],
  ['ten names of Chinese characters', names(10, 128, '组'), all],
  ['five names of emoji', names(5, 128, '\u{1f600}'), all],
  ['twenty names of quotation marks', names(20, 30, '"'), all],
  ['eleven hundred control characters', names(2, 100, '\u0001'), all],
]
for (const [what, groups, isKnown] of FITTING) {
  for (const username of ['rosa', 'r'.repeat(128)]) {
    sessions(`fits into a cookie: ${what}, name of ${username.length}`, async () => {
      const made = await seal(groups, isKnown, username)
      assert.ok(made !== null, 'there is a seal')
      assert.ok(made.seal.length + COOKIE.length < 4096, String(made.seal.length))
      assert.equal(made.session.groups, groups)
      assert.is(Math.round(made.session.expiresAt), NOW + 3600)
    })
  }
}

sessions('one that would be longer than a cookie is none', async () => {
  assert.is(await seal(names(400, 20)), null)
  assert.is(await seal(names(400, 20), all, 'r'), null)
  assert.is(await seal([], all, 'r'.repeat(4000)), null)
})

/** Opens with this store and at this time. */
function opener(ended: EndedSessions, whenUnknown: 'closed' | 'open' = 'closed', at = NOW, known: readonly string[] = []) {
  return createSessionOpener({ sealer, ended, whenUnknown, clientIds: new Set(['agent']), knownGroups: () => known, now: () => at })
}
const away = (error: Error): EndedSessions => ({ ...createMemoryStore(() => NOW), has: () => Promise.reject(error) })
const said = (result: Verified<Session>): string => (result.ok ? 'open' : result.reason)

sessions('opens with the groups that are known now', async () => {
  const groups = names(200, 128)
  const made = await seal(groups)
  let known: readonly string[] = groups.slice(0, 2)
  const open = createSessionOpener({
    sealer,
    ended: createMemoryStore(() => NOW),
    whenUnknown: 'closed',
    clientIds: null,
    knownGroups: () => known,
    now: () => NOW,
  })
  for (const next of [groups.slice(0, 2), groups.slice(5, 9), []]) {
    known = next
    const result = await open(made?.seal ?? '')
    assert.equal(result.ok && result.value.groups, next)
  }
})

sessions('an ended one, by its id, by its user, and in any order', async () => {
  const made = await seal(['a'])
  const { id = '', expiresAt = 0 } = made?.session ?? {}
  const store = createMemoryStore(() => NOW)
  assert.is(said(await opener(store)(made?.seal ?? '')), 'open')
  await store.note('another', expiresAt)
  await store.noteUser('Rosa', NOW, expiresAt)
  await store.noteUser('rosa', NOW - 1, expiresAt)
  assert.is(said(await opener(store)(made?.seal ?? '')), 'open', 'somebody else, or before it began')
  await store.note(id, expiresAt)
  assert.is(said(await opener(store)(made?.seal ?? '')), 'session_ended')
  assert.is(said(await opener(store, 'open')(made?.seal ?? '')), 'session_ended')
  const other = createMemoryStore(() => NOW)
  await other.noteUser('rosa', NOW, expiresAt)
  assert.is(said(await opener(other)(made?.seal ?? '')), 'session_ended')
})

sessions('of a user named like an app client is none, where those are known', async () => {
  const made = await seal([], all, 'agent')
  assert.is(said(await opener(createMemoryStore(() => NOW))(made?.seal ?? '')), 'session_malformed')
  const open = createSessionOpener({
    sealer,
    ended: createMemoryStore(() => NOW),
    whenUnknown: 'closed',
    clientIds: null,
    knownGroups: () => [],
    now: () => NOW,
  })
  assert.is(said(await open(made?.seal ?? '')), 'open')
})

sessions('while the store is away it is shut, or open when that is asked for', async () => {
  const made = await seal(['a'])
  const store = away(new StoreUnavailable('away'))
  assert.is(said(await opener(store, 'closed')(made?.seal ?? '')), 'session_store_unavailable')
  assert.is(said(await opener(store, 'open')(made?.seal ?? '')), 'open')
  assert.is(said(await opener(store, 'open', NOW + 3600)(made?.seal ?? '')), 'session_expired', 'which needs no store')
  assert.is(said(await opener(store, 'open')('x')), 'session_malformed')
})

sessions('a fault of the store is no session, whatever is asked for', async () => {
  const made = await seal(['a'])
  for (const whenUnknown of ['closed', 'open'] as const) {
    const opening = opener(away(new Error('fault')), whenUnknown)(made?.seal ?? '')
    const outcome = await Promise.resolve(opening).then(said, ({ message }: Error) => message)
    assert.is(outcome, 'fault')
  }
})

sessions('one that is over or none is never asked for at the store', async () => {
  const made = await seal(['a'])
  let questions = 0
  const store: EndedSessions = {
    ...createMemoryStore(() => NOW),
    has: async () => {
      questions += 1
      return false
    },
  }
  await opener(store, 'closed', NOW + 3600)(made?.seal ?? '')
  await opener(store)('x')
  assert.is(questions, 0)
  await opener(store)(made?.seal ?? '')
  assert.is(questions, 1)
})

sessions.run()
