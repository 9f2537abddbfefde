/** Numbers as people read them. A missing one is a dash. */

type Maybe = number | null | undefined

export const DASH = '–'

/** Whole, with commas between thousands. */
export const whole = (value: Maybe): string => (value == null ? DASH : Math.round(value).toLocaleString('en-US'))

/** Three significant digits at the most, whole from a hundred on. */
export function short(value: Maybe): string {
  if (value == null) return DASH
  if (Math.abs(value) >= 100) return whole(value)
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

/** Microseconds, as such or as milliseconds. */
export function duration(microseconds: Maybe): string {
  if (microseconds == null) return DASH
  return microseconds < 1000 ? `${Math.round(microseconds)} µs` : `${short(microseconds / 1000)} ms`
}

/** A share in percent. */
export const percent = (value: Maybe): string => (value == null ? DASH : `${Math.round(value * 100)} %`)
