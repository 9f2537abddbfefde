/** Where a Valkey or Redis server is, read from its URL. Nothing of the URL gets into a message: it may hold a password. */
import { isIP } from 'node:net'

export interface ValkeyServer {
  host: string
  port: number
  tls: boolean
  /** What the certificate must be for; absent for an address, for which TLS has no such field. */
  servername?: string
  username?: string
  password?: string
  database: number
}

const VALKEY_URL = 'valkey[s]://[[user]:password@]host[:port][/database]'
const DEFAULT_PORT = 6379

/** Whether there is nothing to be said against a URL. */
export function isValkeyUrl(url: string): boolean {
  try {
    parseValkeyUrl(url)
    return true
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return false
  }
}

/**
 * @param url `valkey:` and `redis:` mean the same, as do `valkeys:` and `rediss:`, which are over TLS
 * @throws TypeError when it is anything else
 */
export function parseValkeyUrl(url: string): ValkeyServer {
  const parts = URL.canParse(url) ? new URL(url) : null
  const scheme = /^(?:valkey|redis)(s?):$/.exec(parts?.protocol ?? '')
  const path = /^(?:\/([0-9]{1,5})?)?$/.exec(parts?.pathname ?? '')
  // Parameters are refused, because one that is not known might have been meant to make things safer.
  if (parts === null || scheme === null || path === null || parts.hostname === '' || parts.search !== '' || parts.hash !== '') {
    throw new TypeError(`the URL of the store must look like ${VALKEY_URL}, with "/", "?", "#" and "@" in a password percent-encoded`)
  }
  const host = parts.hostname.replace(/^\[(.*)\]$/, '$1')
  const tls = scheme[1] === 's'
  return {
    host,
    port: parts.port === '' ? DEFAULT_PORT : Number(parts.port),
    tls,
    ...(tls && isIP(host) === 0 && { servername: host }),
    ...(parts.username !== '' && { username: decode(parts.username) }),
    ...(parts.password !== '' && { password: decode(parts.password) }),
    database: Number(path[1] ?? 0),
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new TypeError('the user and the password in the URL of the store must be percent-encoded correctly')
  }
}
