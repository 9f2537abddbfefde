/** Tokens on disk: for their owner alone, for what they were given for alone, and never longer than they should be used. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTokenCache, defaultCacheFolder, type TokenOwner } from '../../src/cognito/token_cache.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const cache = suite('the token cache')
const base = mkdtempSync(join(tmpdir(), 'gatehouse-cache-'))
cache.after(() => rmSync(base, { recursive: true, force: true }))

const SECRET = 'the-secret-of-the-app-client'
const owner: TokenOwner = {
  settings: { clientId: 'agent', clientSecret: SECRET, domain: 'https://a.example' },
  scopes: ['t/read', 't/write'],
}
const other = (changes: Partial<TokenOwner['settings']>, scopes = owner.scopes): TokenOwner => ({
  settings: { ...owner.settings, ...changes },
  scopes,
})
const TOKEN = { accessToken: 'head.body.sign-_', obtainedAt: 1000, useUntil: 3700, expiresAt: 4600 }

let number = 0
/** A folder of its own with one token in it. */
function filled(): { folder: string; file: string } {
  const folder = join(base, `cache-${++number}`)
  assert.is(createTokenCache(folder).write(owner, TOKEN), null)
  const [name = ''] = readdirSync(folder)
  return { folder, file: join(folder, name) }
}
const read = (folder: string, of = owner, now = 1500): string | undefined => createTokenCache(folder).read(of, now)?.accessToken

cache('gives a token back, whatever the order of its scopes', () => {
  const { folder } = filled()
  assert.is(read(folder), TOKEN.accessToken)
  assert.is(read(folder, other({}, ['t/write', 't/read', 't/read'])), TOKEN.accessToken)
})

cache('is readable by its owner alone, and holds neither the secret nor a trace of it in a name', () => {
  const { folder, file } = filled()
  assert.is(statSync(folder).mode & 0o777, 0o700)
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.equal(readdirSync(folder).length, 1)
  assert.not.match(readFileSync(file, 'utf8') + file, SECRET)
  createTokenCache(folder).write(other({ clientSecret: 'another-secret' }), TOKEN)
  assert.equal(readdirSync(folder).length, 1, 'the name does not depend on the secret')
})

for (const [what, of] of [
  ['another domain', other({ domain: 'https://b.example' })],
  ['another app client', other({ clientId: 'agent2' })],
  ['another secret', other({ clientSecret: 'changed' })],
  ['other scopes', other({}, ['t/read'])],
  ['all scopes', other({}, [])],
] as const) {
  cache(`gives nothing for ${what}`, () => assert.is(read(filled().folder, of), undefined))
}

for (const [at, expected] of [
  [999, undefined],
  [1000, TOKEN.accessToken],
  [3699, TOKEN.accessToken],
  [3700, undefined],
] as const) {
  cache(`at second ${at} gives ${expected ?? 'nothing'}`, () => assert.is(read(filled().folder, owner, at), expected))
}

const damage: Array<[string, (file: string, folder: string) => void]> = [
  ['is cut off', (file) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, -9))],
  ['is empty', (file) => writeFileSync(file, '')],
  ['is another JSON', (file) => writeFileSync(file, '[1]')],
  ['lacks its times', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('3700', '"x"'))],
  ['holds what is no token', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('head.body', 'head\\r\\nbody'))],
  ['is readable by the group', (file) => chmodSync(file, 0o640)],
  ['is writable by everybody', (file) => chmodSync(file, 0o602)],
  [
    'is a link',
    (file, folder) => {
      writeFileSync(join(folder, 'elsewhere'), readFileSync(file), { mode: 0o600 })
      rmSync(file)
      symlinkSync(join(folder, 'elsewhere'), file)
    },
  ],
  [
    'is a folder',
    (file) => {
      rmSync(file)
      mkdirSync(file)
    },
  ],
  ['is enormous', (file) => writeFileSync(file, `${readFileSync(file, 'utf8')}${' '.repeat(40_000)}`)],
  ...(process.getuid?.() === 0
    ? [['is of another user', (file: string) => chownSync(file, 4242, 4242)] as [string, (file: string) => void]]
    : []),
  ['is in a folder that others can write to', (_file, folder) => chmodSync(folder, 0o770)],
]
for (const [what, harm] of damage) {
  cache(`a file that ${what} is no token`, () => {
    const { folder, file } = filled()
    harm(file, folder)
    assert.is(read(folder), undefined)
  })
}

cache('replaces what was damaged', () => {
  const { folder, file } = filled()
  writeFileSync(file, 'nonsense')
  assert.is(createTokenCache(folder).write(owner, TOKEN), null)
  assert.is(read(folder), TOKEN.accessToken)
  assert.equal(readdirSync(folder).length, 1, 'nothing temporary is left')
})

cache('says why it cannot keep a token, and leaves nothing', () => {
  const blocked = join(base, 'a-file')
  writeFileSync(blocked, '')
  assert.match(createTokenCache(join(blocked, 'cache')).write(owner, TOKEN) ?? '', /ENOTDIR|EEXIST/)
  const open = join(base, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  assert.match(createTokenCache(open).write(owner, TOKEN) ?? '', /can be written by others/)
  assert.equal(readdirSync(open), [])
})

cache('removes a token when it is told to', () => {
  const { folder } = filled()
  createTokenCache(folder).remove(owner)
  createTokenCache(folder).remove(owner)
  assert.equal(readdirSync(folder), [])
})

cache('sweeps away what is a day old, and nothing that is not its own', () => {
  const { folder, file } = filled()
  const now = Date.now() / 1000
  utimesSync(file, now - 90_000, now - 90_000)
  writeFileSync(join(folder, 'notes.txt'), 'kept')
  utimesSync(join(folder, 'notes.txt'), now - 90_000, now - 90_000)
  createTokenCache(folder).write(other({ clientId: 'agent2' }), { ...TOKEN, obtainedAt: now })
  assert.equal(readdirSync(folder).length, 2)
  assert.ok(readdirSync(folder).includes('notes.txt'))
})

for (const [env, expected] of [
  [{ XDG_CACHE_HOME: '/var/cache/me' }, '/var/cache/me/gatehouse'],
  [{ XDG_CACHE_HOME: 'relative' }, join(homedir(), '.cache/gatehouse')],
  [{}, join(homedir(), '.cache/gatehouse')],
] as const) {
  cache(`with ${JSON.stringify(env)} is at ${expected}`, () => assert.is(defaultCacheFolder(env), expected))
}

cache.run()
