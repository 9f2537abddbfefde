/** Whether a figure grows with time. Nothing here measures. */

export interface Sample {
  /** Seconds since the start. */
  at: number
  value: number
}

export interface Rule {
  /** For a reader. */
  title: string
  unit: string
  /** Growth over the judged time that is no leak, whatever the size; and as a share of the mean. The larger one counts. */
  allowed: number
  share: number
  /** What of some seconds counts: the least leaves out what a garbage collection is about to take, the middle what a burst adds. */
  of: 'least' | 'middle'
}

export interface Judgement {
  title: string
  unit: string
  mean: number
  /** Of the fitted line, over the judged time. */
  growth: number
  perHour: number
  limit: number
  ok: boolean
  /** The points that were judged. */
  points: Sample[]
}

/** Seconds of which one point is made. */
const BIN = 5
/** Fewer points say nothing of a slope. */
const FEWEST = 6

/** The straight line through points by least squares. */
export function fit(points: readonly Sample[]): { slope: number; mean: number } {
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const at = meanOf(points.map((point) => point.at))
  const mean = meanOf(points.map(({ value }) => value))
  const spread = points.reduce((sum, point) => sum + (point.at - at) ** 2, 0)
  const together = points.reduce((sum, point) => sum + (point.at - at) * (point.value - mean), 0)
  return { slope: spread === 0 ? 0 : together / spread, mean }
}

/** One point for each few seconds. */
export function binned(samples: readonly Sample[], of: Rule['of']): Sample[] {
  const bins = new Map<number, number[]>()
  for (const { at, value } of samples) bins.set(Math.floor(at / BIN), [...(bins.get(Math.floor(at / BIN)) ?? []), value])
  return [...bins].map(([bin, values]) => {
    const sorted = values.sort((a, b) => a - b)
    return { at: (bin + 0.5) * BIN, value: (of === 'least' ? sorted[0] : sorted[Math.floor(sorted.length / 2)]) as number }
  })
}

/**
 * Judges what a figure did from `from` (seconds) on.
 * @throws Error where too few samples are left to say anything
 */
export function judgeSlope(samples: readonly Sample[], from: number, { title, unit, allowed, share, of }: Rule): Judgement {
  const points = binned(
    samples.filter(({ at }) => at >= from),
    of,
  )
  if (points.length < FEWEST) throw new Error(`${title}: ${points.length} points are too few to judge; let it run longer`)
  const { slope, mean } = fit(points)
  const growth = slope * ((points.at(-1) as Sample).at - (points[0] as Sample).at)
  const limit = Math.max(allowed, share * mean)
  return { title, unit, mean, growth, perHour: slope * 3600, limit, ok: growth <= limit, points }
}

const number = (value: number): string => value.toFixed(Math.abs(value) >= 100 ? 0 : 1)

/** What a reader is told, in one line. */
export const sentence = ({ title, unit, mean, growth, perHour, limit, ok }: Judgement): string =>
  `${ok ? 'ok   ' : 'GROWS'} ${title}: ${number(mean)} ${unit} on average, ${growth >= 0 ? '+' : ''}${number(growth)} ${unit} from warm-up to end` +
  ` (${number(perHour)} an hour); up to ${number(limit)} is no leak.`
