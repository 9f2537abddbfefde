/** What the validator decides by, besides the question: policy, keys, and which sessions have ended. Log and figures say what becomes of each. */
import { createKeyStore, type KeyStore } from './cognito/keys.ts'
import type { Pool } from './cognito/pool.ts'
import type { Config } from './config.ts'
import { getDocument } from './document.ts'
import type { Logger } from './log.ts'
import type { Events } from './metrics/events.ts'
import { type PolicySource, watchPolicy } from './scopes/watch.ts'
import { createMemoryStore, type EndedSessions } from './session/ended.ts'
import { StartError } from './start_error.ts'

export interface Sources {
  policy: PolicySource
  /** In the order of the settings. Users log in at the first. */
  pools: readonly [PoolKeys, ...PoolKeys[]]
  /** By each `iss` that a token may carry. */
  keysOf: ReadonlyMap<string, KeyStore>
  ended: EndedSessions
  /** How many ended sessions this process remembers for itself; null where a store does. */
  remembered(): number | null
}

export interface PoolKeys {
  pool: Pool
  keys: KeyStore
}

/**
 * @param now seconds since 1970
 * @throws {StartError} listing every problem of the policy file when there is no usable one: without policy there is no start
 */
export async function openSources(config: Config, log: Logger, events: Events, now: () => number): Promise<Sources> {
  const policy = loadPolicy(config.scopesFile, log, events)
  const pools = config.pools.map((pool) => ({ pool, keys: createPoolKeys(pool, log, events) })) as [PoolKeys, ...PoolKeys[]]
  const keysOf = new Map(pools.flatMap(({ pool, keys }) => pool.issuers.map((issuer) => [issuer, keys] as const)))
  const own = config.sessionStore === null ? createMemoryStore(now) : null
  const ended = own ?? (await connectStore(config.sessionStore as string, log, events))
  return { policy, pools, keysOf, ended, remembered: () => own?.size ?? null }
}

function createPoolKeys(pool: Pool, log: Logger, events: Events): KeyStore {
  const counts = events.fetches.get(pool.id)
  return createKeyStore({
    urls: pool.jwksUrls,
    get: getDocument,
    now: () => performance.now(),
    onFetch: ({ ok, ...rest }) => {
      if (counts) counts[ok ? 'ok' : 'failed'] += 1
      if (ok) log.info({ pool: pool.id, ...rest }, 'keys fetched')
      else log.warn({ pool: pool.id, ...rest }, 'keys not fetched')
    },
  })
}

/** Loaded only where it is used. */
async function connectStore(url: string, log: Logger, events: Events): Promise<EndedSessions> {
  events.storeAnswers = false
  const { createValkeyStore } = await import('./session/ended_valkey.ts')
  return createValkeyStore(url, {
    onState: ({ ok, error }) => {
      events.storeAnswers = ok
      if (ok) log.info('session store connected')
      else log.warn({ error }, 'session store away')
    },
  })
}

function loadPolicy(file: string, log: Logger, events: Events): PolicySource {
  const source = watchPolicy(file, {
    onLoad: ({ size }) => {
      events.policyLoads += 1
      events.policyLoadedAt = Date.now() / 1000
      log.info({ file, ...size }, 'policy loaded')
    },
    onProblems: (problems) => {
      events.policyFailures += 1
      log.error({ file, problems }, 'policy refused; the last good one, if any, stays in force')
    },
  })
  if (source.current() !== null) return source
  source.close()
  throw new StartError(
    `${file} cannot be used:\n${source
      .problems()
      .map((problem) => `  - ${problem}`)
      .join('\n')}`,
  )
}
