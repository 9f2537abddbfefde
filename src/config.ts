/** From environment variables to a checked configuration, all problems at once. Reads nothing but what it is given, and files of secrets. */
import { isHostname } from './cognito/endpoints.ts'
import type { Pool } from './cognito/pool.ts'
import { type LoginClient, readClientIds, readLoginClient, readPools } from './config_cognito.ts'
import { type Listen, readListen, readMetricsListen } from './config_listen.ts'
import { type McpClients, readMcpClients, readMcpScopes } from './config_mcp.ts'
import { readTracing, type TracingSettings } from './config_tracing.ts'
import { LONGEST_SESSION } from './session/order.ts'
import { isValkeyUrl } from './session/valkey_url.ts'
import { ConfigError, type Environment, SettingsReader } from './settings.ts'

export interface Config {
  pools: Pool[]
  /** Accepted app clients; null for every client of the pools. */
  clientIds: ReadonlySet<string> | null
  /** The app client by which users log in; null when there is none. */
  login: LoginClient | null
  /** How MCP clients sign in by themselves; null when users cannot log in. */
  mcp: McpClients | null
  /** The scopes of the policy that MCP clients may ask for. */
  mcpScopes: '*' | ReadonlySet<string>
  /** Which scopes a stranger is told of: all of the server, or those that begin a conversation. */
  challengeScopes: 'server' | 'operation'
  secretKeys: [string, ...string[]]
  /** Public URL of the gateway, without a final slash. */
  gateway: string
  cookieName: string
  sessionSeconds: number
  /** Redis URL of the store of ended sessions; null for this process's memory. */
  sessionStore: string | null
  /** What counts while the store does not answer: no session, or every one that is not over. */
  whenStoreAway: 'closed' | 'open'
  decisionCacheSeconds: number
  allowedOrigins: ReadonlySet<string>
  scopesFile: string
  listen: Listen
  /** Where figures for Prometheus are served; null for nowhere. */
  metricsListen: Listen | null
  /** How decisions are told to a collector; null for not at all. */
  tracing: TracingSettings | null
  logLevel: string
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/**
 * Reads the validator's configuration.
 * @throws {ConfigError} with every problem: the variable, what is wrong, an example. Secrets are never part of it.
 */
export function readConfig(env: Environment): Config {
  const reader = new SettingsReader(env)
  const gateway = readGateway(reader)
  const pools = readPools(reader)
  const login = readLoginClient(reader, pools[0]?.id ?? '')
  const config: Config = {
    pools,
    clientIds: readClientIds(reader),
    login,
    mcp: readMcpClients(reader, login),
    mcpScopes: readMcpScopes(reader),
    challengeScopes: reader.choice('CHALLENGE_SCOPES', ['server', 'operation'], 'server'),
    secretKeys: readSecretKeys(reader),
    gateway,
    cookieName: readCookieName(reader, gateway),
    sessionSeconds: reader.seconds('SESSION_TTL_SECONDS', 8 * 3600, 60, LONGEST_SESSION),
    sessionStore: readStore(reader),
    whenStoreAway: reader.choice('SESSION_STORE_FAILURE', ['closed', 'open'], 'closed'),
    decisionCacheSeconds: reader.seconds('DECISION_CACHE_SECONDS', 5, 0, 60),
    allowedOrigins: readOrigins(reader, gateway),
    scopesFile: reader.text('SCOPES_FILE') ?? 'scopes.yml',
    listen: readListen(reader),
    metricsListen: readMetricsListen(reader),
    tracing: readTracing(reader, env),
    logLevel: reader.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
  }
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return config
}

/** Values that people paste from examples, and keys that a dictionary of short patterns would find. */
function weakness(key: string): string | null {
  if (key.length < 32) return `has ${key.length} characters; at least 32 are needed`
  if (/change|secret|password|example|default|your[-_ ]|test[-_]/i.test(key)) return 'looks like a placeholder'
  if (new Set(key).size < 10) return 'repeats too few different characters'
  return null
}

/** What a shell would run. Settings files take a backtick for a quote. */
const COMMAND = /(?:^|[\s,])(?:\$\(|`|openssl\s)/

export function readSecretKeys(reader: SettingsReader): [string, ...string[]] {
  const keys = reader.list('SECRET_KEY')
  const wrong = (what: string): void => reader.wrong('SECRET_KEY', `${what}; make one with: openssl rand -hex 32`, '9c4e7b0d…')
  if (keys.length === 0) wrong('is missing')
  if (COMMAND.test(reader.text('SECRET_KEY') ?? '')) wrong('holds a command, and nothing runs it here: settings are taken as they are')
  else
    keys.forEach((key, index) => {
      const problem = weakness(key)
      if (problem !== null) wrong(`${keys.length > 1 ? `(key ${index + 1}) ` : ''}${problem}`)
    })
  return [keys[0] ?? '', ...keys.slice(1)]
}

export function readGateway(reader: SettingsReader): string {
  const text = reader.text('REGISTRY_URL')
  const example = 'https://mcp.example.com'
  if (text === undefined) {
    reader.wrong('REGISTRY_URL', 'is missing: the public URL of the gateway, as clients type it', example)
    return example
  }
  const origin = originOf(text)
  if (origin === null) reader.wrong('REGISTRY_URL', `must be an http or https URL without path and query; "${text}" is none`, example)
  return origin ?? example
}

/** The origin (RFC 6454) of a URL that consists of nothing else, or null. */
function originOf(text: string): string | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  return isWeb && isHostname(url.hostname) && url.href === `${url.origin}/` ? url.origin : null
}

function readOrigins(reader: SettingsReader, gateway: string): ReadonlySet<string> {
  const origins = new Set([gateway])
  for (const text of reader.list('ALLOWED_ORIGINS')) {
    const origin = originOf(text)
    if (origin === null) reader.wrong('ALLOWED_ORIGINS', `must hold web origins; "${text}" is none`, 'http://localhost:6274')
    else origins.add(origin)
  }
  return origins
}

/** RFC 6265bis section 4.1.3.2: the `__Host-` prefix keeps sibling domains from planting the cookie, and needs https. */
export function readCookieName(reader: SettingsReader, gateway: string): string {
  const name = reader.text('SESSION_COOKIE_NAME') ?? 'mcp_gateway_session'
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    reader.wrong('SESSION_COOKIE_NAME', 'must be 1 to 64 letters, digits, "_" or "-"', 'mcp_gateway_session')
  }
  if (/^__(?:Host|Secure)-/.test(name) && !gateway.startsWith('https:')) {
    reader.wrong('SESSION_COOKIE_NAME', 'has a prefix that browsers take on https only, and REGISTRY_URL is http', 'mcp_gateway_session')
  }
  return gateway.startsWith('https:') && !name.startsWith('__Host-') ? `__Host-${name}` : name
}

export function readStore(reader: SettingsReader): string | null {
  const text = reader.text('SESSION_STORE_URL')
  if (text === undefined) return null
  if (isValkeyUrl(text)) return text
  // It may hold a password, so it is not repeated.
  const problem = 'must be a redis:// or rediss:// URL without parameters, its password percent-encoded'
  reader.wrong('SESSION_STORE_URL', problem, 'rediss://user:password@valkey.example.com:6379/0')
  return null
}
