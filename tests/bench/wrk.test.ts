import { commandOf, faultsOf, type Load, parseWrk, type Told } from '../../bench/wrk.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const wrk = suite('the load generator')

const GOOD: Told = {
  ...{ microseconds: 1_001_000, requests: 500, bytes: 90_000, p50: 800, p99: 1900, max: 5000 },
  ...{ connect: 0, read: 0, write: 0, status: 0, timeout: 0, usedUp: 0 },
}
const printed = (told: object): string =>
  `Running 1s test @ http://127.0.0.1:1/\n  1 threads and 32 connections\nBENCH ${JSON.stringify(told)}\n`

wrk('its numbers are those of the line that our script prints', () => {
  assert.equal(parseWrk(printed(GOOD)), GOOD)
})

wrk('no such line, half of one, or one without a number is no result', () => {
  const { usedUp: _, ...rest } = GOOD
  for (const output of [
    '',
    'unable to connect to 127.0.0.1:1',
    printed(GOOD).slice(0, -20),
    printed(rest),
    printed({ ...GOOD, requests: '500' }),
  ])
    assert.is(parseWrk(output), null, output)
})

wrk('every fault keeps a round from counting', () => {
  assert.equal(faultsOf(GOOD), [])
  for (const name of ['connect', 'read', 'write', 'status', 'timeout', 'usedUp'] as const) {
    const faults = faultsOf({ ...GOOD, [name]: 3 })
    assert.is(faults.length, 1, name)
    assert.match(faults[0] as string, /^3 /)
  }
  assert.equal(faultsOf({ ...GOOD, requests: 0 }), ['no answer at all'])
})

wrk('where a refusal is measured every answer must be one', () => {
  assert.equal(faultsOf({ ...GOOD, status: 500 }, 401), [])
  assert.equal(faultsOf({ ...GOOD, status: 499 }, 401), ['1 answers that are no 401'])
  assert.equal(faultsOf(GOOD, 401), ['500 answers that are no 401'])
})

const load: Load = { url: 'http://127.0.0.1:1/x', method: 'POST', headers: { A: 'b c' }, body: '/dev/null', connections: 8, seconds: 2 }

wrk('callers who think are spread over threads, no more of them than connections', () => {
  for (const [connections, threads] of [
    [128, '-t64'],
    [8, '-t8'],
  ] as const)
    assert.is(commandOf({ ...load, connections, think: 3 })[0], threads)
})

wrk('is called with one thread, the connections and the headers', () => {
  const command = commandOf(load)
  assert.equal(
    [command.slice(0, 4), command.slice(5)],
    [
      ['-t1', '-c8', '-d2s', '-s'],
      ['-H', 'A: b c', 'http://127.0.0.1:1/x'],
    ],
  )
})

wrk.run()
