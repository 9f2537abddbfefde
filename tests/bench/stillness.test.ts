/** How long the machine was away: told by a process that sleeps, and what is made of it. */
import { watch } from '../../bench/lab/stillness.ts'
import { stillest } from '../../bench/parts/latency.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const stillness = suite('how still the machine is')
const sample = (away: number | null) => ({ perSecond: 1, p50: 1, p99: 1, cpu: {}, problems: [], away })
const rounds = (...shares: (number | null)[]) => shares.map(sample)

stillness('the rounds count in which the machine was away least, at either point', () => {
  assert.equal(stillest([rounds(0.1, 0, 0.02, 0), rounds(0, 0.3, 0.01, 0.001)], 2), [2, 3])
  assert.equal(stillest([rounds(0, 0.2, 0, 0)], 1), [0, 2, 3], 'as still as the stillest')
})
stillness('all count where nobody can tell', () => {
  assert.equal(stillest([rounds(0.1, null, 0)], 1), [0, 1, 2])
})
stillness('a core that is taken away for 100 ms is seen, or nobody can tell', async () => {
  const stopped = ['sh', '-c', '"$@" & sleep 2; kill -STOP $!; sleep 0.1; kill -CONT $!; wait $!', 'sh']
  const away = await (await watch({ measured: stopped, others: [] }, 4))()
  assert.ok(away === null || (away >= 90 && away < 2000), `${away}`)
})
stillness('nobody can tell where no core is pinned', async () => {
  assert.is(await (await watch({ measured: [], others: [] }, 0.1))(), null)
})
stillness('where the command is not there nobody can tell', async () => {
  assert.is(await (await watch({ measured: ['/nowhere/taskset'], others: [] }, 0.1))(), null)
})
stillness.run()
