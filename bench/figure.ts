/** What was measured, as it is kept and shown. */
import { median, mediansOf } from './statistics.ts'

/** One round of one point. */
export interface Sample {
  /** Calls or operations a second. */
  perSecond: number
  /** Microseconds; null where they are not measured one by one. */
  p50: number | null
  p99: number | null
  /** Microseconds of processor time a call, by whose: `nginx`, `validator`, `peer`. */
  cpu: Record<string, number>
  /** The share of its time for which the machine was away (lab/stillness.ts); null where nobody can tell, missing where nobody has looked. */
  away?: number | null
  /** Why this round does not count; empty when it does. */
  problems: string[]
}

/** One point: the medians of its rounds. */
export interface Figure {
  name: string
  title: string
  perSecond: number | null
  p50: number | null
  p99: number | null
  cpu: Record<string, number>
  /** Calls a second of each round that counts, in their order. */
  rounds: number[]
  /** Microseconds of each round that counts, in their order; missing where calls are not timed one by one, and in old results. */
  latencies?: { p50: number[]; p99: number[] }
  /** Whatever else was measured; the name says the unit. */
  extra: Record<string, number>
  problems: string[]
}

export interface Part {
  name: string
  title: string
  figures: Figure[]
  /** What a reader must know to read them. */
  notes: string[]
  seconds: number
}

/** One run of the whole. */
export interface Run {
  date: string
  commit: string
  machine: Record<string, string>
  settings: Record<string, string>
  parts: Part[]
  seconds: number
}

/** Rounds that do not count are left out of the medians, and their problems are kept. */
export function figureOf(name: string, title: string, samples: readonly Sample[], extra: Record<string, number> = {}): Figure {
  const good = samples.filter(({ problems }) => problems.length === 0)
  const latencies = { p50: good.flatMap(({ p50 }) => p50 ?? []), p99: good.flatMap(({ p99 }) => p99 ?? []) }
  const middle = (pick: (sample: Sample) => number | null): number | null => median(good.flatMap((sample) => pick(sample) ?? []))
  return {
    name,
    title,
    perSecond: middle(({ perSecond }) => perSecond),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    cpu: mediansOf(good.map(({ cpu }) => cpu)),
    rounds: good.map(({ perSecond }) => perSecond),
    ...(latencies.p99.length > 0 && { latencies }),
    extra,
    problems: [...new Set(samples.flatMap(({ problems }) => problems))],
  }
}

/** A point that could not even be begun. */
export const failedFigure = (name: string, title: string, error: Error): Figure =>
  figureOf(name, title, [{ perSecond: 0, p50: null, p99: null, cpu: {}, problems: [error.message.replace(/\s+/g, ' ').trim()] }])

/** The figure of that name, wherever it is; undefined when it was not measured or does not count. */
export function find(run: Run, name: string): Figure | undefined {
  const figure = run.parts.flatMap(({ figures }) => figures).find((one) => one.name === name)
  return figure?.problems.length === 0 ? figure : undefined
}
