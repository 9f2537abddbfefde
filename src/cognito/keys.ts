/** The signing keys of one user pool: fetched seldom, never twice at once, kept through outages, dropped when withdrawn. */

import { type CryptoKey, importJWK, type JWK } from 'jose'
import type { GetDocument } from '../document.ts'
import type { Awaitable } from '../gate/awaitable.ts'

export interface KeyStore {
  /**
   * The key, null when the pool does not publish it, undefined when that cannot be known now; at once when it is at hand. It is the same
   * object as long as the pool publishes the same key under the name.
   */
  find(kid: string): Awaitable<CryptoKey | null | undefined>
  /** Whether keys are at hand that may be used. */
  ready(): boolean
  /** Fetches when it is time to, and gives the fetch that is under way. Call it every few seconds. */
  tick(): Promise<void> | null
  /** Seconds since the keys were fetched, and why the last fetch failed. */
  state(): { ageSeconds: number | null; keys: number; lastError: string | null }
}

export interface KeyStoreOptions {
  urls: readonly string[]
  get: GetDocument
  /** Monotonic milliseconds: a step of the wall clock must not age keys. */
  now(): number
  onFetch?(result: { ok: boolean; url: string; keys?: number; error?: string }): void
}

/** By `kid`; with the published numbers, by which it is known whether a key is still the same. */
type Keys = Map<string, { n: string | undefined; e: string | undefined; key: CryptoKey }>

/** Milliseconds. */
const PENALTY = 10_000
const REFRESH_AFTER = 9 * 60_000
const STALE_LIMIT = 24 * 3_600_000
const FETCH_TIMEOUT = 3_000
/** Longest that one decision waits for keys: NGINX gives an answer less than half a second. */
const PATIENCE = 300

const MAX_BYTES = 64 * 1024

/** Creates the store. It fetches nothing before the first `tick` or `find`. */
export function createKeyStore(options: KeyStoreOptions): KeyStore {
  let keys: Keys = new Map()
  let fetchedAt: number | null = null
  let triedAt: number | null = null
  let failures = 0
  let lastError: string | null = null
  let pending: Promise<void> | null = null

  /** Milliseconds since the keys were fetched; of keys that never were, more than any limit. */
  const age = (): number => (fetchedAt === null ? Number.POSITIVE_INFINITY : options.now() - fetchedAt)

  const fetchOnce = async (): Promise<void> => {
    const url = options.urls[failures % options.urls.length] as string
    try {
      keys = await fetchKeys(url, options.get, keys)
      fetchedAt = options.now()
      failures = 0
      lastError = null
      options.onFetch?.({ ok: true, url, keys: keys.size })
    } catch (error) {
      failures += 1
      lastError = explain(error)
      options.onFetch?.({ ok: false, url, error: lastError })
    }
  }

  /** Starts a fetch unless one is under way or one was started within the penalty. */
  const refresh = (): Promise<void> | null => {
    if (pending === null && (triedAt === null || options.now() - triedAt >= PENALTY)) {
      triedAt = options.now()
      pending = fetchOnce().finally(() => {
        pending = null
      })
    }
    return pending
  }

  const search = async (kid: string): Promise<CryptoKey | null | undefined> => {
    await withPatience(refresh(), PATIENCE)
    return age() < STALE_LIMIT ? (keys.get(kid)?.key ?? null) : undefined
  }

  return {
    ready: () => age() < STALE_LIMIT && keys.size > 0,
    tick: () => (age() >= REFRESH_AFTER ? refresh() : pending),
    state: () => ({ ageSeconds: fetchedAt === null ? null : (options.now() - fetchedAt) / 1000, keys: keys.size, lastError }),
    find: (kid) => {
      const old = age()
      if (old >= REFRESH_AFTER) refresh()
      const known = old < STALE_LIMIT ? keys.get(kid) : undefined
      return known?.key ?? search(kid)
    },
  }
}

/** Waits for a fetch, but no longer than so many milliseconds. */
export function withPatience(work: Promise<unknown> | null, milliseconds: number): Promise<void> {
  if (work === null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    work.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** What went wrong, with what the operating system says of a failed connection: `connect ECONNREFUSED 127.0.0.1:9000`. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined || error.message.includes(code)) return error.message
  // Where several addresses were tried, the code says all.
  return error.message === '' ? `no connection (${code})` : `${error.message} (${code})`
}

/** Fetches and checks a JWK set (RFC 7517). Throws an Error whose message holds no content of the answer. */
async function fetchKeys(url: string, get: GetDocument, before: Keys): Promise<Keys> {
  const { status, type, body } = await get(url, { most: MAX_BYTES, milliseconds: FETCH_TIMEOUT })
  if (status !== 200) throw new Error(`status ${status} instead of 200`)
  if (!/^application\/(?:json|jwk-set\+json)\s*(?:;|$)/i.test(type)) throw new Error('the answer is not JSON')
  if (body.length > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`)
  return importKeys(parseJson(body), before)
}

function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch {
    throw new Error('the answer is not valid JSON')
  }
}

async function importKeys(document: unknown, before: Keys): Promise<Keys> {
  const list = (document as { keys?: unknown } | null)?.keys
  if (!Array.isArray(list)) throw new Error('the answer is not a JWK set')
  const keys: Keys = new Map()
  for (const jwk of list) {
    if (!isSigningKey(jwk)) continue
    const { kid, n, e } = jwk
    const known = before.get(kid)
    const key = known !== undefined && known.n === n && known.e === e ? known.key : await importIt(jwk)
    if (key === null) continue
    if (keys.has(kid)) throw new Error('two keys have the same kid')
    keys.set(kid, { n, e, key })
  }
  if (keys.size === 0) throw new Error('the JWK set holds no RSA signing key that can be used')
  return keys
}

/** RFC 7517 section 4, RFC 7518 section 6.3: a public RSA signature key with a kid. A published private part makes a key worthless. */
function isSigningKey(jwk: unknown): jwk is JWK & { kid: string } {
  if (typeof jwk !== 'object' || jwk === null) return false
  const { kty, kid, use = 'sig', alg = 'RS256', ...rest } = jwk as Record<string, unknown>
  const hasPrivatePart = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].some((member) => member in rest)
  return kty === 'RSA' && typeof kid === 'string' && kid !== '' && use === 'sig' && alg === 'RS256' && !hasPrivatePart
}

async function importIt({ kty, n, e }: JWK): Promise<CryptoKey | null> {
  try {
    const key = (await importJWK({ kty, n, e } as JWK, 'RS256')) as CryptoKey
    const { modulusLength } = key.algorithm as { modulusLength?: number }
    return (modulusLength ?? 0) >= 2048 ? key : null
  } catch {
    return null
  }
}
