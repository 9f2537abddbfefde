/** The arithmetic of measurements. Nothing here measures. */

/** The middle value; of an even number of them the mean of the two in the middle. Null when there is none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const high = sorted[Math.floor(sorted.length / 2)]
  const low = sorted[Math.ceil(sorted.length / 2) - 1]
  return high === undefined || low === undefined ? null : (low + high) / 2
}

/** `a` in terms of `b`; null when one of them is missing or `b` is 0. */
export function ratio(a: number | null | undefined, b: number | null | undefined): number | null {
  if (a === null || a === undefined || b === null || b === undefined || b === 0) return null
  return a / b
}

/**
 * The median of the ratios of rounds that were measured one soon after the other: what the machine does slower for a while counts in both. Of
 * rounds that cannot be put side by side, because one does not count, the ratio of their medians. Null when there is none.
 */
export function ratioOfRounds(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length) return ratio(median(a), median(b))
  return median(a.flatMap((value, round) => ratio(value, b[round]) ?? []))
}

/** The median of the differences of rounds, likewise. */
export function differenceOfRounds(a: readonly number[], b: readonly number[]): number | null {
  if (a.length === b.length) return median(a.map((value, round) => value - (b[round] ?? value)))
  const [one, other] = [median(a), median(b)]
  return one === null || other === null ? null : one - other
}

/** How far apart the rounds lie: greatest minus least, in terms of the median. Null when there are fewer than two. */
export function spread(values: readonly number[]): number | null {
  if (values.length < 2) return null
  return ratio(Math.max(...values) - Math.min(...values), median(values))
}

/** Each name's median over the samples that have it. */
export function mediansOf(samples: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(samples.flatMap((sample) => Object.keys(sample)))
  const found: Record<string, number> = {}
  for (const name of names) {
    const middle = median(samples.flatMap((sample) => sample[name] ?? []))
    if (middle !== null) found[name] = middle
  }
  return found
}

/**
 * What 99 of 100 do not exceed of the time that a queue and its one server take, where each has the same to be done and they come at random
 * (M/D/1; A. K. Erlang 1909 has the distribution of the wait).
 * @param perSecond how many come
 * @param seconds that the server takes for each
 * @returns seconds; null where the queue would grow for ever, or so nearly that the formula says nothing in floating point
 */
export function queueP99(perSecond: number, seconds: number): number | null {
  const load = perSecond * seconds
  if (!(load > 0 && load < 0.9)) return null
  // From below: far beyond it the sum is nothing but errors of rounding.
  let wait = 0
  while (shareWithin(wait, load) < 0.99) wait += 0.01
  return (wait + 1) * seconds
}

/** The share that waits no longer than so many times what the server takes for each. */
function shareWithin(times: number, load: number): number {
  let sum = 0
  for (let k = 0; k <= Math.floor(times); k += 1) {
    const x = load * (k - times)
    let term = Math.exp(-x)
    for (let factor = 1; factor <= k; factor += 1) term *= x / factor
    sum += term
  }
  return (1 - load) * sum
}
