/** Whole files that only their owner may read. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'

/** Writes one; whatever happens meanwhile, what is there is the old one or the new one. */
export function writePrivate(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`
  try {
    writeFileSync(temporary, text, { mode: 0o600 })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
