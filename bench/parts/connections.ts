/** What many connections at once cost. */
import { startGate } from '../lab/gate.ts'
import { startLimits } from '../lab/limits.ts'
import { policyFor } from '../lab/policy.ts'
import { measureAll, type Target } from '../measure.ts'
import type { PartPlan } from './part.ts'
import { hot, plain } from './through_nginx.ts'

const COUNTS = [1, 10, 100, 1000] as const

export const connections: PartPlan = {
  name: 'connections',
  title: 'Growth: connections',
  points: COUNTS.flatMap((count) => [`plain-c${count}`, `hot-c${count}`]),
  notes: [
    'So many clients at once, each of which calls again as soon as it has its answer: latencies are those of a queue, not of the gate.',
  ],
  async measure(lab, wanted) {
    const limits = await startLimits(lab)
    const gate = await startGate(lab, { name: 'connections', policy: policyFor(['currenttime']) })
    const through = (target: Target, count: number): Target => ({
      ...target,
      name: `${target.name}-c${count}`,
      title: `${count} connection${count === 1 ? '' : 's'}: ${target.name === 'plain' ? 'plain proxy' : 'Gatehouse'}`,
      connections: count,
    })
    const targets = COUNTS.flatMap((count) => [through(plain(lab, limits), count), through(hot(lab, gate), count)])
    return {
      figures: await measureAll(
        lab,
        targets.filter(({ name }) => wanted(name)),
      ),
    }
  },
}
