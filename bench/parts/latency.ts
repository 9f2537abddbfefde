/** What the gate adds to a call's latency: with one caller alone, and while it is half as busy as it can be. */
import type { Figure } from '../figure.ts'
import { startGate } from '../lab/gate.ts'
import type { Lab } from '../lab/lab.ts'
import { startLimits } from '../lab/limits.ts'
import { policyFor } from '../lab/policy.ts'
import { measureAll, type Target } from '../measure.ts'
import type { PartPlan } from './part.ts'
import { cheapest, hot, plain } from './through_nginx.ts'

/** Callers who think: so many that their calls come independently of how fast the answers are. */
const CALLERS = 128

export const latency: PartPlan = {
  name: 'latency',
  title: 'Added latency',
  points: ['alone-plain', 'alone-cheapest', 'alone-hot', 'half-plain', 'half-hot'],
  notes: [
    'Alone: one connection, one call after the other.',
    `Half load: ${CALLERS} connections of wrk, each of which waits between answer and next call for a time that is distributed ` +
      'exponentially, so that together they call half as often as the gate answered at its busiest just before; the rate that came ' +
      'about is in the table. Plain NGINX gets the same load.',
  ],
  async measure(lab, wanted) {
    const limits = await startLimits(lab)
    const gate = await startGate(lab, { name: 'latency', policy: policyFor(['currenttime']) })
    const alone = (target: Target): Target => ({
      ...target,
      name: `alone-${SHORT[target.name] ?? target.name}`,
      title: `alone: ${target.title}`,
      connections: 1,
    })
    const all = [plain(lab, limits), cheapest(lab, limits), hot(lab, gate)]
    const first = await measureAll(
      lab,
      all.map(alone).filter(({ name }) => wanted(name)),
    )
    const half = ['half-plain', 'half-hot'].some(wanted) ? await atHalf(lab, plain(lab, limits), hot(lab, gate)) : { figures: [], note: '' }
    return { figures: [...first, ...half.figures], notes: half.note === '' ? [] : [half.note] }
  },
}

const SHORT: Record<string, string> = { 'body-inside': 'cheapest' }

async function atHalf(lab: Lab, without: Target, through: Target): Promise<{ figures: Figure[]; note: string }> {
  const [busiest] = await measureAll(lab, [{ ...through, name: 'busiest' }])
  if (busiest?.perSecond == null) throw new Error(`the gate does not answer as it must: ${busiest?.problems.join('; ')}`)
  const rate = busiest.perSecond / 2
  const calm = (target: Target): Target => ({
    ...target,
    name: `half-${target.name}`,
    title: `half load: ${target.title}`,
    connections: CALLERS,
    think: (CALLERS / rate) * 1000,
  })
  return {
    figures: await measureAll(lab, [calm(without), calm(through)]),
    note: `The gate's busiest just before: ${Math.round(busiest.perSecond)} calls a second.`,
  }
}
