/** What the system says against a start, as a sentence that says what to do about it. */
import { ConfigError } from '../settings.ts'
import { StartError } from '../start_error.ts'

const ANOTHER = 'or name another folder: GATEHOUSE_DEMO_DIR'

const SENTENCES: Record<string, (path: string) => string> = {
  EACCES: (path) => `this user may not use ${path}. Allow it, ${ANOTHER}`,
  EEXIST: (path) => `${path} is a file where a folder must be. Remove it, ${ANOTHER}`,
  ENOTDIR: (path) => `${path} cannot be there: a file stands where a folder must be. Remove that, ${ANOTHER}`,
  EROFS: (path) => `${path} cannot be written: its disk is read-only. Change that, ${ANOTHER}`,
  ENOSPC: (path) => `there is no room left to write in ${path}. Make some, ${ANOTHER}`,
}
const SAME: Record<string, string> = { EPERM: 'EACCES', EDQUOT: 'ENOSPC' }

/**
 * @param folder for errors that name no path: what they were about is in it
 * @returns null for what is no word of the system's, so a bug
 */
export function sentenceOf(error: unknown, folder: string): string | null {
  if (error instanceof StartError || error instanceof ConfigError) return error.message
  if (!(error instanceof Error) || !('syscall' in error)) return null
  // A copy that fails, does so where it is made.
  const { code = 'unknown error', path = folder, dest = path, syscall } = error as NodeJS.ErrnoException & { dest?: string }
  if (syscall === 'kill') return `another user's processes cannot be stopped (${code}). Do it as the user who started them`
  const sentence = SENTENCES[SAME[code] ?? code] ?? ((of) => `${of} cannot be used: ${syscall} failed. See to it, ${ANOTHER}`)
  return `${sentence(dest)} (${code})`
}
