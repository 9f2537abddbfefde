/** Whether the clock here agrees with Amazon's, by the Date headers of its answers. Tokens and sessions stand and fall with it. */
import type { Answer } from './ask.ts'
import { type Finding, failure, ok, skipped, warning } from './finding.ts'

/** Seconds. From the second on, tokens are refused as not yet valid. */
const NOTABLE = 30
const TOO_MUCH = 60

/**
 * How far the clock here is ahead, in seconds; null when the answer tells no time, or tells that of a cache.
 * A Date is cut to the second (RFC 9110 section 5.6.7), so half a second is added.
 */
export function skewOf({ headers, at }: Pick<Answer, 'headers' | 'at'>): number | null {
  const date = Date.parse(headers.date ?? '')
  return Number.isNaN(date) || 'age' in headers ? null : (at - date - 500) / 1000
}

/** @param skews seconds, see `skewOf`; their median counts */
export function checkClock(skews: readonly number[], whose: string): Finding {
  const sorted = [...skews].sort((a, b) => a - b)
  const skew = sorted[Math.floor(sorted.length / 2)]
  if (skew === undefined) return skipped('clock', `nobody told the time: ${whose} gave no answer with a Date`)
  const seconds = Math.round(Math.abs(skew))
  const evidence = `the clock here is ${seconds} seconds ${skew > 0 ? 'ahead of' : 'behind'} that of ${whose}`
  const remedy = 'Set the clock by NTP: timedatectl set-ntp true (in a container: on its host). Do the same where the gateway runs.'
  if (seconds > TOO_MUCH) return failure('clock', evidence, remedy)
  if (seconds > NOTABLE) return warning('clock', evidence, remedy)
  return ok('clock', seconds < 2 ? `the clock here agrees with that of ${whose}` : evidence)
}
