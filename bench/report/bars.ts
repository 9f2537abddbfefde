/** What the gate is meant to reach, and what it reached in a run. */
import { find, type Run } from '../figure.ts'
import { differenceOfRounds, ratioOfRounds } from '../statistics.ts'
import { short } from './numbers.ts'

export interface Bar {
  name: string
  title: string
  /** Whether the value must not be less, or not be more, than `limit`. */
  kind: 'at least' | 'at most'
  limit: number
  unit: string
  /** Null when the run did not measure what it takes. */
  value(run: Run): number | null
  /** What else belongs to it, in words; empty when it was not measured. */
  aside?(run: Run): string
}

const share =
  (of: string, by: string) =>
  (run: Run): number | null => {
    const [a, b] = [find(run, of), find(run, by)]
    return a === undefined || b === undefined ? null : ratioOfRounds(a.rounds, b.rounds)
  }

const difference =
  (percentile: 'p50' | 'p99', of: string, without: string) =>
  (run: Run): number | null => {
    // The median alone is what results of old have.
    const [a, b] = [of, without].map((name) => {
      const figure = find(run, name)
      return figure?.latencies?.[percentile] ?? [figure?.[percentile] ?? []].flat()
    })
    const microseconds = differenceOfRounds(a ?? [], b ?? [])
    return microseconds === null ? null : microseconds / 1000
  }

/** The time for one with the dearest number of rules, in terms of that with the fewest: all of them take the whole of a core. */
const growth =
  (prefix: string) =>
  (run: Run): number | null => {
    const figures = [10, 100, 1000, 10_000, 100_000].map((size) => find(run, `${prefix}-${size}`)?.rounds)
    const fewest = figures[0] ?? []
    const ratios = figures.map((rounds) => ratioOfRounds(fewest, rounds ?? []))
    return ratios.includes(null) ? null : Math.max(...(ratios as number[]))
  }

/** Processor time of the worker, the steadier figure. */
const costs =
  (of: string, by: string) =>
  (run: Run): string => {
    const [a, b] = [of, by].map((name) => find(run, name)?.cpu.nginx)
    return a === undefined || b === undefined ? '' : `${short(a)} µs of the worker a call against ${short(b)}`
  }

const FASTER = { kind: 'at least', unit: '×' } as const
const ADDED = { kind: 'at most', unit: ' ms' } as const
const FLAT = { kind: 'at most', unit: '×' } as const

export const BARS: readonly Bar[] = [
  {
    ...FASTER,
    name: 'hot-cheapest',
    title: 'hot call, against the cheapest gate that reads the body',
    limit: 1,
    value: share('hot', 'body-inside'),
    aside: costs('hot', 'body-inside'),
  },
  {
    ...FASTER,
    name: 'hot-plain',
    title: 'hot call, against no gate at all',
    limit: 0.5,
    value: share('hot', 'plain'),
    aside: costs('hot', 'plain'),
  },
  {
    ...FASTER,
    name: 'validator-bare',
    title: 'validator hot, against bare node:http',
    limit: 0.9,
    value: share('validator-hot', 'bare-http'),
    aside: (run) => {
      const limit = share('bare-line', 'bare-http')(run)
      const reached = share('validator-hot', 'bare-line')(run)
      return limit === null || reached === null
        ? ''
        : `its limit, a server that only reads, hashes and logs: ${short(limit)}×; it reaches ${short(reached)} of that`
    },
  },
  { ...FASTER, name: 'verify', title: 'new token, against crypto.verify alone', limit: 0.5, value: share('token-verify', 'crypto-verify') },
  { ...FLAT, name: 'rules-decide', title: 'decision, dearest number of rules against 10', limit: 1.1, value: growth('decide') },
  {
    ...FLAT,
    name: 'rules-http',
    title: 'question over HTTP, dearest number of rules against 10',
    limit: 1.1,
    value: growth('rules'),
  },
  {
    ...ADDED,
    name: 'added-median',
    title: 'latency added at one connection, median',
    limit: 0.1,
    value: difference('p50', 'alone-hot', 'alone-plain'),
  },
  {
    ...ADDED,
    name: 'added-p99',
    title: 'latency added at half load, p99',
    limit: 1,
    value: difference('p99', 'half-hot', 'half-plain'),
    aside: (run) => {
      const [hot, plain] = ['half-hot', 'half-plain'].map((name) => find(run, name)?.extra)
      const [away, queue, plainQueue] = [hot?.['machine away, %'], hot?.['p99 of a queue, ms'], plain?.['p99 of a queue, ms']]
      const parts = [
        away === undefined ? '' : `the machine was away for up to ${away.toFixed(1)} % of a round, and p99 is 1 %`,
        queue === undefined || plainQueue === undefined ? '' : `the shortest queue there can be adds ${short(queue - plainQueue)} ms`,
      ]
      return parts.filter((part) => part !== '').join('; ')
    },
  },
  {
    kind: 'at most',
    name: 'ready',
    title: 'validator, start to ready',
    limit: 300,
    unit: ' ms',
    value: (run) => find(run, 'validator-hot')?.extra['start to ready, ms'] ?? null,
    aside: (run) => {
      const alone = find(run, 'validator-hot')?.extra['node alone, ms']
      return alone === undefined ? '' : `a Node that does nothing takes ${short(alone)} ms of them`
    },
  },
  {
    kind: 'at most',
    name: 'million',
    title: 'validator resident after a million questions with 100,000 tokens',
    limit: 90,
    unit: ' MB',
    value: (run) => find(run, 'million')?.extra['resident, MB'] ?? null,
  },
]

export type Verdict = 'reached' | 'missed' | 'not measured'

export function judgeBar({ kind, limit, value }: Bar, run: Run): { value: number | null; verdict: Verdict } {
  const found = value(run)
  if (found === null) return { value: null, verdict: 'not measured' }
  return { value: found, verdict: (kind === 'at least' ? found >= limit : found <= limit) ? 'reached' : 'missed' }
}
