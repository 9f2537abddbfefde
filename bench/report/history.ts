/** The last two runs, kept in results.json. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Run } from '../figure.ts'

export interface History {
  latest: Run
  /** The run before it; null when there was none. */
  before: Run | null
}

const FORMAT = 1

/** The run in a file that becomes the one before; null where there is no file, or not one of this format. */
export function readLatest(file: string): Run | null {
  if (!existsSync(file)) return null
  try {
    const { format, latest } = JSON.parse(readFileSync(file, 'utf8')) as { format?: unknown; latest?: Run }
    return format === FORMAT && latest !== undefined ? latest : null
  } catch {
    return null
  }
}

export function writeHistory(file: string, { latest, before }: History): void {
  writeFileSync(file, `${JSON.stringify({ format: FORMAT, latest, before }, null, 1)}\n`)
}
