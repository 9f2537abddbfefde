/** The last two runs and the last profile, kept in results.json. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Part, Run } from '../figure.ts'

export interface History {
  latest: Run
  /** The run before it; null when there was none. */
  before: Run | null
  /** The last run that counted instructions, and of it that part alone; null when there was none. */
  profile: Run | null
}

const FORMAT = 1
const PROFILE = 'profile'

/** What a file keeps; null where there is no file, or not one of this format. */
export function readHistory(file: string): History | null {
  if (!existsSync(file)) return null
  try {
    const { format, latest, before, profile } = JSON.parse(readFileSync(file, 'utf8')) as { format?: unknown } & Partial<History>
    return format === FORMAT && latest !== undefined ? { latest, before: before ?? null, profile: profile ?? null } : null
  } catch {
    return null
  }
}

/** A run that has measured nothing but the profile, which has no medians to set beside others, leaves the last two runs as they are. */
export function remember(kept: History | null, run: Run): History {
  const isProfile = ({ name }: Part): boolean => name === PROFILE
  const [counted, timed] = [run.parts.filter(isProfile), run.parts.filter((part) => !isProfile(part))]
  const counts = counted.some(({ figures }) => figures.some(({ problems }) => problems.length === 0))
  const profile = counts ? { ...run, parts: counted } : (kept?.profile ?? null)
  if (kept !== null && timed.length === 0) return { ...kept, profile }
  return { latest: { ...run, parts: timed }, before: kept?.latest ?? null, profile }
}

export function writeHistory(file: string, { latest, before, profile }: History): void {
  writeFileSync(file, `${JSON.stringify({ format: FORMAT, latest, before, profile }, null, 1)}\n`)
}
