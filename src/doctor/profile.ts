/** Settings as they come, complete or not: which kind each file is, and what of it can be used. */
import { domainUrl } from '../cognito/endpoints.ts'
import { needsExplicitIssuer, type Pool, regionOfPool } from '../cognito/pool.ts'
import { readCookieName, readGateway } from '../config.ts'
import { readPools } from '../config_cognito.ts'
import { type Environment, SettingsReader } from '../settings.ts'
import { MCP_SETTINGS, type McpFace, readMcpFace } from './mcp_face.ts'

/** Whose settings: the gateway's (`.env`), a user's (`.env.user`), an agent's (`.env.agent`). */
export type Role = 'gateway' | 'user' | 'agent'

export interface SettingsFile {
  /** As it was named; null for the environment of the process. */
  path: string | null
  variables: Environment
  /** Permission bits, or null when there are none. */
  mode: number | null
}

export interface AppClient {
  id: string
  /** Null for a public client. */
  secret: string | null
  /** How the names of its settings begin. */
  settings: 'COGNITO_CLIENT' | 'COGNITO_MCP_CLIENT'
}

export interface Profile {
  role: Role
  /** The files, or "the environment". */
  name: string
  env: Environment
  pools: readonly Pool[]
  /** Whether the issuer is configured, or can be derived from the pool id. */
  issuerIsKnown: boolean
  client: AppClient | null
  /** How MCP clients sign in; null for other settings than a gateway's, and where nobody logs in. */
  mcp: McpFace | null
  /** Base URL of the pool's domain. */
  domain: string | null
  /** Whether the domain is a guess made from the pool id. */
  domainIsDerived: boolean
  /** Public URL of the gateway. */
  gateway: string | null
  secretKeys: readonly string[]
  loginScopes: readonly string[]
  cookieName: string
}

/** Variables that only one kind of settings has. */
const TELLING: Readonly<Record<Role, readonly string[]>> = {
  gateway: [
    'ALLOWED_CLIENT_IDS',
    'VALIDATOR_LISTEN',
    'METRICS_LISTEN',
    'SCOPES_FILE',
    'ALLOWED_ORIGINS',
    'DECISION_CACHE_SECONDS',
    'SESSION_STORE_URL',
    'SESSION_STORE_FAILURE',
    'LOG_LEVEL',
    ...MCP_SETTINGS,
  ],
  agent: ['MCP_REGISTRY_URL'],
  user: [],
}

/** What the settings are, by what they hold; where that does not tell, by the name of the file. */
export function roleOf(variables: Environment, path: string | null): Role {
  const holds = (name: string): boolean => Boolean(variables[name]?.trim())
  const isSecret = (name: string): boolean => holds(name) || holds(`${name}_FILE`)
  for (const role of ['gateway', 'agent'] as const) if (TELLING[role].some(holds)) return role
  const base = path?.split('/').at(-1) ?? ''
  if (/agent/i.test(base)) return 'agent'
  if (/user/i.test(base)) return 'user'
  if (base === '.env') return 'gateway'
  if (holds('REGISTRY_URL')) return 'user'
  return isSecret('COGNITO_CLIENT_SECRET') && !isSecret('SECRET_KEY') ? 'agent' : 'gateway'
}

/**
 * One profile for the gateway, whose settings may be spread over files, and one for each of the others.
 * @param environment the process's own, which goes before every file
 */
export function profilesOf(files: readonly SettingsFile[], environment: Environment): Profile[] {
  const roles = files.map((file) => ({ file, role: roleOf(file.variables, file.path) }))
  const gateways = roles.filter(({ role }) => role === 'gateway').map(({ file }) => file)
  const others = roles.filter(({ role }) => role !== 'gateway')
  return withIssuers([
    ...(gateways.length > 0 ? [profileOf('gateway', gateways, environment)] : []),
    ...others.map(({ file, role }) => profileOf(role, [file], environment)),
  ])
}

/** The environment goes before files, and the first file before later ones, as for every command. */
function profileOf(role: Role, files: readonly SettingsFile[], environment: Environment): Profile {
  const env: Environment = Object.assign({}, ...files.map(({ variables }) => variables).reverse(), environment)
  const reader = new SettingsReader(env)
  const pools = readPools(reader)
  const gateway = gatewayOf(env, role)
  const ownDomain = reader.text('COGNITO_DOMAIN')
  const [clientId] = reader.list('COGNITO_CLIENT_ID')
  const [pool] = pools
  const domain =
    pool === undefined && ownDomain === undefined ? null : domainUrl(ownDomain, pool?.id ?? '', regionOfPool(pool?.id ?? '') ?? '')
  const client = clientId === undefined ? null : loginClient(clientId, reader.text('COGNITO_CLIENT_SECRET') ?? null)
  const scopes = reader.list('LOGIN_SCOPES')
  return {
    role,
    name: files.map(({ path }) => path ?? 'the environment').join(' and '),
    env,
    pools,
    issuerIsKnown: reader.text('COGNITO_ISSUER') !== undefined || canDerive(pool, domain),
    client,
    mcp: role === 'gateway' && client !== null ? readMcpFace(new SettingsReader(env), client) : null,
    domain,
    domainIsDerived: ownDomain === undefined,
    gateway,
    secretKeys: reader.list('SECRET_KEY'),
    loginScopes: scopes.length > 0 ? scopes : ['openid', 'email', 'profile'],
    cookieName: readCookieName(new SettingsReader(env), gateway ?? ''),
  }
}

const loginClient = (id: string, secret: string | null): AppClient => ({ id, secret, settings: 'COGNITO_CLIENT' })

/** Not in all partitions; and whose domain is on this machine is none of Amazon's. */
function canDerive(pool: Pool | undefined, domain: string | null): boolean {
  const isLocal = domain !== null && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(domain).hostname)
  return pool !== undefined && !needsExplicitIssuer(regionOfPool(pool.id) ?? '') && !isLocal
}

/** Whoever names the same pool without its issuer means that of the others. */
function withIssuers(profiles: readonly Profile[]): Profile[] {
  return profiles.map((profile) => {
    const [pool] = profile.pools
    const informed = profiles.find((other) => other.env.COGNITO_ISSUER?.trim() && other.pools.some(({ id }) => id === pool?.id))
    if (informed === undefined || profile.env.COGNITO_ISSUER?.trim()) return profile
    return { ...profile, pools: informed.pools.filter(({ id }) => id === pool?.id), issuerIsKnown: true }
  })
}

/** An agent names the endpoint of a server at the gateway. */
function gatewayOf(env: Environment, role: Role): string | null {
  const endpoint = env.MCP_REGISTRY_URL?.trim() ?? ''
  if (role === 'agent') return /^https?:/.test(endpoint) && URL.canParse(endpoint) ? new URL(endpoint).origin : null
  const reader = new SettingsReader(env)
  const gateway = readGateway(reader)
  return reader.problems.length === 0 ? gateway : null
}
