/** The last two runs, and of each part that other runs leave out the last one that measured it, kept in results.json. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Part, Run } from '../figure.ts'

export interface History {
  latest: Run
  /** The run before it; null when there was none. */
  before: Run | null
  /** The last run that counted instructions, and of it that part alone; null when there was none. */
  profile: Run | null
  /** Likewise the last one that measured the validator's memory. */
  memory: Run | null
}

const FORMAT = 1
/** Parts that are measured by themselves. */
const APART = ['profile', 'memory'] as const

/** What a file keeps; null where there is no file, or not one of this format. */
export function readHistory(file: string): History | null {
  if (!existsSync(file)) return null
  try {
    const { format, latest, before, profile, memory } = JSON.parse(readFileSync(file, 'utf8')) as { format?: unknown } & Partial<History>
    if (format !== FORMAT || latest === undefined) return null
    return { latest, before: before ?? null, profile: profile ?? null, memory: memory ?? null }
  } catch {
    return null
  }
}

/** A run that has measured nothing but parts that stand apart, which have nothing to set beside others, leaves the last two runs as they are. */
export function remember(kept: History | null, run: Run): History {
  const [profile, memory] = APART.map((name) => lastOf(name, run) ?? kept?.[name] ?? null) as [Run | null, Run | null]
  const timed = run.parts.filter(({ name }) => !(APART as readonly string[]).includes(name))
  if (kept !== null && timed.length === 0) return { ...kept, profile, memory }
  return { latest: { ...run, parts: timed }, before: kept?.latest ?? null, profile, memory }
}

/** The run with that part alone; null when none of its figures counts. */
function lastOf(part: (typeof APART)[number], run: Run): Run | null {
  const parts = run.parts.filter(({ name }) => name === part)
  const counts = (parts: readonly Part[]): boolean => parts.some(({ figures }) => figures.some(({ problems }) => problems.length === 0))
  return counts(parts) ? { ...run, parts } : null
}

export function writeHistory(file: string, { latest, before, profile, memory }: History): void {
  writeFileSync(file, `${JSON.stringify({ format: FORMAT, latest, before, profile, memory }, null, 1)}\n`)
}
