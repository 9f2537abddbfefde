/** Settings of every kind: they are read, or refused with all problems, and no message holds a secret. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEnvironment } from '../../src/cli/env.ts'
import { readDirectSettings, readGatewaySettings, readRevokeSettings } from '../../src/cli/settings.ts'
import { readConfig } from '../../src/config.ts'
import { readRegistrySettings } from '../../src/registry/settings.ts'
import { ConfigError, type Environment } from '../../src/settings.ts'
import type { Random } from '../support/random.ts'
import { drawn } from './drawn.ts'
import { joined, mutated } from './pieces.ts'
import { fuzzing } from './property.ts'

const tests = fuzzing('settings')

/** No part of it stands in a message by chance. */
const SECRET = 'zq7Kx4vW9pL2mR8tY5bN3cF6hJ1dG0sQ'
const GOOD: Record<string, string> = {
  COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
  COGNITO_ISSUER: 'https://issuer.test/x',
  COGNITO_JWKS_URL: 'http://127.0.0.1:9000/jwks.json',
  COGNITO_CLIENT_ID: '3client',
  COGNITO_DOMAIN: 'my-company',
  COGNITO_MCP_CLIENT_ID: '4client',
  COGNITO_RESOURCE_BINDING: 'on',
  ALLOWED_CLIENT_IDS: '1client,2client',
  AWS_REGION: 'us-east-1',
  REGISTRY_URL: 'https://mcp.example.com',
  ALLOWED_ORIGINS: 'http://localhost:6274',
  LOGIN_SCOPES: 'openid,email',
  MCP_REDIRECT_URIS: 'loopback,https://app.example.com/cb',
  MCP_CLIENT_HOSTS: 'claude.ai',
  MCP_SCOPES: 'a/x',
  CHALLENGE_SCOPES: 'server',
  SESSION_COOKIE_NAME: 'session',
  SESSION_TTL_SECONDS: '3600',
  SESSION_STORE_FAILURE: 'open',
  DECISION_CACHE_SECONDS: '5',
  VALIDATOR_LISTEN: '127.0.0.1:8888',
  METRICS_LISTEN: '127.0.0.1:9464',
  REGISTRY_LISTEN: '127.0.0.1:9002',
  SCOPES_FILE: 'scopes.yml',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_TRACES_EXPORTER: 'otlp',
  LOG_LEVEL: 'info',
}
const PIECES = [
  ...[
    '',
    ' ',
    ',',
    ',,',
    '\n',
    '\t',
    '\0',
    '"',
    "'",
    '\\',
    '/',
    '//',
    '@',
    ':',
    '?',
    '#',
    '%',
    '%zz',
    '=',
    '$',
    '*',
    '-',
    '_',
    '.',
    '..',
    '[',
    ']',
    '{',
  ],
  ...[
    'https://',
    'http://',
    'unix:/',
    'redis://',
    '[::1]',
    '127.0.0.1',
    'localhost',
    ':0',
    ':65536',
    '99999999999',
    '-1',
    '1e3',
    'none',
    'us-east-1_',
    '__Host-',
  ],
  ...['\u00e9', '\u{1f600}', '\ud800', '\u2028', '\ufeff', 'x'.repeat(600), '__proto__', 'constructor', 'on', 'true'],
]
const SECRETS: Record<string, (random: Random) => string> = {
  SECRET_KEY: (random) =>
    random.pick([SECRET, SECRET.slice(0, 20), `${SECRET},${SECRET}x`, `change${SECRET}`, ` ${SECRET}`, `"${SECRET}"`]),
  COGNITO_CLIENT_SECRET: () => SECRET,
  COGNITO_MCP_CLIENT_SECRET: () => SECRET,
  SESSION_STORE_URL: (random) => mutated(random, `rediss://user:${SECRET}@valkey.example.com:6379/0`, PIECES),
}

function environment(random: Random): Environment {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(GOOD)) {
    if (random.once(4)) continue
    env[name] = random.once(5) ? random.pick([() => joined(random, PIECES, 3), () => mutated(random, value, PIECES)])() : value
  }
  for (const [name, make] of Object.entries(SECRETS)) if (!random.once(4)) env[name] = make(random)
  return env
}

/** What begins with a secret's name. */
const NAMED = new RegExp(`(?:${Object.keys(SECRETS).join('|')})=`)

const holdsSecret = (text: string): boolean =>
  Array.from({ length: SECRET.length - 5 }, (_, at) => SECRET.slice(at, at + 6)).some((part) => text.includes(part))

const READERS = [readConfig, readRegistrySettings, readDirectSettings, readGatewaySettings, readRevokeSettings]

/** Why what the readers make of it cannot be right, or ''. */
function objection(env: Environment, note: () => void): string {
  for (const read of READERS) {
    try {
      read(env)
      note()
    } catch (error) {
      if (!(error instanceof ConfigError)) return `throws ${error instanceof Error ? error.stack : error}`
      if (error.problems.length === 0) return 'refused without a problem'
      if (holdsSecret(error.message)) return `tells the secret: ${error.message}`
    }
  }
  return ''
}

tests.property('an environment is read, or refused without its secrets', { from: drawn(environment), noted: 0.2, objection })

const LINES = [
  '=',
  '"',
  "'",
  '`',
  '\n',
  '\n',
  '#',
  ' ',
  'export ',
  'A=',
  '\\n',
  '$',
  '$' + '{A}',
  '\0',
  '\r',
  '\ufeff',
  'SECRET_KEY=',
  'REGISTRY_URL=https://x',
  '\u00e9',
  ...Object.keys(GOOD),
]
const isMisplaced = ([name, value = '']: [string, string | undefined]): boolean =>
  !(name in SECRETS) && holdsSecret(value.split(NAMED)[0] ?? '')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-fuzz-'))
const file = join(folder, '.env')

tests.property('a file of settings is read, or refused without its secrets', {
  from: drawn((random) => {
    const text = Object.entries(environment(random))
      .map(([name, value]) => `${name}=${value}`)
      .join('\n')
    return random.once(3) ? joined(random, LINES, 20) : mutated(random, text, LINES)
  }),
  // Read to the end.
  noted: 0.3,
  objection: (text, note) => {
    writeFileSync(file, text)
    let env: Environment
    try {
      env = readEnvironment([file], {})
    } catch (error) {
      if (!(error instanceof ConfigError)) return `throws ${error instanceof Error ? error.stack : error}`
      return holdsSecret(error.message) ? `tells the secret: ${error.message}` : ''
    }
    note()
    // Nobody can know for a secret what stands in another setting under no secret's name.
    return Object.entries(env).some(isMisplaced) ? '' : objection(env, () => {})
  },
})

tests.after(async () => rmSync(folder, { recursive: true, force: true }))
tests.run()
