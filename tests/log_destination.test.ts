import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from './support/assert.ts'
import { until } from './support/process.ts'
import { suite } from './support/suite.ts'

const destination = suite('the lines of the log')

const folder = dirname(fileURLToPath(import.meta.url))

interface Writer {
  child: ChildProcess
  out(): string
  err(): string
  /** Resolves with the exit code, or the signal. */
  ended: Promise<number | string | null>
}

const running = new Set<ChildProcess>()
destination.after(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** @param reads whether its lines are read from the beginning */
function write(what: string, reads = true, stdout: number | 'pipe' = 'pipe'): Writer {
  const command = ['--import', 'tsx', join(folder, 'support/log_writer.ts'), what]
  const child = spawn(process.execPath, command, { stdio: ['pipe', stdout, 'pipe'] })
  running.add(child)
  let [out, err] = ['', '']
  child.stderr?.on('data', (chunk) => {
    err += chunk
  })
  if (reads)
    child.stdout?.on('data', (chunk) => {
      out += chunk
    })
  const ended = new Promise<number | string | null>((done) => child.once('exit', (code, signal) => done(code ?? signal)))
  return { child, out: () => out, err: () => err, ended }
}

const read = ({ child }: Writer): Promise<string> =>
  new Promise((done) => {
    let text = ''
    child.stdout?.on('data', (chunk) => {
      text += chunk
    })
    child.stdout?.once('end', () => done(text))
  })

destination('appear within a second', async () => {
  const writer = write('line')
  await until('it has started', () => writer.out() !== '' || writer.child.exitCode !== null)
  const { time } = JSON.parse(writer.out())
  assert.ok(Date.now() - Date.parse(time) < 1000)
  writer.child.kill()
})

for (const [what, code] of [
  ['end', 0],
  ['exit', 3],
  ['crash', 1],
  ['fatal', 'SIGKILL'],
] as const) {
  destination(`are all there after this: ${what}`, async () => {
    const writer = write(what)
    assert.is(await writer.ended, code)
    await until('the last one is read', () => writer.out().includes('"last"'))
    const lines = writer.out().trimEnd().split('\n')
    assert.is(lines.length, what === 'crash' ? 2001 : 1)
    for (const line of lines) JSON.parse(line)
    assert.is(JSON.parse(lines.at(-1) as string).msg, 'last')
  })
}

destination('hold nobody up when they are not read, are bounded, and those that are lost are counted', async () => {
  const writer = write('flood', false)
  await until('all are written', () => writer.err().includes('flooded'), 30_000)
  const [, longest, megabytes] = /flooded (\d+) (\d+)/.exec(writer.err()) ?? []
  assert.ok(Number(longest) < 500, `${longest} ms for a line`)
  assert.ok(Number(megabytes) < 250, `${megabytes} MB for 25 MB of lines of which 4 may wait`)
  const lines = (await read(writer))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const lost = lines.filter(({ msg }) => msg.startsWith('log lines dropped')).reduce((sum, { lines: count }) => sum + count, 0)
  assert.ok(lost > 0, 'some were lost')
  assert.is(lines.filter(({ msg }) => msg === 'flood').length + lost, 100_000)
  assert.is(await writer.ended, 0)
})

destination('do not keep a process from its end when they are not read', async () => {
  const writer = write('floodAndExit', false)
  await until('all are written', () => writer.err().includes('flooded'), 30_000)
  const started = performance.now()
  assert.is(await writer.ended, 3)
  assert.ok(performance.now() - started < 3000)
})

for (const [what, code] of [
  ['floodAndExit', 3],
  ['crash', 1],
  ['exit', 3],
  ['end', 0],
] as const) {
  destination(`do not keep a process from its end when the disk is full: ${what}`, async () => {
    const full = openSync('/dev/full', 'w')
    const writer = write(what, false, full)
    closeSync(full)
    await until('it has ended', () => writer.child.exitCode !== null, 30_000)
    assert.is(await writer.ended, code)
  })
}

destination('are for nobody when the reader has gone, and the process goes on', async () => {
  const writer = write('flood', false)
  writer.child.stdout?.destroy()
  assert.is(await writer.ended, 0)
  assert.match(writer.err(), /^flooded \d+ \d+\n$/)
})

destination.run()
