import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type PolicySource, watchPolicy } from '../../src/scopes/watch.ts'
import * as assert from '../support/assert.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const watching = suite('the policy in step with its file')

const INTERVAL = 15
const policyWith = (scope: string): string => `${scope}:\n  - {server: now, methods: [ping]}\n`

let folder: string
let file: string
let source: PolicySource
let events: string[]

const watch = (interval = INTERVAL): void => {
  events = []
  const onLoad = (policy: { scopesFor(server: string): readonly string[] }) => events.push(`loaded ${policy.scopesFor('now')}`)
  source = watchPolicy(file, { onLoad, onProblems: (problems) => events.push(...problems) }, interval)
}
const inForce = (): string => source.current()?.scopesFor('now').join() ?? 'none'
const becomes = (event: string): Promise<void> => until(`"${event}" (${events})`, () => events.at(-1) === event)
/** Long enough for many looks, also on a busy machine. */
const someLooks = (): Promise<void> => sleep(20 * INTERVAL)

watching.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-watch-'))
  file = join(folder, 'scopes.yml')
  writeFileSync(file, policyWith('a/first'))
})
watching.after.each(() => {
  source.close()
  rmSync(folder, { recursive: true, force: true })
})

watching('is there at once', () => {
  watch()
  assert.is(inForce(), 'a/first')
  assert.equal(source.problems(), [])
  assert.equal(events, ['loaded a/first'])
})

watching('is not read again while the file stays the same', async () => {
  watch()
  await someLooks()
  assert.equal(events, ['loaded a/first'])
})

watching('follows a change in place', async () => {
  watch()
  writeFileSync(file, policyWith('a/second'))
  await becomes('loaded a/second')
  assert.is(inForce(), 'a/second')
})

watching('follows a file that is renamed over it', async () => {
  watch()
  writeFileSync(`${file}.new`, policyWith('a/other'))
  renameSync(`${file}.new`, file)
  await becomes('loaded a/other')
})

watching('follows a link that is renamed over it, as in a ConfigMap', async () => {
  for (const version of ['1', '2']) {
    mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'scopes.yml'), policyWith(`a/v${version}`))
  }
  const link = join(folder, 'data')
  symlinkSync('1', link)
  file = join(link, 'scopes.yml')
  watch()
  symlinkSync('2', `${link}.new`)
  renameSync(`${link}.new`, link)
  await becomes('loaded a/v2')
})

const BROKEN: [string, () => void, string][] = [
  ['broken', () => writeFileSync(file, 'a/b: ['), 'line 1, column 7: unexpected end of the stream within a flow collection'],
  ['wrong', () => writeFileSync(file, 'a/b: 1'), 'a/b must be a list of {server, methods, tools}, got 1'],
  ['empty', () => writeFileSync(file, ''), 'expected a document, but the input is empty'],
  ['cut', () => writeFileSync(file, policyWith('a/second').slice(0, -4)), ''],
  ['no text', () => writeFileSync(file, Buffer.from([0x61, 0xff, 0xfe])), 'the file is not valid UTF-8'],
  ['gone', () => unlinkSync(file), 'the file cannot be read: ENOENT'],
  ['a folder', () => replaceByFolder(), 'it is not a regular file'],
  ['a pipe that nobody writes to', () => replaceByPipe(), 'it is not a regular file'],
]
function replaceByPipe(): void {
  unlinkSync(file)
  execFileSync('mkfifo', [file])
}
function replaceByFolder(): void {
  unlinkSync(file)
  mkdirSync(file)
}
for (const [what, breakIt, problem] of BROKEN) {
  watching(`keeps the last good policy while the file is ${what}, and takes the next good one`, async () => {
    watch()
    breakIt()
    await until('the problem is told', () => source.problems().length > 0)
    if (problem !== '') assert.equal(source.problems(), [problem])
    assert.is(inForce(), 'a/first')
    assert.equal(events.length, 2)
    await someLooks()
    assert.equal(events.length, 2, 'a problem is told once')

    rmSync(file, { recursive: true, force: true })
    writeFileSync(file, policyWith('a/second'))
    await becomes('loaded a/second')
    assert.equal(source.problems(), [])
  })
}

watching('takes the same file again after it was away', async () => {
  watch()
  renameSync(file, `${file}.away`)
  await becomes('the file cannot be read: ENOENT')
  renameSync(`${file}.away`, file)
  await becomes('loaded a/first')
  assert.equal(source.problems(), [])
})

watching('tells the next problem after another', async () => {
  watch()
  writeFileSync(file, 'a/b: 1')
  await becomes('a/b must be a list of {server, methods, tools}, got 1')
  writeFileSync(file, 'a/b: 22')
  await becomes('a/b must be a list of {server, methods, tools}, got 22')
  assert.is(inForce(), 'a/first')
})

watching('has none at the start without a good file, and takes one that appears', async () => {
  unlinkSync(file)
  watch()
  assert.is(source.current(), null)
  assert.equal(source.problems(), ['the file cannot be read: ENOENT'])
  writeFileSync(file, policyWith('a/late'))
  await becomes('loaded a/late')
})

// A cut file can be valid and mean something else: here every cut opens less than the whole, or is broken.
watching('does not read a file that is being written', async () => {
  watch(250)
  const whole = `${policyWith('a/second')}  - {server: now, methods: [tools/list]}\n`
  const started = performance.now()
  for (let length = 1; performance.now() - started < 1200; length = (length % whole.length) + 1) {
    writeFileSync(file, whole.slice(0, length))
    await sleep(5)
  }
  assert.equal(events, ['loaded a/first'])
  writeFileSync(file, whole)
  await becomes('loaded a/second')
})

watching('ends with close', async () => {
  watch()
  source.close()
  writeFileSync(file, policyWith('a/second'))
  await someLooks()
  assert.is(inForce(), 'a/first')
})

watching.run()
