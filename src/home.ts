/** The folder of the person whose process this is. */
import { homedir } from 'node:os'
import { isAbsolute } from 'node:path'

/** Null for a process that has none, or an empty HOME, which would stand for whatever folder it runs in. */
export function homeFolder(): string | null {
  try {
    const folder = homedir()
    return isAbsolute(folder) ? folder : null
  } catch {
    return null
  }
}
