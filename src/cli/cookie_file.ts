/** The session on disk: its seal alone in one file, and beside it a cookie jar, so that curl needs no secret on its command line. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { homeFolder } from '../home.ts'
import { makeFolder } from '../make_folder.ts'
import { looksSealed } from '../session/seal_format.ts'
import { CommandError, EXIT } from './exit.ts'

export interface SessionCookie {
  /** Public URL of the gateway. */
  gateway: string
  name: string
  value: string
  /** Whole seconds since 1970. */
  expiresAt: number
}

/** What the files say; null is what only the jar would know, and it is not there or of another session. */
export interface SavedCookie {
  value: string
  name: string | null
  host: string | null
  expiresAt: number | null
}

/** RFC 6265 section 4.1.1, without quotes; the name is a token of RFC 9110 section 5.6.2. */
export const isCookieValue = (text: string): boolean => /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,4096}$/.test(text)
export const isCookieName = (text: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/.test(text)

/** Null for a process without a home. */
function defaultFolder(): string | null {
  const home = homeFolder()
  return home === null ? null : join(home, '.mcp')
}

/**
 * The file that a command is to use.
 * @throws {CommandError} when none is named and there is no home for the default
 */
export function cookieFile(given: string | undefined): string {
  if (given !== undefined) return resolve(given)
  const folder = defaultFolder()
  if (folder !== null) return join(folder, 'session_cookie')
  throw new CommandError(EXIT.usage, 'There is no home folder for the session. Set HOME, or name a file for it.')
}

export const jarOf = (file: string): string => `${file}.jar`

/** The host as cookie jars have it: IPv6 without brackets. */
export const hostOf = (gateway: string): string => new URL(gateway).hostname.replace(/^\[|\]$/g, '')

/**
 * Saves a session for its owner alone. Old files stay as they were unless the new ones are whole.
 * @throws {CommandError} when that is not possible
 */
export function saveCookie(file: string, cookie: SessionCookie): void {
  const written: string[] = []
  const write = (target: string, text: string): string => {
    const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`)
    written.push(temporary)
    writeNew(temporary, text)
    return temporary
  }
  try {
    makeOwnFolder(dirname(file))
    const seal = write(file, cookie.value)
    const jar = write(jarOf(file), jarText(cookie))
    // What would be found at the second rename only.
    for (const target of [file, jarOf(file)])
      if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
    // A rename replaces a symbolic link and does not follow it.
    renameSync(seal, file)
    renameSync(jar, jarOf(file))
  } catch (error) {
    throw new CommandError(
      EXIT.failed,
      `The session could not be saved at ${file}: ${codeOf(error)}. Try --cookie-file with another place.`,
    )
  } finally {
    for (const temporary of written) rmSync(temporary, { force: true })
  }
}

/** The folder of the default is ours; any other one is left as its owner made it. */
function makeOwnFolder(folder: string): void {
  makeFolder(folder, 0o700)
  if (folder === defaultFolder()) chmodSync(folder, 0o700)
}

function writeNew(path: string, text: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    fchmodSync(file, 0o600)
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The Netscape format, as curl reads and writes it. */
function jarText({ gateway, name, value, expiresAt }: SessionCookie): string {
  const secure = gateway.startsWith('https:') ? 'TRUE' : 'FALSE'
  const line = [`#HttpOnly_${hostOf(gateway)}`, 'FALSE', '/', secure, String(expiresAt), name, value].join('\t')
  return `# Netscape HTTP Cookie File\n# A session of gatehouse, for: curl --cookie\n${line}\n`
}

/**
 * The saved session, or null when there is none.
 * @throws {CommandError} when the file cannot be read or holds something else
 */
export function readCookie(file: string): SavedCookie | null {
  const value = read(file)?.trim()
  if (value === undefined) return null
  // It goes to the gateway, and the file away with the session: neither may happen to another secret.
  if (!looksSealed(value) || !isCookieValue(value))
    throw new CommandError(EXIT.failed, `${file} does not hold a session cookie. Run: gatehouse login`)
  const line = read(jarOf(file))
    ?.split('\n')
    .find((one) => one.startsWith('#HttpOnly_') && one.endsWith(`\t${value}`))
  const [host = '', , , , expiry = '', name = ''] = line?.slice('#HttpOnly_'.length).split('\t') ?? []
  if (!isCookieName(name) || !/^\d{1,12}$/.test(expiry)) return { value, name: null, host: null, expiresAt: null }
  return { value, name, host, expiresAt: Number(expiry) }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new CommandError(EXIT.failed, `${file} cannot be read: ${codeOf(error)}`)
  }
}

/** Removes both files. */
export function forgetCookie(file: string): void {
  for (const path of [file, jarOf(file)]) rmSync(path, { force: true })
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error'
