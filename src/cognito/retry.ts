/** Trying again what may pass by itself, within a length of time that a person waits. */

export type Outcome<T, F> = { ok: true; value: T } | { ok: false; failure: F }

/** How long a failure is worth trying again, in milliseconds since the first attempt, and how long the other side asked to be left alone. */
export interface Patience {
  budget: number
  retryAfter: number | null
}

/** Time and chance, as functions. */
export interface Circumstances {
  /** Milliseconds; any origin. */
  now(): number
  sleep(milliseconds: number): Promise<void>
  /** From 0 to 1. */
  random(): number
}

const FIRST_WAIT = 500
const LONGEST_WAIT = 8000

/**
 * Attempts until it succeeds or patience ends. Waits double; half of each is left to chance, so that those who were turned away together
 * do not come back together. A wait that the other side asked for is never cut short: when it does not fit, the failure is final.
 * @param onWait told of each wait before it begins, in milliseconds
 */
export async function persist<T, F>(
  attempt: () => Promise<Outcome<T, F>>,
  patienceFor: (failure: F) => Patience,
  { now, sleep, random }: Circumstances,
  onWait: (failure: F, milliseconds: number) => void,
): Promise<Outcome<T, F>> {
  const begun = now()
  for (let tried = 0; ; tried++) {
    const outcome = await attempt()
    if (outcome.ok) return outcome
    const { budget, retryAfter } = patienceFor(outcome.failure)
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tried)
    const wait = Math.max(retryAfter ?? 0, longest / 2 + (random() * longest) / 2)
    if (now() - begun + wait > budget) return outcome
    onWait(outcome.failure, wait)
    await sleep(wait)
  }
}

/**
 * `Retry-After` (RFC 9110 section 10.2.3): seconds or a date.
 * @param now milliseconds since 1970
 * @returns milliseconds, or null when there is none to be understood
 */
export function readRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
