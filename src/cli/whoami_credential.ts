/** The credential that is asked about. It comes from a file or standard input: other users of the machine see command lines. */
import { readFileSync } from 'node:fs'
import { ConfigError } from '../settings.ts'
import { cookieFile, readCookie, type SavedCookie } from './cookie_file.ts'
import { CommandError, EXIT } from './exit.ts'
import { readStdin } from './stdin.ts'

export type Credential = { kind: 'session'; cookie: SavedCookie } | { kind: 'token'; token: string }

/**
 * @param tokenFile `-` for standard input; undefined for the saved session
 * @throws {CommandError} or {ConfigError}
 */
export function readCredential(tokenFile: string | undefined, givenCookieFile: string | undefined): Credential {
  if (tokenFile !== undefined) return { kind: 'token', token: readToken(tokenFile) }
  const file = cookieFile(givenCookieFile)
  const cookie = readCookie(file)
  if (cookie === null) throw new CommandError(EXIT.failed, `Nobody is signed in: ${file} does not exist. Run: gatehouse login`)
  return { kind: 'session', cookie }
}

function readToken(file: string): string {
  const name = file === '-' ? 'standard input' : file
  let text: string
  try {
    text = (file === '-' ? readStdin() : readFileSync(file)).toString().trim()
  } catch (error) {
    throw new ConfigError([`${name} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`])
  }
  // RFC 6750 section 2.1. What does not fit might hold a line break, and must not get into a header.
  if (/^[A-Za-z0-9._~+/-]+=*$/.test(text)) return text
  throw new ConfigError([`${name} does not hold an access token and nothing else`])
}
