/** What the stack keeps in its folder, and what is said when it cannot: by the system, or because somebody has cut it off. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writePrivate } from '../../src/demo/private_file.ts'
import { findRunning, startDetached, stopAll } from '../../src/demo/processes.ts'
import { findStack, removeState, type State, writeState } from '../../src/demo/state.ts'
import { sentenceOf } from '../../src/demo/trouble.ts'
import { StartError } from '../../src/start_error.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const state = suite('state of the local stack')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-state-'))
const place = { root, folder }
const file = join(folder, 'state.json')
state.after(() => rmSync(folder, { recursive: true, force: true }))

const ports = { gateway: 8000, cognito: 9000, validator: 8888, currenttime: 9001, mcpgw: 9002 }
const WRITTEN: State = { ports, processes: [{ name: 'cognito', pid: 2 ** 30, birth: '1' }] }

state('nothing written down is nothing to tell', () => {
  assert.equal(findStack(place), { state: null, running: [], note: null })
})

state('what was written is read again, and nobody else reads it', () => {
  writeState(place, WRITTEN)
  assert.equal(findStack(place), { state: WRITTEN, running: [], note: null })
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.equal(readdirSync(folder), ['state.json'])
  removeState(place)
  assert.equal(readdirSync(folder), [])
})

const NOT_WHOLE = [
  ...['', '{', 'null', '[]', '{}', '"text"', '{"ports":{},"processes":[]}', '{"ports":{"gateway":1},"processes":{}}'],
  ...['{"ports":{"gateway":1},"processes":[null]}', '{"ports":{"gateway":1},"processes":[{"name":"nginx","pid":0,"birth":""}]}'],
]
for (const text of NOT_WHOLE) {
  state(`${JSON.stringify(text)} is no state`, () => {
    writeFileSync(file, text)
    const note = `${file} is not whole. Of this stack's processes these were found: none`
    assert.equal(findStack(place), { state: null, running: [], note })
  })
}

state('a file that cannot be written leaves the one before, and nothing else', () => {
  writePrivate(file, 'before')
  // Where the new one is written first.
  mkdirSync(`${file}.${process.pid}`)
  assert.throws(() => writePrivate(file, 'after'), /EISDIR/)
  rmSync(`${file}.${process.pid}`, { recursive: true, force: true })
  assert.equal([readFileSync(file, 'utf8'), readdirSync(folder)], ['before', ['state.json']])
})

state('a process is known by all of its arguments', async () => {
  const args = ['-e', 'setTimeout(() => {}, 60_000)', folder]
  const { started } = await startDetached('one', process.execPath, args, folder, {})
  assert.equal(findRunning('one', args), [started])
  assert.equal(findRunning('one', args.slice(1)).length, 1)
  for (const others of [args.slice(0, 2), [...args, ''], [folder.slice(0, -1)], [folder.slice(1)]])
    assert.equal(findRunning('one', others), [])
  await stopAll([started])
  assert.equal(findRunning('one', args), [])
})
state.run()

const said = suite('what the system says against a start')
const errno = (code: string, more: Record<string, string> = { path: '/x/.demo', syscall: 'mkdir' }): Error =>
  Object.assign(new Error(`${code}: words`), { code, ...more })
const OR = 'or name another folder: GATEHOUSE_DEMO_DIR'
for (const [error, sentence] of [
  [errno('EACCES'), `this user may not use /x/.demo. Allow it, ${OR} (EACCES)`],
  [errno('EPERM'), `this user may not use /x/.demo. Allow it, ${OR} (EPERM)`],
  [errno('EEXIST'), `/x/.demo is a file where a folder must be. Remove it, ${OR} (EEXIST)`],
  [errno('ENOTDIR'), `/x/.demo cannot be there: a file stands where a folder must be. Remove that, ${OR} (ENOTDIR)`],
  [errno('EROFS'), `/x/.demo cannot be written: its disk is read-only. Change that, ${OR} (EROFS)`],
  [errno('ENOSPC', { syscall: 'write' }), `there is no room left to write in /of/stack. Make some, ${OR} (ENOSPC)`],
  [
    errno('ENOSPC', { path: '/from', dest: '/to', syscall: 'copyfile' }),
    `there is no room left to write in /to. Make some, ${OR} (ENOSPC)`,
  ],
  [errno('EDQUOT', { syscall: 'write' }), `there is no room left to write in /of/stack. Make some, ${OR} (EDQUOT)`],
  [errno('EIO', { syscall: 'read' }), `/of/stack cannot be used: read failed. See to it, ${OR} (EIO)`],
  [errno('EPERM', { syscall: 'kill' }), "another user's processes cannot be stopped (EPERM). Do it as the user who started them"],
  [new StartError('as it is'), 'as it is'],
  [new TypeError('a bug'), null],
  [errno('ERR_INVALID_ARG_TYPE', {}), null],
  ['no error', null],
] as const) {
  said(`${error instanceof Error ? error.message : error}: ${sentence ?? 'a bug'}`, () =>
    assert.is(sentenceOf(error, '/of/stack'), sentence),
  )
}
said.run()
