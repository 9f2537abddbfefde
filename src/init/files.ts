/** What `gatehouse init` writes, as texts. Nothing is read or written here. */
import { readConfig } from '../config.ts'
import { ConfigError, type Environment } from '../settings.ts'
import { envText } from './env_text.ts'
import { locationsText, upstreamsText } from './nginx_text.ts'
import { policyText } from './policy_text.ts'
import type { NamedServer } from './server.ts'
import type { NewFile } from './write.ts'

/** The settings that are asked for; null for what is left to its default. */
export interface Answers {
  REGISTRY_URL: string | null
  COGNITO_USER_POOL_ID: string | null
  COGNITO_ISSUER: string | null
  COGNITO_DOMAIN: string | null
  COGNITO_CLIENT_ID: string | null
  COGNITO_CLIENT_SECRET: string | null
  ALLOWED_CLIENT_IDS: string | null
}

/** The shipped files. */
export interface Shipped {
  template: string
  /** By their path below nginx/: those of gatehouse/, and those that may take the place of some of them. */
  includes: ReadonlyMap<string, string>
}

/** Values that each stand well for what was not answered yet. */
const OTHERS = {
  REGISTRY_URL: 'https://mcp.example.com',
  COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
  ALLOWED_CLIENT_IDS: '1example23456789',
  SECRET_KEY: '0123456789abcdef0123456789abcdef',
}

/** What is wrong with some of the answers, by the rules of the gateway itself. */
export function problemsWith(answers: Partial<Answers>): string[] {
  const given = Object.entries(answers).filter((entry): entry is [string, string] => entry[1] !== null)
  const odd = given.filter(([, value]) => /[^\x21-\x7e]|["'`#\\$;{}]/.test(value.replace(/, /g, ',')))
  const problems = odd.map(([name]) => `${name} must be plain letters, digits and signs, without quotes, blanks and $ # ; { } \\`)
  try {
    readConfig({ ...OTHERS, ...Object.fromEntries(given.filter((one) => !odd.includes(one))) } as Environment)
    return problems
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [...problems, ...error.problems]
  }
}

/**
 * @param secretKey seals the sessions
 * @throws {ConfigError} for answers by which the gateway would not start
 */
export function newFiles(answers: Answers, servers: readonly NamedServer[], secretKey: string, shipped: Shipped): NewFile[] {
  const problems = problemsWith(answers)
  if (problems.length > 0) throw new ConfigError(problems)
  const upstreams = upstreamsText(servers)
  return [
    { path: '.env', text: envText(shipped.template, { ...answers, SECRET_KEY: secretKey }), isSecret: true },
    { path: 'scopes.yml', text: policyText(servers.map(({ name }) => name)), isSecret: false },
    ...[...shipped.includes].map(([path, text]) => ({ path: `nginx/${path}`, text, isSecret: false })),
    { path: 'nginx/gatehouse-servers.conf', text: locationsText(servers), isSecret: false },
    ...(upstreams === null ? [] : [{ path: 'nginx/gatehouse-upstreams.conf', text: upstreams, isSecret: false }]),
  ]
}
