/** What the gate adds to a call's latency: with one caller alone, and while it is half as busy as it can be. */
import { type Figure, figureOf, type Sample } from '../figure.ts'
import { startGate } from '../lab/gate.ts'
import type { Lab } from '../lab/lab.ts'
import { startLimits } from '../lab/limits.ts'
import { policyFor } from '../lab/policy.ts'
import { measureAll, sampleAll, type Target } from '../measure.ts'
import { median, queueP99 } from '../statistics.ts'
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
      'exponentially, so that together they call half as often as the gate answered at its busiest in the second before; the rate that ' +
      'came about is in the table. Plain NGINX gets the same load. What is added is the median of the differences of the rounds. ' +
      '`p99 of a queue`: with as many calls at random, to one server that takes for each what the worker took (M/D/1). Calls come to the ' +
      'worker twice, so theirs is longer.',
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

/** As many rounds as usual, of which one in so many counts at least: those in which the machine was away least. */
const TIMES = 5
const COUNTS = 3

/** In each round the gate's busiest, and then half of that for both: what the machine can do changes from second to second. */
async function atHalf(lab: Lab, without: Target, through: Target): Promise<{ figures: Figure[]; note: string }> {
  let think: number | undefined
  const busiest: Target = {
    ...through,
    name: 'busiest',
    measured: ({ perSecond }) => {
      think = (CALLERS / (perSecond / 2)) * 1000
    },
  }
  const calm = (target: Target): Target => ({
    ...target,
    name: `half-${target.name}`,
    title: `half load: ${target.title}`,
    connections: CALLERS,
    think: () => think,
    watched: true,
  })
  const targets = [calm(through), calm(without)]
  const [full = [], ...samples] = await sampleAll(lab, [busiest, ...targets], TIMES)
  const busy = median(full.flatMap(({ perSecond, problems }) => (problems.length === 0 ? perSecond : [])))
  if (busy === null) throw new Error(`the gate does not answer as it must: ${full.flatMap(({ problems }) => problems).join('; ')}`)
  const chosen = stillest(samples, Math.ceil(full.length / COUNTS))
  return {
    // Without the gate first, as in the other tables.
    figures: targets
      .map(({ name, title }, index) => {
        const counted = chosen.flatMap((round) => samples[index]?.[round] ?? [])
        return figureOf(name, title, counted, { ...awayAtMost(samples[index] ?? [], chosen), ...ofQueue(counted) })
      })
      .reverse(),
    note: `The gate's busiest, the median of the rounds: ${Math.round(busy)} calls a second. ${sentence(samples, chosen)}`,
  }
}

/** The share of a round's time for which the machine was away, while the one point was measured or the other. Null where nobody can tell. */
const awayIn = (samples: readonly Sample[][], round: number): number | null => {
  const shares = samples.map((one) => one[round]?.away ?? null)
  return shares.includes(null) ? null : Math.max(...(shares as number[]))
}

/**
 * The numbers of the rounds in which the machine was away least, in their order: so many of them, and those that are as good as the last one of
 * these; all where nobody can tell. Of how long a call took they know nothing.
 */
export function stillest(samples: readonly Sample[][], count: number): number[] {
  const away = [...(samples[0] ?? []).keys()].map((round) => awayIn(samples, round))
  const limit = away.includes(null) ? null : away.toSorted((a, b) => (a ?? 0) - (b ?? 0))[count - 1]
  return [...away.keys()].filter((round) => limit == null || (away[round] ?? 0) <= limit)
}

/** How long at most the machine was away in these rounds of a point. */
function awayAtMost(samples: readonly Sample[], rounds: readonly number[]): Record<string, number> {
  const shares = rounds.flatMap((round) => samples[round]?.away ?? [])
  return shares.length === 0 ? {} : { 'machine away, %': 100 * Math.max(...shares) }
}

/** What of p99 is nothing but a queue: that of as many calls at random to one server that takes as long for each. */
function ofQueue(samples: readonly Sample[]): Record<string, number> {
  const all = samples.map(({ perSecond, cpu, problems }) => (problems.length === 0 ? queueP99(perSecond, (cpu.nginx ?? 0) / 1e6) : null))
  const middle = median(all.flatMap((seconds) => seconds ?? []))
  return middle === null ? {} : { 'p99 of a queue, ms': middle * 1000 }
}

function sentence(samples: readonly Sample[][], chosen: readonly number[]): string {
  const all = [...(samples[0] ?? []).keys()].map((round) => awayIn(samples, round))
  if (all.includes(null)) return 'All rounds count: nobody could tell how long the machine was away.'
  const most = (rounds: readonly number[]): string => `${(100 * Math.max(...rounds.map((round) => all[round] ?? 0))).toFixed(1)} %`
  return (
    `Of ${all.length} rounds the ${chosen.length} count in which the machine was away least, ${most(chosen)} of the time or less; ` +
    `in the worst of all it was ${most([...all.keys()])}.`
  )
}
