/** The parts of the validator put together: policy, keys, verifier, sessions, routes. */
import type { Server } from 'node:http'
import { type AppOptions, createApp } from './app.ts'
import { createKeyStore, type KeyStore, withPatience } from './cognito/keys.ts'
import type { Pool } from './cognito/pool.ts'
import { createPoolLogin } from './cognito/pool_login.ts'
import { createRememberingVerifier, type Remembered } from './cognito/remembered_tokens.ts'
import type { Config } from './config.ts'
import { createCredentialMemory } from './credential_memory.ts'
import { getDocument } from './document.ts'
import { challengeScopesOf } from './gate/challenge.ts'
import type { Gate } from './gate/decide.ts'
import type { Policy } from './gate/policy.ts'
import type { Logger } from './log.ts'
import { createLoginRoutes } from './login/routes.ts'
import type { LoginService } from './login/service.ts'
import { createEvents, type Events } from './metrics/events.ts'
import type { Figures } from './metrics/figures.ts'
import { createTally } from './metrics/tally.ts'
import { createClientDocuments } from './oauth/client_document.ts'
import { createOAuthRoutes } from './oauth/routes.ts'
import { createStepUps } from './oauth/step_up.ts'
import { isServer } from './scopes/schema.ts'
import { type PolicySource, watchPolicy } from './scopes/watch.ts'
import { createGateServer } from './server.ts'
import { createMemoryStore, type EndedSessions } from './session/ended.ts'
import { carryOut } from './session/order.ts'
import { createSealer } from './session/seal.ts'
import { createRememberingOpener, type Opened } from './session/session.ts'
import { StartError } from './start_error.ts'
import { each, startTracing } from './tracing/start.ts'

/** Milliseconds between two looks at whether keys are to be fetched. */
const TICK = 1000
/** Milliseconds that a start waits for keys. Without them it goes on, and says what is missing to whoever asks. */
const FIRST_KEYS = 1000

export interface Validator {
  /** Not listening yet. */
  server: Server
  figures: Figures
  /** Begins to fetch keys; resolves when it has tried once, or is not worth waiting for. */
  start(): Promise<void>
  /** Ends all timers and connections. */
  stop(): Promise<void>
}

/**
 * @throws {StartError} listing every problem of the policy file when there is no usable one: without policy there is no start
 */
export async function createValidator(config: Config, log: Logger): Promise<Validator> {
  const now = (): number => Date.now() / 1000
  const { cookieName, gateway, allowedOrigins, decisionCacheSeconds, clientIds, sessionSeconds, whenStoreAway: whenUnknown } = config
  const events = createEvents(config.pools.map(({ id }) => id))
  const policy = loadPolicy(config.scopesFile, log, events)
  const stores = config.pools.map((pool) => ({ pool, keys: createPoolKeys(pool, log, events) }))
  const keysOf = new Map(stores.flatMap(({ pool, keys }) => pool.issuers.map((issuer) => [issuer, keys] as const)))
  const sealer = createSealer(config.secretKeys)
  const own = config.sessionStore === null ? createMemoryStore(now) : null
  const ended = own ?? (await connectStore(config.sessionStore as string, log, events))
  const memories = { token: createCredentialMemory<Remembered>(), session: createCredentialMemory<Opened>() }
  const knownGroups = (): readonly string[] => policy.current()?.groups ?? []
  const openSession = createRememberingOpener({ sealer, ended, whenUnknown, clientIds, knownGroups, now }, memories.session)
  const fixed: Omit<Gate, 'policy'> = {
    cookieName,
    gateway,
    allowedOrigins,
    challengeScopes: challengeScopesOf(config.challengeScopes, config.mcpScopes, config.mcp?.clientId ?? null),
    decisionCacheSeconds,
    ...createRememberingVerifier({ keysOf, clientIds, now }, memories.token),
    openSession,
    isServer,
    now,
  }
  const currentGate = gates(fixed, () => policy.current())
  // Users log in at the first pool.
  const [{ pool, keys }] = stores as [(typeof stores)[0]]
  const login = config.login && { ...config.login, flow: createPoolLogin(config.login, pool, keys, now) }
  const service: LoginService = {
    login,
    gate: currentGate,
    sealer,
    openSession,
    ended,
    whenUnknown,
    clientIds,
    sessionSeconds,
    cookieName,
    gateway,
    now,
    log,
  }
  const { mcp, mcpScopes } = config
  const stepUps = createStepUps(ended, now)
  const tally = createTally()
  const tracing = await startTracing(config.tracing, log)
  const options: AppOptions = {
    gate: currentGate,
    missing: () =>
      stores
        .filter(({ keys }) => !keys.ready())
        .map(({ pool, keys }) => `keys of pool ${pool.id}: ${keys.state().lastError ?? 'not fetched yet'}`),
    oauth: createOAuthRoutes({
      ...service,
      mcp,
      mcpScopes,
      stepUps,
      documents: mcp?.documentHosts ? createClientDocuments({ hosts: mcp.documentHosts, now }) : null,
      issuers: config.pools.map(({ issuers }) => issuers[0] as string),
      loginPool: { issuers: pool.issuers, jwksUrl: pool.jwksUrls[0] as string },
    }),
    login: createLoginRoutes(service),
    onStepUp: stepUps.challenged,
    onDecision: each(
      config.metricsListen === null ? undefined : (decision, { server }, inForce, us) => tally.decided(decision, server, inForce, us),
      tracing && ((decision, asked, _, us) => tracing.decided(decision, asked, us)),
    ),
    onFault: () => {
      events.faults += 1
    },
    revoke: (order) => carryOut(order, sealer, ended, now()),
    log,
  }
  const tick = (): Promise<unknown> => Promise.all(stores.map(({ keys }) => keys.tick()))
  let timer: NodeJS.Timeout | undefined
  return {
    server: createGateServer(createApp(options), options),
    figures: {
      tally,
      events,
      memories,
      keys: new Map(stores.map(({ pool, keys }) => [pool.id, keys])),
      policyBroken: () => policy.problems().length > 0,
      ended: () => own?.size ?? null,
    },
    start: async () => {
      timer = setInterval(tick, TICK).unref()
      await withPatience(tick(), FIRST_KEYS)
    },
    stop: async () => {
      clearInterval(timer)
      policy.close()
      await ended.close()
      await tracing?.stop()
    },
  }
}

/** One gate for each policy, made when it comes into force: what was worked out for callers goes with it. */
function gates(fixed: Omit<Gate, 'policy'>, inForce: () => Policy | null): () => Gate | null {
  let gate: Gate | null = null
  return () => {
    const policy = inForce()
    if (gate?.policy !== policy) gate = policy && { ...fixed, policy }
    return gate
  }
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
