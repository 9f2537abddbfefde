import { parseStatus } from '../../bench/lab/backend.ts'
import { shareOut } from '../../bench/lab/cores.ts'
import { cpuMicroseconds, memoryKilobytes, parseCores, parseKilobytes, parseSchedstat, parseTicks } from '../../bench/proc.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const proc = suite('what the system says of processes')

proc('nanoseconds of a thread', () => {
  assert.is(parseSchedstat('783462 859998 9\n'), 783_462)
  for (const text of ['', '0 0', 'x 1 2']) assert.is(parseSchedstat(text), null, text)
})

proc('clock ticks of a process whose name holds brackets and spaces', () => {
  const text = '17 (a) b (c) S 1 17 17 0 -1 4194560 100 0 0 0 250 31 0 0 20 0 1 0 1000 2000 300'
  assert.is(parseTicks(text), 281)
  assert.is(parseTicks(''), null)
})

proc('kilobytes by their whole name', () => {
  const text = 'Rss:                4352 kB\nPss_Dirty:           774 kB\nPss:                1148 kB\nSwapPss:             5 kB\n'
  assert.is(parseKilobytes(text, 'Pss'), 1148)
  assert.is(parseKilobytes(text, 'Swap'), null)
})

proc('lists of cores', () => {
  const table: [string, number[]][] = [
    ['0-1\n', [0, 1]],
    ['3', [3]],
    ['0,2-4,7', [0, 2, 3, 4, 7]],
    ['', []],
  ]
  for (const [text, cores] of table) assert.equal(parseCores(text), cores, text)
})

proc('what is measured has a core to itself where there are two, and else it is said why not', () => {
  const two = shareOut([2, 5, 6], true)
  assert.equal(
    [two.measured, two.others],
    [
      ['taskset', '-c', '2'],
      ['taskset', '-c', '5,6'],
    ],
  )
  for (const [cores, taskset, why] of [
    [[0], true, 'one core'],
    [[0, 1], false, 'taskset'],
  ] as const) {
    const { measured, others, description } = shareOut(cores, taskset)
    assert.equal([measured, others], [[], []])
    assert.match(description, why)
  }
})

proc('the requests of nginx are the third number', () => {
  assert.is(parseStatus('Active connections: 1 \nserver accepts handled requests\n 11 12 1301 \nReading: 0 Writing: 1 Waiting: 0 \n'), 1301)
  assert.throws(() => parseStatus('<html>'))
})

proc('this very process works and takes room', () => {
  const before = cpuMicroseconds(process.pid)
  // Fifty milliseconds of its own, however long a busy machine takes to give them.
  for (const start = process.cpuUsage(); process.cpuUsage(start).user < 50_000; );
  const used = cpuMicroseconds(process.pid) - before
  assert.ok(used > 5000 && used < 5_000_000, `${used}`)
  assert.ok(memoryKilobytes(process.pid) > 10_000)
  assert.is(cpuMicroseconds(2 ** 30), 0)
})

proc.run()
