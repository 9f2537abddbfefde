/** From environment variables to a checked configuration, all problems at once. Reads nothing but what it is given. */
import { needsExplicitIssuer, type Pool, poolInRegion, poolWithIssuer, regionOfPool } from './cognito/pool.ts'
import { ConfigError, type Environment, SettingsReader } from './settings.ts'

export type Listen = { kind: 'tcp'; host: string; port: number } | { kind: 'unix'; path: string }

export interface Config {
  pools: Pool[]
  /** Accepted app clients; null for every client of the pools. */
  clientIds: ReadonlySet<string> | null
  secretKeys: [string, ...string[]]
  /** Public URL of the gateway, without a final slash. */
  gateway: string
  cookieName: string
  sessionSeconds: number
  decisionCacheSeconds: number
  allowedOrigins: ReadonlySet<string>
  scopesFile: string
  listen: Listen
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
  const config: Config = {
    pools: readPools(reader),
    clientIds: readClientIds(reader),
    secretKeys: readSecretKeys(reader),
    gateway,
    cookieName: readCookieName(reader, gateway),
    sessionSeconds: reader.seconds('SESSION_TTL_SECONDS', 8 * 3600, 60, 30 * 86_400),
    decisionCacheSeconds: reader.seconds('DECISION_CACHE_SECONDS', 5, 0, 60),
    allowedOrigins: readOrigins(reader, gateway),
    scopesFile: reader.text('SCOPES_FILE') ?? 'scopes.yml',
    listen: readListen(reader),
    logLevel: reader.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
  }
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return config
}

function readPools(reader: SettingsReader): Pool[] {
  const ids = reader.list('COGNITO_USER_POOL_ID')
  // No issuer of Cognito ends in a slash, but people's clipboards do.
  const issuers = reader.list('COGNITO_ISSUER').map((issuer) => issuer.replace(/\/$/, ''))
  const jwks = reader.list('COGNITO_JWKS_URL')
  const region = reader.text('AWS_REGION')
  if (ids.length === 0) reader.wrong('COGNITO_USER_POOL_ID', 'is missing', 'us-east-1_AbCdEfGhI')
  for (const [name, values] of Object.entries({ COGNITO_ISSUER: issuers, COGNITO_JWKS_URL: jwks })) {
    if (values.length > 0 && values.length !== ids.length) {
      reader.wrong(name, 'must name one URL for each id in COGNITO_USER_POOL_ID, in the same order, or be left out', 'https://…')
    }
    for (const value of values) {
      // A password in a URL would end up in logs, so it is not repeated here either.
      if (/^[^/]*\/\/[^/]*@/.test(value)) reader.wrong(name, 'must hold URLs without user and password', 'https://…')
      else if (!isFetchable(value)) reader.wrong(name, `must hold https URLs (http on loopback); "${value}" is none`, 'https://…')
    }
  }
  return ids.flatMap((id, index) => {
    const ofPool = regionOfPool(id)
    if (ofPool === null) {
      reader.wrong('COGNITO_USER_POOL_ID', `must hold pool ids, REGION_SUFFIX; "${id}" is none`, 'us-east-1_AbCdEfGhI')
      return []
    }
    if (region !== undefined && index === 0 && region !== ofPool) {
      reader.wrong('AWS_REGION', `is "${region}", but the pool "${id}" is in "${ofPool}"`, ofPool)
    }
    const issuer = issuers[index]
    if (issuer !== undefined) return [poolWithIssuer(id, issuer, jwks[index])]
    if (needsExplicitIssuer(ofPool)) {
      reader.wrong(
        'COGNITO_ISSUER',
        `is missing: the issuer of pools in "${ofPool}" cannot be derived; copy "iss" from one of its tokens`,
        'https://…',
      )
    }
    const pool = poolInRegion(id, ofPool)
    return [jwks[index] === undefined ? pool : { ...pool, jwksUrls: [jwks[index]] }]
  })
}

function readClientIds(reader: SettingsReader): ReadonlySet<string> | null {
  const own = reader.list('COGNITO_CLIENT_ID')
  const allowed = reader.list('ALLOWED_CLIENT_IDS')
  if (allowed.length === 0) {
    reader.wrong(
      'ALLOWED_CLIENT_IDS',
      'is missing: list the app clients whose tokens are accepted, or * for every client of the pool',
      '1example23456789,…',
    )
    return new Set()
  }
  if (allowed.includes('*')) return null
  const ids = new Set([...own, ...allowed])
  for (const id of ids)
    if (!/^[\w+]{1,128}$/.test(id)) reader.wrong('ALLOWED_CLIENT_IDS', `holds "${id}", which is no app client id`, '1example23456789')
  return ids
}

/** Values that people paste from examples, and keys that a dictionary of short patterns would find. */
function weakness(key: string): string | null {
  if (key.length < 32) return `has ${key.length} characters; at least 32 are needed`
  if (/change|secret|password|example|default|your[-_ ]|test[-_]/i.test(key)) return 'looks like a placeholder'
  if (new Set(key).size < 10) return 'repeats too few different characters'
  return null
}

function readSecretKeys(reader: SettingsReader): [string, ...string[]] {
  const keys = reader.list('SECRET_KEY')
  const make = '"$(openssl rand -hex 32)"'
  if (keys.length === 0) reader.wrong('SECRET_KEY', 'is missing', make)
  keys.forEach((key, index) => {
    const problem = weakness(key)
    if (problem !== null) reader.wrong('SECRET_KEY', `${keys.length > 1 ? `(key ${index + 1}) ` : ''}${problem}`, make)
  })
  return [keys[0] ?? '', ...keys.slice(1)]
}

const isLoopback = (url: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)

function isFetchable(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
}

function readGateway(reader: SettingsReader): string {
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
  return isWeb && url.href === `${url.origin}/` ? url.origin : null
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
function readCookieName(reader: SettingsReader, gateway: string): string {
  const name = reader.text('SESSION_COOKIE_NAME') ?? 'mcp_gateway_session'
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    reader.wrong('SESSION_COOKIE_NAME', 'must be 1 to 64 letters, digits, "_" or "-"', 'mcp_gateway_session')
  }
  return gateway.startsWith('https:') && !name.startsWith('__Host-') ? `__Host-${name}` : name
}

function readListen(reader: SettingsReader): Listen {
  const text = reader.text('VALIDATOR_LISTEN') ?? '127.0.0.1:8888'
  if (text.startsWith('unix:/')) return { kind: 'unix', path: text.slice('unix:'.length) }
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) {
    reader.wrong('VALIDATOR_LISTEN', 'must be ADDRESS:PORT or unix:/PATH', '127.0.0.1:8888')
    return { kind: 'tcp', host: '127.0.0.1', port: 8888 }
  }
  return { kind: 'tcp', host, port: Number(port) }
}
