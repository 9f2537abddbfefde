/** Programs that outlive whoever starts them: what they say, and when they cannot be started. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive, type Launch, logFiles, startDetached, stopAll } from '../../src/demo/processes.ts'
import { StartError } from '../../src/start_error.ts'
import * as assert from '../support/assert.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const detached = suite('detached programs')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-detached-'))
detached.after(() => rmSync(folder, { recursive: true, force: true }))

const { PATH } = process.env
const shell = (script: string): Promise<Launch> => startDetached('one', '/bin/sh', ['-c', script], folder, { PATH })

async function wordsOf(script: string): Promise<string> {
  const { started, lastWords } = await shell(script)
  await until('it has ended', () => !isAlive(started))
  return lastWords()
}

detached('last words are those of both outputs, and of this start alone', async () => {
  assert.is(await wordsOf('echo out; echo err >&2'), 'out\nerr')
  assert.is(await wordsOf('echo again'), 'again')
  assert.is(await wordsOf('exit 1'), '')
  assert.is(await wordsOf('for i in 1 2 3 4 5 6 7; do echo $i >&2; done'), '3\n4\n5\n6\n7')
  const [log, errors] = logFiles(folder, 'one').map((path) => readFileSync(path, 'utf8'))
  assert.equal([log, errors], ['out\nagain\n', 'err\n1\n2\n3\n4\n5\n6\n7\n'])
})

detached('a log that somebody empties meanwhile has no last words', async () => {
  const { started, lastWords } = await shell('echo first; sleep 60')
  await until('it has written', () => lastWords() === 'first')
  writeFileSync(logFiles(folder, 'one')[0] as string, '')
  assert.is(lastWords(), '')
  await stopAll([started])
  assert.not(isAlive(started))
})

for (const [what, text] of [
  ['is not there', null],
  ['has an interpreter that is not there', '#!/nowhere/sh\n'],
] as const) {
  detached(`a program that ${what} is named with the reason`, async () => {
    const path = join(folder, 'program')
    if (text !== null) writeFileSync(path, text, { mode: 0o755 })
    const error = await startDetached('one', path, [], folder, { PATH }).catch((one) => one)
    assert.instance(error, StartError)
    assert.is(error.message, `one cannot be started: ${path} (ENOENT)`)
  })
}

detached("both logs are the owner's alone to read", () => {
  for (const path of logFiles(folder, 'one')) assert.is(statSync(path).mode & 0o777, 0o600, path)
})

detached.run()
