/** Which Gatehouse this is. */
import { readFileSync } from 'node:fs'

/** The version in the package's file; `unknown` where the program lies alone, without it. */
export function version(): string {
  try {
    // One folder up, from src/ as from dist/.
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
    return version
  } catch {
    return 'unknown'
  }
}
