/** The time in a zone, written out. Pure: the instant comes in. */

/** No single locale knows the abbreviations of all zones: each speaks those of its own part of the world. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA', 'ja-JP']

export interface ZonedTime {
  /** `2026-11-23 14:05:09 JST+0900`; without letters where the zone has no abbreviation. */
  local: string
  /** `2026-11-23T14:05:09+09:00` */
  iso: string
}

/**
 * @param zone IANA name
 * @returns undefined when there is no such zone. Bare offsets such as "+09:00" are not zones
 */
export function timeIn(zone: string, instant: Date): ZonedTime | undefined {
  if (!/^[A-Za-z]/.test(zone)) return undefined
  try {
    const { year, month, day, hour, minute, second, timeZoneName = 'GMT' } = partsOf(zone, instant)
    const offset = timeZoneName === 'GMT' ? '+00:00' : timeZoneName.slice('GMT'.length)
    const date = `${year}-${month}-${day}`
    const time = `${hour}:${minute}:${second}`
    return { local: `${date} ${time} ${abbreviation(zone, instant)}${offset.replace(':', '')}`, iso: `${date}T${time}${offset}` }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function partsOf(zone: string, instant: Date): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  })
  return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]))
}

function abbreviation(zone: string, instant: Date): string {
  for (const locale of LOCALES) {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' }).formatToParts(instant)
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
    if (/^[A-Z]+$/.test(name)) return name
  }
  return ''
}
