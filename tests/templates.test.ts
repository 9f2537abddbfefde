/** The settings templates say all that is read, nothing else, and cannot be used before they are filled in. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { readGatewaySettings } from '../src/cli/settings.ts'
import { readAgentSettings } from '../src/cognito/client_credentials.ts'
import { readConfig } from '../src/config.ts'
import { ConfigError, SECRETS } from '../src/settings.ts'
import * as assert from './support/assert.ts'
import { root, SECRET_KEY } from './support/gateway.ts'
import { suite } from './support/suite.ts'

const templates = suite('settings templates')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Names in alphabetical order, each once. */
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort()

interface Setting {
  name: string
  value: string
  required: boolean
  comment: string
}

/** The settings of a template; one that may be left out is commented out. */
function settingsOf(file: string): Setting[] {
  return [...read(file).matchAll(/((?:^# .*\n)+)^(#?)([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, comment, off, name, value]) => {
    return { name: name as string, value: value as string, required: off === '', comment: comment as string }
  })
}

const required = (file: string): string[] => sorted(settingsOf(file).flatMap(({ name, required }) => (required ? [name] : [])))

/** The variables that a ConfigError complains about. */
function complaints(attempt: () => unknown): string[] {
  try {
    attempt()
  } catch (error) {
    assert.instance(error, ConfigError)
    return (error as ConfigError).problems.map((problem) => problem.split(' ', 1)[0] as string).sort()
  }
  return []
}

const FILES: Record<string, string[]> = {
  '.env.template': sorted([
    ...SECRETS.map((name) => `${name}_FILE`),
    ...readdirSync(join(root, 'src'))
      .filter((name) => /^config.*\.ts$/.test(name))
      .flatMap((name) => [...read(`src/${name}`).matchAll(/\breader\.\w+\(\s*'([A-Z][A-Z0-9_]+)'/g)].map(([, name]) => name as string)),
  ]),
  '.env.agent.template': [
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_BASE_URL',
    'ANTHROPIC_MODEL',
    'AWS_REGION',
    'BEDROCK_MODEL_ID',
    'BEDROCK_REGION',
    'COGNITO_CLIENT_ID',
    'COGNITO_CLIENT_SECRET',
    'COGNITO_CLIENT_SECRET_FILE',
    'COGNITO_DOMAIN',
    'COGNITO_USER_POOL_ID',
    'MCP_REGISTRY_URL',
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'OPENAI_MODEL',
  ],
  '.env.user.template': [
    'AWS_REGION',
    'COGNITO_CLIENT_ID',
    'COGNITO_CLIENT_SECRET',
    'COGNITO_DOMAIN',
    'COGNITO_ISSUER',
    'COGNITO_JWKS_URL',
    'COGNITO_USER_POOL_ID',
    'LOGIN_SCOPES',
    'REGISTRY_URL',
    'SECRET_KEY',
    'SESSION_COOKIE_NAME',
    'SESSION_TTL_SECONDS',
  ],
}

for (const [file, names] of Object.entries(FILES)) {
  templates(`${file} holds every variable that is read, and no other`, () => {
    assert.ok(names.length > 5)
    assert.equal(
      settingsOf(file)
        .map(({ name }) => name)
        .sort(),
      names,
    )
  })

  templates(`${file} describes each with a format, a default and an example`, () => {
    for (const { name, comment } of settingsOf(file)) {
      for (const word of [/^# \S.*\.$/m, /^# Format: /m, /\bDefault\b/, /\b[Ee]xample: \S/]) assert.match(comment, word, name)
    }
  })

  templates(`${file} leaves what is required empty, and reads the same in Node, Docker and a shell`, () => {
    const all = settingsOf(file)
    for (const { name, value } of all.filter(({ required }) => required)) assert.is(value, '', name)
    for (const { name, value } of all) assert.not.match(value, /[\s"'#$\\`]/, name)
    assert.equal(sorted(Object.keys(parseEnv(read(file)))), required(file))
  })
}

templates('.env.template puts what must be filled in first', () => {
  const order = settingsOf('.env.template').map(({ required }) => required)
  assert.equal(
    order,
    [...order].sort((a, b) => Number(b) - Number(a)),
  )
})

templates('.env.template as it is stops the start, and names exactly what is to be filled in', () => {
  assert.equal(
    complaints(() => readConfig(parseEnv(read('.env.template')))),
    required('.env.template'),
  )
})

templates('.env.agent.template as it is stops the request for a token, and names what that needs', () => {
  const needed = complaints(() => readAgentSettings(parseEnv(read('.env.agent.template'))))
  assert.equal([...needed, 'MCP_REGISTRY_URL'].sort(), required('.env.agent.template'))
})

templates('.env.user.template as it is stops the login, and names what that needs', () => {
  assert.equal(
    complaints(() => readGatewaySettings(parseEnv(read('.env.user.template')))),
    required('.env.user.template'),
  )
})

templates('the defaults that .env.template shows are those of the code', () => {
  const filled = {
    COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
    ALLOWED_CLIENT_IDS: '1example23456789',
    SECRET_KEY,
    REGISTRY_URL: 'https://mcp.example.com',
  }
  assert.equal(sorted(Object.keys(filled)), required('.env.template'))
  const shown = settingsOf('.env.template').filter(({ required }) => !required)
  assert.ok(shown.some(({ value }) => value !== ''))
  assert.equal(readConfig({ ...Object.fromEntries(shown.map(({ name, value }) => [name, value])), ...filled }), readConfig(filled))
})

templates.run()
