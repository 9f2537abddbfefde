/** The parts of the validator put together: policy, keys, verifier, sessions, routes. */
import type { Hono } from 'hono'
import { createApp } from './app.ts'
import { createKeyStore } from './cognito/keys.ts'
import { createTokenVerifier } from './cognito/verifier.ts'
import type { Config } from './config.ts'
import type { Gate } from './gate/decide.ts'
import type { Logger } from './log.ts'
import { isServer } from './scopes/schema.ts'
import { type PolicySource, watchPolicy } from './scopes/watch.ts'
import { createSealer, createSessionOpener } from './session/seal.ts'
import { StartError } from './start_error.ts'

/** Milliseconds between two looks at whether keys are to be fetched. */
const TICK = 1000

export interface Validator {
  app: Hono
  /** Begins to fetch keys. */
  start(): void
  /** Ends all timers. */
  stop(): void
}

/**
 * @throws {StartError} listing every problem of the policy file when there is no usable one: without policy there is no start
 */
export function createValidator(config: Config, log: Logger): Validator {
  const now = (): number => Date.now() / 1000
  const policy = loadPolicy(config.scopesFile, log)
  const stores = config.pools.map((pool) => ({
    pool,
    keys: createKeyStore({
      urls: pool.jwksUrls,
      fetch,
      now: () => performance.now(),
      onFetch: ({ ok, ...rest }) => {
        if (ok) log.info({ pool: pool.id, ...rest }, 'keys fetched')
        else log.warn({ pool: pool.id, ...rest }, 'keys not fetched')
      },
    }),
  }))
  const keysOf = new Map(stores.flatMap(({ pool, keys }) => pool.issuers.map((issuer) => [issuer, keys] as const)))
  const fixed: Omit<Gate, 'policy'> = {
    verifyToken: createTokenVerifier({ keysOf, clientIds: config.clientIds, now }),
    openSession: createSessionOpener(createSealer(config.secretKeys), now),
    isServer,
    now,
    cookieName: config.cookieName,
    gateway: config.gateway,
    allowedOrigins: config.allowedOrigins,
    decisionCacheSeconds: config.decisionCacheSeconds,
  }
  const app = createApp({
    gate: () => {
      const inForce = policy.current()
      return inForce && { ...fixed, policy: inForce }
    },
    missing: () =>
      stores
        .filter(({ keys }) => !keys.ready())
        .map(({ pool, keys }) => `keys of pool ${pool.id}: ${keys.state().lastError ?? 'not fetched yet'}`),
    issuers: config.pools.map(({ issuers }) => issuers[0] as string),
    log,
  })
  const tick = (): void => {
    for (const { keys } of stores) keys.tick()
  }
  let timer: NodeJS.Timeout | undefined
  return {
    app,
    start: () => {
      tick()
      timer = setInterval(tick, TICK).unref()
    },
    stop: () => {
      clearInterval(timer)
      policy.close()
    },
  }
}

function loadPolicy(file: string, log: Logger): PolicySource {
  const source = watchPolicy(file, {
    onLoad: ({ size }) => log.info({ file, ...size }, 'policy loaded'),
    onProblems: (problems) => log.error({ file, problems }, 'policy refused; the last good one, if any, stays in force'),
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
