/** Text for people: what others wrote made harmless, times in words. */

/** Text from outside, safe in a terminal: no control characters, nothing that reorders or hides, not long. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '').slice(0, 300)

const amount = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`

/** A length of time, in its two largest units at most. */
export function inWords(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  const parts = [
    [Math.floor(minutes / 1440), 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'minute'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first === -1) return amount(Math.floor(seconds), 'second')
  return parts
    .slice(first, first + 2)
    .flatMap(([count, unit]) => (count > 0 ? [amount(count, unit)] : []))
    .join(' ')
}

/**
 * A time as a person says it, in the local zone: `2026-01-31 17:05 (in 7 hours 59 minutes)`.
 * @param at seconds since 1970, as is `now`
 */
export function whenInWords(at: number, now: number): string {
  const local = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' }).format(new Date(at * 1000))
  return at > now ? `${local} (in ${inWords(at - now)})` : `${local} (${inWords(now - at)} ago)`
}

export const namesInWords = (names: readonly string[]): string => (names.length > 0 ? names.map(clean).join(', ') : 'none')

/** A word for a POSIX shell. */
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

/** Seconds since 1970. */
export const nowSeconds = (): number => Math.floor(Date.now() / 1000)
