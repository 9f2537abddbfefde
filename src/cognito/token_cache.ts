/** Tokens kept on disk between commands: Cognito meters each one, and limits how many a second it gives out. */
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { homeFolder } from '../home.ts'
import { makeFolder } from '../make_folder.ts'
import type { AgentSettings } from './client_credentials.ts'

/** What a token is for. */
export interface TokenOwner {
  settings: AgentSettings
  scopes: readonly string[]
}

export interface CachedToken {
  accessToken: string
  /** Seconds since 1970. */
  obtainedAt: number
  /** Seconds since 1970; from then on a new one is asked for. */
  useUntil: number
  /** Seconds since 1970. */
  expiresAt: number
}

export interface TokenCache {
  /** A token that may still be used, or null. Whatever could be somebody else's work is no token. */
  read(owner: TokenOwner, now: number): CachedToken | null
  /** Keeps a token when it can be kept; gives the reason when not. */
  write(owner: TokenOwner, token: CachedToken): string | null
  remove(owner: TokenOwner): void
}

/** Cognito's tokens live for 24 hours at most, so an older file holds nothing. */
const LONGEST_LIFE = 24 * 3600
const MAX_BYTES = 32 * 1024

/**
 * `$XDG_CACHE_HOME/gatehouse`, which is `~/.cache/gatehouse` (XDG base directory specification: a relative path is ignored). Null for a process
 * without a home.
 */
export function defaultCacheFolder(env: Readonly<Record<string, string | undefined>>): string | null {
  const base = env.XDG_CACHE_HOME
  if (base && isAbsolute(base)) return join(base, 'gatehouse')
  const home = homeFolder()
  return home === null ? null : join(home, '.cache', 'gatehouse')
}

/** A cache in a folder; made with the first token. */
export function createTokenCache(folder: string): TokenCache {
  const pathOf = (owner: TokenOwner): string => join(folder, `token-${nameOf(owner)}.json`)
  return {
    read: (owner, now) => {
      const entry = isPrivateFolder(folder) ? parse(readPrivate(pathOf(owner))) : null
      if (entry === null || entry.secret !== digest(entry.salt, owner.settings.clientSecret)) return null
      return entry.obtainedAt <= now && now < entry.useUntil ? entry : null
    },
    write: (owner, token) => {
      const salt = randomBytes(16).toString('hex')
      const entry: Entry = { ...token, salt, secret: digest(salt, owner.settings.clientSecret) }
      try {
        makeFolder(folder, 0o700)
        if (!isPrivateFolder(folder)) return `${folder} can be written by others`
        sweep(folder, token.obtainedAt)
        replace(pathOf(owner), JSON.stringify(entry))
        return null
      } catch (error) {
        return `${folder}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`
      }
    },
    remove: (owner) => {
      try {
        rmSync(pathOf(owner), { force: true })
      } catch {
        // What cannot be removed cannot be written either.
      }
    },
  }
}

/** In the file; of the secret only as much as tells that it is another one now. */
interface Entry extends CachedToken {
  salt: string
  secret: string
}

const digest = (salt: string, text: string): string => createHash('sha256').update(salt).update('\0').update(text).digest('hex')

/** Nothing of the secret is in the name. */
function nameOf({ settings: { domain, clientId }, scopes }: TokenOwner): string {
  return digest('token', JSON.stringify([domain, clientId, [...new Set(scopes)].sort()])).slice(0, 32)
}

const isOurs = (uid: number): boolean => process.getuid === undefined || uid === process.getuid()

/** A folder that others can write to may hold a token that somebody else put there. */
function isPrivateFolder(folder: string): boolean {
  try {
    const { uid, mode } = statSync(folder)
    return isOurs(uid) && (process.platform === 'win32' || (mode & 0o022) === 0)
  } catch {
    return false
  }
}

/** The text of a file that is ours and that nobody else can read; null for any other one, and for none. */
function readPrivate(path: string): string | null {
  let file: number | undefined
  try {
    // Neither a link to somewhere else nor a pipe that never ends.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    const { uid, mode, size } = fstatSync(file)
    const isPlain = (mode & constants.S_IFMT) === constants.S_IFREG
    const isPrivate = isOurs(uid) && (process.platform === 'win32' || (mode & 0o077) === 0)
    return isPlain && isPrivate && size <= MAX_BYTES ? readFileSync(file, 'utf8') : null
  } catch {
    return null
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function parse(text: string | null): Entry | null {
  try {
    const { accessToken, obtainedAt, useUntil, expiresAt, salt, secret } = JSON.parse(text ?? 'null') as Record<string, unknown>
    const times = [obtainedAt, useUntil, expiresAt].every(Number.isFinite)
    const isToken = typeof accessToken === 'string' && /^[A-Za-z0-9._~+/-]+=*$/.test(accessToken)
    if (!times || !isToken || typeof salt !== 'string' || typeof secret !== 'string') return null
    return { accessToken, ...({ obtainedAt, useUntil, expiresAt } as Pick<Entry, 'obtainedAt' | 'useUntil' | 'expiresAt'>), salt, secret }
  } catch {
    return null
  }
}

/** Whole, or not at all. */
function replace(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Removes what is over, also of settings that nobody uses any more. */
function sweep(folder: string, now: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (!/^token-[0-9a-f]{32}\.json/.test(name)) continue
    const { mtimeMs } = lstatSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY }
    if (mtimeMs / 1000 < now - LONGEST_LIFE) rmSync(path, { force: true })
  }
}
