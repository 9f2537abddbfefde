/** The parts of the validator put together: policy, keys, verifier, sessions, routes. */
import type { Server } from 'node:http'
import { type AppOptions, createApp } from './app.ts'
import { withPatience } from './cognito/keys.ts'
import type { Pool } from './cognito/pool.ts'
import { createPoolLogin } from './cognito/pool_login.ts'
import { createRememberingVerifier, type Remembered } from './cognito/remembered_tokens.ts'
import type { Config } from './config.ts'
import { type CredentialMemory, createCredentialMemory } from './credential_memory.ts'
import { challengeScopesOf } from './gate/challenge.ts'
import type { Gate } from './gate/decide.ts'
import type { Policy } from './gate/policy.ts'
import type { Logger } from './log.ts'
import { createLoginRoutes } from './login/routes.ts'
import type { LoginService } from './login/service.ts'
import { createEvents } from './metrics/events.ts'
import type { Figures } from './metrics/figures.ts'
import { createTally } from './metrics/tally.ts'
import { createClientDocuments } from './oauth/client_document.ts'
import { createOAuthRoutes } from './oauth/routes.ts'
import { createStepUps } from './oauth/step_up.ts'
import { isServer } from './scopes/schema.ts'
import { createGateServer } from './server.ts'
import { carryOut } from './session/order.ts'
import { createSealer } from './session/seal.ts'
import { createRememberingOpener, type Opened } from './session/session.ts'
import { openSources, type Sources } from './sources.ts'
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
  const events = createEvents(config.pools.map(({ id }) => id))
  const sources = await openSources(config, log, events, now)
  const { policy, pools, ended } = sources
  const memories = { token: createCredentialMemory<Remembered>(), session: createCredentialMemory<Opened>() }
  const service = createService(config, sources, memories, now, log)
  const stepUps = createStepUps(ended, now)
  const tally = createTally()
  const tracing = await startTracing(config.tracing, log)
  const options: AppOptions = {
    gate: service.gate,
    missing: () => missingKeys(sources),
    oauth: createOAuthRoutes({ ...service, ...oauthOptions(config, now), stepUps }),
    login: createLoginRoutes(service),
    onStepUp: stepUps.challenged,
    onDecision: each(
      config.metricsListen === null ? undefined : (decision, { server }, inForce, us) => tally.decided(decision, server, inForce, us),
      tracing && ((decision, asked, _, us) => tracing.decided(decision, asked, us)),
    ),
    onFault: () => {
      events.faults += 1
    },
    revoke: (order) => carryOut(order, service.sealer, ended, now()),
    log,
  }
  const figures: Figures = {
    tally,
    events,
    memories,
    keys: new Map(pools.map(({ pool, keys }) => [pool.id, keys])),
    policyBroken: () => policy.problems().length > 0,
    ended: sources.remembered,
  }
  const server = createGateServer(createApp(options), options)
  return { server, figures, ...life(sources, tracing) }
}

interface Memories {
  token: CredentialMemory<Remembered>
  session: CredentialMemory<Opened>
}

/** What the routes share: the gate by the policy in force, sessions, and how users log in. */
function createService(config: Config, sources: Sources, memories: Memories, now: () => number, log: Logger): LoginService {
  const { cookieName, gateway, clientIds, sessionSeconds, whenStoreAway: whenUnknown } = config
  const { policy, keysOf, ended } = sources
  const sealer = createSealer(config.secretKeys)
  const knownGroups = (): readonly string[] => policy.current()?.groups ?? []
  const openSession = createRememberingOpener({ sealer, ended, whenUnknown, clientIds, knownGroups, now }, memories.session)
  const fixed: Omit<Gate, 'policy'> = {
    cookieName,
    gateway,
    allowedOrigins: config.allowedOrigins,
    challengeScopes: challengeScopesOf(config.challengeScopes, config.mcpScopes, config.mcp?.clientId ?? null),
    decisionCacheSeconds: config.decisionCacheSeconds,
    ...createRememberingVerifier({ keysOf, clientIds, now }, memories.token),
    openSession,
    isServer,
    now,
  }
  const [{ pool, keys }] = sources.pools
  const login = config.login && { ...config.login, flow: createPoolLogin(config.login, pool, keys, now) }
  const gate = gates(fixed, () => policy.current())
  return { login, gate, sealer, openSession, ended, whenUnknown, clientIds, sessionSeconds, cookieName, gateway, now, log }
}

/** What MCP clients are told, and who of them counts. */
function oauthOptions({ mcp, mcpScopes, pools }: Config, now: () => number) {
  const [{ issuers, jwksUrls }] = pools as [Pool]
  return {
    mcp,
    mcpScopes,
    documents: mcp?.documentHosts ? createClientDocuments({ hosts: mcp.documentHosts, now }) : null,
    issuers: pools.map(({ issuers }) => issuers[0] as string),
    loginPool: { issuers, jwksUrl: jwksUrls[0] as string },
  }
}

const missingKeys = ({ pools }: Sources): string[] =>
  pools
    .filter(({ keys }) => !keys.ready())
    .map(({ pool, keys }) => `keys of pool ${pool.id}: ${keys.state().lastError ?? 'not fetched yet'}`)

function life({ policy, pools, ended }: Sources, tracing: Awaited<ReturnType<typeof startTracing>>): Pick<Validator, 'start' | 'stop'> {
  const tick = (): Promise<unknown> => Promise.all(pools.map(({ keys }) => keys.tick()))
  let timer: NodeJS.Timeout | undefined
  return {
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
