/** The session on disk. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { cookieFile, forgetCookie, isCookieName, isCookieValue, jarOf, readCookie, saveCookie } from '../../src/cli/cookie_file.ts'
import { CommandError } from '../../src/cli/exit.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { makeHome } from './command.ts'

const files = suite('the session on disk')
const { folder, remove } = makeHome()
const file = `${folder}/deep/er/cookie`
const jar = jarOf(file)
const COOKIE = {
  gateway: 'https://mcp.example.com',
  name: '__Host-mcp_gateway_session',
  value: 'Fe26.2*1*ab_-*c~2',
  expiresAt: 1_900_000_000,
}
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

files.after.each(() => rmSync(`${folder}/deep`, { recursive: true, force: true }))
files.after(remove)

function messageOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    assert.instance(error, CommandError)
    assert.is((error as CommandError).exitCode, 1)
    return (error as CommandError).message
  }
  return assert.unreachable('it should have failed') as never
}

files('the value alone, and a jar as curl reads it', () => {
  saveCookie(file, COOKIE)
  assert.is(readFileSync(file, 'utf8'), COOKIE.value)
  assert.is(
    readFileSync(jar, 'utf8').split('\n').at(-2),
    `#HttpOnly_mcp.example.com\tFALSE\t/\tTRUE\t1900000000\t__Host-mcp_gateway_session\t${COOKIE.value}`,
  )
  assert.equal(readCookie(file), { value: COOKIE.value, name: COOKIE.name, host: 'mcp.example.com', expiresAt: COOKIE.expiresAt })
})

files('over http the jar does not ask for TLS; an IPv6 host has no brackets', () => {
  saveCookie(file, { ...COOKIE, gateway: 'http://[::1]:8000', name: 's' })
  assert.match(readFileSync(jar, 'utf8'), `#HttpOnly_::1\tFALSE\t/\tFALSE\t`)
})

files('only the owner may read it, whatever the umask and the modes before', () => {
  mkdirSync(`${folder}/deep/er`, { recursive: true, mode: 0o755 })
  writeFileSync(file, 'old', { mode: 0o666 })
  chmodSync(file, 0o666)
  for (const mask of [0, 0o077, 0o777]) {
    const before = process.umask(mask)
    saveCookie(file, COOKIE)
    process.umask(before)
    assert.equal([modeOf(file), modeOf(jar)], ['600', '600'])
  }
})

files('a folder that is made is the owner’s alone; one that was there stays as it was', () => {
  saveCookie(file, COOKIE)
  assert.equal([modeOf(`${folder}/deep`), modeOf(`${folder}/deep/er`)], ['700', '700'])
  chmodSync(`${folder}/deep/er`, 0o755)
  saveCookie(file, COOKIE)
  assert.is(modeOf(`${folder}/deep/er`), '755')
})

files('the folder of the default is closed to others', () => {
  const home = process.env.HOME
  process.env.HOME = `${folder}/deep`
  try {
    mkdirSync(`${folder}/deep/.mcp`, { recursive: true })
    chmodSync(`${folder}/deep/.mcp`, 0o777)
    assert.is(cookieFile(undefined), `${folder}/deep/.mcp/session_cookie`)
    saveCookie(cookieFile(undefined), COOKIE)
    assert.is(modeOf(`${folder}/deep/.mcp`), '700')
  } finally {
    process.env.HOME = home
  }
})

files('symbolic links are replaced, not followed', () => {
  mkdirSync(`${folder}/deep/er`, { recursive: true })
  writeFileSync(`${folder}/deep/target`, 'mine')
  for (const path of [file, jar]) symlinkSync(`${folder}/deep/target`, path)
  saveCookie(file, COOKIE)
  assert.is(readFileSync(`${folder}/deep/target`, 'utf8'), 'mine')
  for (const path of [file, jar]) assert.throws(() => readlinkSync(path), /EINVAL/)
})

files('a folder where the jar should be leaves the session as it was', () => {
  saveCookie(file, COOKIE)
  rmSync(jar)
  mkdirSync(jar)
  assert.match(
    messageOf(() => saveCookie(file, { ...COOKIE, value: 'another' })),
    /could not be saved at .*: EISDIR/,
  )
  assert.match(readFileSync(file, 'utf8'), COOKIE.value)
})

files('nothing is left when it cannot be saved', () => {
  mkdirSync(file, { recursive: true })
  assert.match(
    messageOf(() => saveCookie(file, COOKIE)),
    /could not be saved at .*: (?:EISDIR|ENOTEMPTY|EEXIST)\. Try --cookie-file/,
  )
  assert.equal(readdirSync(`${folder}/deep/er`), ['cookie'])
})

files('there is none, or there is something else', () => {
  assert.is(readCookie(file), null)
  mkdirSync(`${folder}/deep/er`, { recursive: true })
  for (const text of [
    '',
    'two words',
    'a;b',
    'a\r\nb',
    '"quoted"',
    'a,b',
    'ä',
    '{"a":1}',
    'AKIA/secret+key',
    'Fe26.2*1*a.b~2',
    `Fe26.2*1*${'x'.repeat(4097)}~2`,
  ]) {
    writeFileSync(file, text)
    assert.match(
      messageOf(() => readCookie(file)),
      'does not hold a session cookie',
      text,
    )
  }
  rmSync(file)
  mkdirSync(file)
  assert.match(
    messageOf(() => readCookie(file)),
    'cannot be read: EISDIR',
  )
})

files('what the jar says of another session is not believed; a final newline does no harm', () => {
  saveCookie(file, COOKIE)
  writeFileSync(file, 'Fe26.2*1*another~2\n')
  assert.equal(readCookie(file), { value: 'Fe26.2*1*another~2', name: null, host: null, expiresAt: null })
  rmSync(jar)
  assert.equal(readCookie(file), { value: 'Fe26.2*1*another~2', name: null, host: null, expiresAt: null })
})

files('both files go', () => {
  saveCookie(file, COOKIE)
  forgetCookie(file)
  assert.not(existsSync(file) || existsSync(jar))
  forgetCookie(file)
})

files('names and values that fit into a header and a jar', () => {
  for (const name of ['', 'a b', 'a=b', 'a;b', 'a\tb', 'a\n', 'ä', '(a)', 'x'.repeat(129)]) assert.not(isCookieName(name), name)
  for (const value of ['', 'a b', 'a;b', 'a\tb', 'a\n', '\x7f', 'a\\b']) assert.not(isCookieValue(value), value)
  assert.ok(isCookieName('__Host-mcp_gateway_session') && isCookieValue('Fe26.2*1*a_b-c~2='))
})

files.run()
