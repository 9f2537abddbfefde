/** Whether each file of settings is complete and well-formed: the same rules by which the commands read them. */
import { readDirectSettings, readGatewaySettings } from '../cli/settings.ts'
import { readAgentSettings } from '../cognito/client_credentials.ts'
import { readConfig } from '../config.ts'
import { ConfigError, type Environment, SECRETS, withoutSecret } from '../settings.ts'
import { type Check, type Finding, failure, ok, warning } from './finding.ts'
import { MCP_SETTINGS } from './mcp_face.ts'
import type { Profile, SettingsFile } from './profile.ts'

/** Of which check a variable is; all others are the environment's. */
const CHECK_OF: Readonly<Record<string, Check>> = {
  SECRET_KEY: 'secret-key',
  AWS_REGION: 'pool',
  COGNITO_USER_POOL_ID: 'pool',
  COGNITO_ISSUER: 'pool',
  COGNITO_JWKS_URL: 'pool',
  COGNITO_DOMAIN: 'domain',
}

const KNOWN = new Set([
  ...['COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID', 'COGNITO_CLIENT_SECRET', 'COGNITO_DOMAIN', 'COGNITO_ISSUER', 'COGNITO_JWKS_URL'],
  ...['SESSION_COOKIE_NAME', 'SESSION_TTL_SECONDS', 'SESSION_STORE_URL', 'SESSION_STORE_FAILURE', 'SECRET_KEY', 'REGISTRY_URL'],
  ...[
    'MCP_REGISTRY_URL',
    'ALLOWED_CLIENT_IDS',
    'ALLOWED_ORIGINS',
    'SCOPES_FILE',
    'VALIDATOR_LISTEN',
    'METRICS_LISTEN',
    'DECISION_CACHE_SECONDS',
    'LOGIN_SCOPES',
  ],
  ...MCP_SETTINGS,
  ...SECRETS.map((name) => `${name}_FILE`),
])
/** Beginnings of our names: what begins like this and is none of them was probably meant to be one. */
const OURS =
  /^(?:(?:COGNITO|SESSION|SECRET|REGISTRY|ALLOWED|SCOPES|VALIDATOR|METRICS|DECISION|LOGIN|CHALLENGE)_|MCP_(?:REGISTRY|SCOPE|REDIRECT|CLIENT))/

/** The problems of a profile, and what is well. */
export function checkProfile(profile: Profile): Finding[] {
  const problems = problemsOf(profile)
  const findings = problems.map((problem) => asFinding(problem, profile.name))
  if (problems.length === 0) findings.push(ok('environment', `${profile.name}: the settings of ${WHOSE[profile.role]}, complete`))
  if (profile.secretKeys.length > 0 && !problems.some((problem) => problem.startsWith('SECRET_KEY '))) {
    findings.push(ok('secret-key', `${profile.name}: SECRET_KEY is long enough and no placeholder`))
  }
  if (profile.role === 'gateway' && profile.client === null && profile.env.COGNITO_MCP_CLIENT_ID?.trim()) {
    const evidence = `${profile.name}: COGNITO_MCP_CLIENT_ID is of no use without COGNITO_CLIENT_ID: where nobody can log in, MCP clients cannot either`
    findings.push(warning('environment', evidence, 'Set COGNITO_CLIENT_ID to the app client by which users log in.'))
  }
  return findings
}

const WHOSE = { gateway: 'the gateway', user: 'a user', agent: 'an agent' } as const

function problemsOf({ role, env, secretKeys }: Profile): readonly string[] {
  const readers = {
    gateway: readConfig,
    agent: readAgent,
    // Without SECRET_KEY a user logs in by way of the gateway, and needs nothing else.
    user: secretKeys.length > 0 ? readDirectSettings : readGatewaySettings,
  }
  try {
    readers[role](env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems
  }
}

function readAgent(env: Environment): void {
  const problems: string[] = []
  try {
    readAgentSettings(env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
  }
  const endpoint = env.MCP_REGISTRY_URL?.trim()
  const example = 'Example: MCP_REGISTRY_URL=https://mcp.example.com/mcpgw/mcp'
  if (!endpoint) problems.push(`MCP_REGISTRY_URL is missing. ${example}`)
  else if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
    problems.push(`MCP_REGISTRY_URL must be an http or https URL. ${example}`)
  // The command itself does not look at the region, as the pool id holds it already.
  const region = env.AWS_REGION?.trim()
  const pool = env.COGNITO_USER_POOL_ID?.trim() ?? ''
  if (region && pool.includes('_') && !pool.startsWith(`${region}_`)) {
    problems.push(withoutSecret(`AWS_REGION is "${region}", but the pool is "${pool}". Example: AWS_REGION=${pool.split('_')[0]}`))
  }
  if (problems.length > 0) throw new ConfigError(problems)
}

/** A problem as the readers put it: `NAME what is wrong. Example: NAME=value`. */
function asFinding(problem: string, name: string): Finding {
  const [, what = problem, example = ''] = /^(.*?)\. Example: (.*)$/s.exec(problem) ?? []
  const check = CHECK_OF[problem.split(' ', 1)[0] ?? ''] ?? 'environment'
  return failure(check, `${name}: ${what}`, `Set it in ${name}, for example: ${example}`)
}

/** What is odd about the files themselves. */
export function checkFiles(files: readonly SettingsFile[], environment: Environment): Finding[] {
  return files.flatMap(({ path, variables, mode }) => {
    if (path === null) return []
    const findings: Finding[] = []
    const secrets = SECRETS.filter((name) => variables[name]?.trim())
    if (mode !== null && (mode & 0o077) !== 0 && secrets.length > 0) {
      const evidence = `${path} holds ${secrets.join(', ')} and others than its owner may read it (mode ${(mode & 0o777).toString(8)})`
      findings.push(warning('environment', evidence, `chmod 600 ${path}`))
    }
    const strange = Object.keys(variables).filter((name) => OURS.test(name) && !KNOWN.has(name))
    if (strange.length > 0) {
      findings.push(
        warning('environment', `${path} sets ${strange.join(', ')}, which nothing reads`, 'Correct the name, or remove the line.'),
      )
    }
    const hidden = Object.keys(variables).filter((name) => isHidden(name, variables, environment))
    if (hidden.length > 0) {
      const evidence = `${hidden.join(', ')} of ${path} does not count: the environment has another value, which goes before it`
      findings.push(warning('environment', evidence, `unset ${hidden.join(' ')}`))
    }
    return findings
  })
}

const isHidden = (name: string, variables: Environment, environment: Environment): boolean =>
  (KNOWN.has(name) || name === 'AWS_REGION') && environment[name] !== undefined && environment[name]?.trim() !== variables[name]?.trim()
