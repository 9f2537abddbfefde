/** Folders, with those above them. */
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../src/make_folder.ts'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'

const folders = suite('folders')
const root = mkdtempSync(join(tmpdir(), 'gatehouse-folders-'))
folders.after(() => rmSync(root, { recursive: true, force: true }))

const modeOf = (path: string): number => statSync(path).mode & 0o777

folders('each that is missing is made, with its mode; one that is there stays as it is', () => {
  makeFolder(join(root, 'a/b/c'), 0o700)
  for (const path of ['a', 'a/b', 'a/b/c']) assert.is(modeOf(join(root, path)), 0o700)
  makeFolder(join(root, 'a/b'), 0o755)
  assert.is(modeOf(join(root, 'a/b')), 0o700)
})

folders('a link to a folder is one', () => {
  symlinkSync(root, join(root, 'link'))
  makeFolder(join(root, 'link'))
  makeFolder(join(root, 'link/d'))
  assert.ok(statSync(join(root, 'd')).isDirectory())
})

for (const [what, path, code] of [
  ['a file', 'file', /EEXIST/],
  ['below a file', 'file/x', /ENOTDIR/],
  ['far below a file', 'file/x/y', /ENOTDIR/],
  ['a link to nowhere', 'lost', /EEXIST/],
  ['below a link to nowhere', 'lost/x', /EEXIST/],
  ['where the system makes none', '/proc/x', /ENOENT/],
  ['below where the system makes none', '/proc/x/y', /ENOENT/],
] as const) {
  folders(`${what} is an error, at once`, () => {
    writeFileSync(join(root, 'file'), '')
    rmSync(join(root, 'lost'), { force: true })
    symlinkSync(join(root, 'nowhere'), join(root, 'lost'))
    assert.throws(() => makeFolder(path.startsWith('/') ? path : join(root, path)), code)
  })
}

folders.run()
