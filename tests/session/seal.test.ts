import { sealData } from 'iron-session'
import type { Session } from '../../src/gate/principal.ts'
import { createMemoryStore } from '../../src/session/ended.ts'
import { createSealer, type Purpose, type Sealer } from '../../src/session/seal.ts'
import { createSessionOpener, sealSession } from '../../src/session/session.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const seals = suite('a sealed session')

const KEY = '5f1d7a0c93be4826d1f0a7c4e8b29360'
const OLDER = 'b2936005f1d7a0c93be4826d1f0a7c4e'
const NOW = 1_800_000_000
const ROSA = { username: 'rosa', clientId: 'web', groups: ['a', 'b c'] }

const sealer = createSealer([KEY])
const openAt = (at: number, keys: [string, ...string[]] = [KEY]) => {
  const now = (): number => at
  return createSessionOpener({
    sealer: createSealer(keys),
    ended: createMemoryStore(now),
    whenUnknown: 'closed',
    clientIds: new Set(['web']),
    knownGroups: () => [],
    now,
  })
}
const sealRosa = async (by: Sealer = sealer): Promise<string> => (await sealSession(by, ROSA, NOW, 3600))?.seal as string
const open = openAt(NOW)
const sealed = await sealRosa()
const sealOf = (data: Record<string, unknown>, purpose: Purpose = 'session'): Promise<string> => sealer.seal(purpose, data)

const MALFORMED = { ok: false, reason: 'session_malformed' }

const opened = async (seal: string): Promise<Session> => {
  const result = await open(seal)
  if (!result.ok) throw new Error(result.reason)
  return result.value
}

seals('opens as it was sealed, with an id of its own', async () => {
  const { id, ...session } = await opened(sealed)
  assert.equal(session, { ...ROSA, issuedAt: NOW, expiresAt: NOW + 3600 })
  assert.match(id, /^[0-9a-f-]{36}$/)
  assert.is.not((await opened(await sealRosa())).id, id)
})

seals('can travel in a cookie and shows nothing of what it holds', async () => {
  assert.match(sealed, /^[A-Za-z0-9_.*~-]+$/)
  for (const part of sealed.split(/[*~]/)) assert.not.match(Buffer.from(part, 'base64url').toString('latin1'), /rosa|web|group/)
})

for (const [seconds, expected] of [
  [3599, 'open'],
  [3599.9, 'open'],
  [3600, 'session_expired'],
  [3601, 'session_expired'],
  [3659, 'session_expired'],
  [3661, 'session_expired'],
  [1e9, 'session_expired'],
] as const) {
  seals(`a session of 3600 seconds is ${expected} after ${seconds}`, async () => {
    const result = await openAt(NOW + seconds)(sealed)
    assert.is(result.ok ? 'open' : result.reason, expected)
  })
}

const PARTS = ['prefix', 'key id', 'salt', 'vector', 'data', 'expiry', 'salt of the code', 'code']
for (const [index, part] of PARTS.entries()) {
  seals(`every changed character of its ${part} is refused`, async () => {
    const parts = sealed.slice(0, -2).split('*')
    assert.is(parts.length, PARTS.length)
    const text = parts[index] as string
    for (let at = 0; at < Math.max(text.length, 1); at += Math.max(1, Math.floor(text.length / 12))) {
      const other = text[at] === '1' ? '2' : '1'
      const changed = parts.with(index, text.slice(0, at) + other + text.slice(at + 1))
      assert.equal(await open(`${changed.join('*')}~2`), MALFORMED, `character ${at}`)
    }
  })

  seals(`its ${part} emptied or left out is refused`, async () => {
    const parts = sealed.slice(0, -2).split('*')
    if (parts[index] !== '') assert.equal(await open(`${parts.with(index, '').join('*')}~2`), MALFORMED)
    assert.equal(await open(`${parts.toSpliced(index, 1).join('*')}~2`), MALFORMED)
  })
}

seals('another spelling of the last character of any part is refused', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const parts = sealed.slice(0, -2).split('*')
  for (const index of [3, 4, 7]) {
    const text = parts[index] as string
    const spelling = text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) as string) ^ 1]
    assert.equal(await open(`${parts.with(index, spelling).join('*')}~2`), MALFORMED)
  }
})

const TEXTS: [string, string][] = [
  ['nothing', ''],
  ['an empty object', '{}'],
  ['the older format', sealed.replace('~2', '~1')],
  ['no format', sealed.slice(0, -2)],
  ['a newer format', sealed.replace('~2', '~3')],
  ['two formats', `${sealed}~2`],
  ['a space behind', `${sealed} `],
  ['a newline behind', `${sealed}\n`],
  ['quotes around', `"${sealed}"`],
  ['percent encoding', encodeURIComponent(sealed).replaceAll('*', '%2A')],
  ['a part more', sealed.replace('~2', '*x~2')],
  ['another prefix', sealed.replace('Fe26.2', 'Fe26.1')],
  ['the prefix in lower case', sealed.replace('Fe26.2', 'fe26.2')],
  ['the key id __proto__', sealed.replace(/\*[0-9]+\*/, '*__proto__*')],
  ['no key id', sealed.replace(/\*[0-9]+\*/, '**')],
  ['stars only', 'Fe26.2*1*******~2'],
  ['64 KB of nothing', `Fe26.2*1*${'a'.repeat(65_536)}~2`],
  ['64 KB of stars', `Fe26.2*1*${'*'.repeat(65_536)}~2`],
  ['a token', 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl'],
]
for (const [what, text] of TEXTS) {
  seals(`${what} is refused`, async () => {
    assert.equal(await open(text), MALFORMED)
  })
}

const WHOLE = { id: 'i', ...ROSA, issuedAt: NOW, expiresAt: NOW + 3600 }
const CONTENTS: [string, Record<string, unknown>][] = [
  ['nothing', {}],
  ['no id', { ...WHOLE, id: undefined }],
  ['an empty name', { ...WHOLE, username: '' }],
  ['a name that is a number', { ...WHOLE, username: 1 }],
  ['no client', { ...WHOLE, clientId: undefined }],
  ['groups that are a text', { ...WHOLE, groups: 'admins' }],
  ['no groups', { ...WHOLE, groups: undefined }],
  ['a group that is null', { ...WHOLE, groups: [null] }],
  ['an empty group', { ...WHOLE, groups: [''] }],
  ['no end', { ...WHOLE, expiresAt: undefined }],
  ['an end that is a text', { ...WHOLE, expiresAt: String(NOW + 3600) }],
  ['an end that is null, as JSON writes infinity', { ...WHOLE, expiresAt: Number.POSITIVE_INFINITY }],
  ['no beginning', { ...WHOLE, issuedAt: undefined }],
]
for (const [what, data] of CONTENTS) {
  seals(`one that holds ${what} is refused`, async () => {
    assert.equal(await open(await sealOf(data)), MALFORMED)
  })
}

seals('one made for another purpose is refused, and the other way round', async () => {
  assert.equal(await open(await sealOf(WHOLE, 'login')), MALFORMED)
  assert.is(await sealer.open('login', sealed), null)
  assert.equal(await sealer.open('login', await sealOf({ a: 1 }, 'login')), { a: 1 })
})

seals('one made by the library alone with the same key is refused', async () => {
  const id = /\*([0-9]+)\*/.exec(sealed)?.[1] as string
  for (const password of [KEY, { [id]: KEY }]) {
    for (const data of [WHOLE, { purpose: 'session' }, { purpose: 'session', data: null }, { purpose: ['session'], data: WHOLE }]) {
      assert.equal(await open(await sealData(data, { password, ttl: 0 })), MALFORMED)
    }
  }
})

seals('one made with another key is refused', async () => {
  const foreign = await sealRosa(createSealer([OLDER]))
  assert.equal(await open(foreign), MALFORMED)
  const id = /\*([0-9]+)\*/.exec(sealed)?.[1] as string
  assert.equal(await open(foreign.replace(/\*[0-9]+\*/, `*${id}*`)), MALFORMED, 'also under the id of ours')
})

seals('the newest key seals, every listed one opens, one that was removed does not', async () => {
  const older = await sealRosa(createSealer([OLDER]))
  const newer = await sealRosa(createSealer([KEY, OLDER]))
  assert.is((await openAt(NOW, [KEY, OLDER])(older)).ok, true)
  assert.is((await openAt(NOW, [OLDER, KEY])(newer)).ok, true)
  assert.is((await openAt(NOW, [KEY])(newer)).ok, true)
  assert.equal(await openAt(NOW, [KEY])(older), MALFORMED)
  assert.equal(await openAt(NOW, [OLDER])(newer), MALFORMED)
})

seals.run()
