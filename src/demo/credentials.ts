/** The demo's user pool and settings files. Secrets are made at the first start and kept until the folder is removed. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../make_folder.ts'
import { StartError } from '../start_error.ts'
import type { CognitoOptions, PoolClient } from './cognito/pool.ts'
import { newRsaKey } from './new_key.ts'
import { originOf, type Ports } from './ports.ts'
import { writePrivate } from './private_file.ts'

type Keys = NonNullable<CognitoOptions['keys']>

type Secrets = Record<'secretKey' | 'web' | 'agent' | 'readonly' | 'adminPassword' | 'userPassword', string> & { keys: Keys }

const POOL_ID = 'us-east-1_GatehouseDemo'
const READ = 'mcp-servers-unrestricted/read'
const EXECUTE = 'mcp-servers-unrestricted/execute'
const CLIENTS = { web: 'demoweb', cli: 'democli', agent: 'demoagent', readonly: 'demoreadonly' } as const

function readSecrets(folder: string): Secrets {
  const path = join(folder, 'secrets.json')
  const kept = existsSync(path) ? parseSecrets(path, folder) : {}
  const secret = (bytes: number): string => randomBytes(bytes).toString('hex')
  const secrets: Secrets = {
    secretKey: secret(32),
    web: secret(24),
    agent: secret(24),
    readonly: secret(24),
    adminPassword: `Aa1-${secret(6)}`,
    userPassword: `Aa1-${secret(6)}`,
    keys: kept.keys ?? { id: makeKey(), access: makeKey() },
    ...kept,
  }
  writePrivate(path, `${JSON.stringify(secrets, null, 2)}\n`)
  return secrets
}

/** Not made anew when they cannot be read: a running stack, and who uses it, knows the old ones. */
function parseSecrets(path: string, folder: string): Partial<Secrets> {
  try {
    const secrets = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof secrets === 'object' && secrets !== null) return secrets
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new StartError(`${path} is not whole. Run make down, remove the folder ${folder}, and try again: its secrets are made anew`)
}

/** A token outlives a restart, as Cognito's do: commands keep tokens for later. */
function makeKey(): Keys['id'] {
  return { ...newRsaKey().export({ format: 'jwk' }), kid: randomBytes(32).toString('base64') } as Keys['id']
}

function describePool(ports: Ports, secrets: Secrets): CognitoOptions {
  const gateway = originOf(ports.gateway)
  const signIn = ['openid', 'email', 'profile', 'aws.cognito.signin.user.admin']
  // The three callback URLs of the set-up guide; the third one is the gateway's own.
  const callbackUrls = [
    'http://localhost:8080/callback',
    'http://localhost:8080/oauth2/callback/cognito',
    `${gateway}/oauth2/callback/cognito`,
  ]
  const people = { flows: ['code' as const], scopes: signIn, callbackUrls, logoutUrls: [`${gateway}/oauth2/signed-out`] }
  // It stands for MCP clients too, which ask for what the policy knows.
  const custom = ['mcp-servers-unrestricted', 'mcp-servers-restricted'].flatMap((name) => [`${name}/read`, `${name}/execute`])
  const web = { ...people, scopes: [...signIn, ...custom], callbackUrls: [...callbackUrls, `${gateway}/oauth2/callback/mcp`] }
  const machine = (id: string, secret: string, scopes: string[]): PoolClient => {
    return { id, secret, flows: ['client_credentials'], scopes, callbackUrls: [], logoutUrls: [] }
  }
  return {
    keys: secrets.keys,
    port: ports.cognito,
    poolId: POOL_ID,
    users: [
      { username: 'admin', password: secrets.adminPassword, email: 'admin@example.com', groups: ['mcp-registry-admin'] },
      { username: 'user', password: secrets.userPassword, email: 'user@example.com', groups: ['mcp-registry-user'] },
    ],
    clients: [
      { id: CLIENTS.web, secret: secrets.web, ...web },
      { id: CLIENTS.cli, ...people },
      machine(CLIENTS.agent, secrets.agent, [READ, EXECUTE]),
      machine(CLIENTS.readonly, secrets.readonly, [READ]),
    ],
    resourceServers: ['mcp-servers-unrestricted', 'mcp-servers-restricted'].map((identifier) => ({
      identifier,
      scopes: ['read', 'execute'],
    })),
  }
}

/** The settings files, by name, each as variables. */
function settings(ports: Ports, secrets: Secrets): Record<string, Record<string, string>> {
  const cognito = `http://localhost:${ports.cognito}`
  const gateway = originOf(ports.gateway)
  const common = {
    COGNITO_USER_POOL_ID: POOL_ID,
    COGNITO_ISSUER: `${cognito}/${POOL_ID}`,
    COGNITO_DOMAIN: cognito,
    AWS_REGION: 'us-east-1',
  }
  const agent = (id: string, secret: string) => {
    return { ...common, COGNITO_CLIENT_ID: id, COGNITO_CLIENT_SECRET: secret, MCP_REGISTRY_URL: `${gateway}/mcpgw/sse` }
  }
  return {
    '.env': {
      ...common,
      COGNITO_CLIENT_ID: CLIENTS.web,
      COGNITO_CLIENT_SECRET: secrets.web,
      ALLOWED_CLIENT_IDS: Object.values(CLIENTS).join(','),
      SECRET_KEY: secrets.secretKey,
      REGISTRY_URL: gateway,
      VALIDATOR_LISTEN: `127.0.0.1:${ports.validator}`,
    },
    '.env.agent': agent(CLIENTS.agent, secrets.agent),
    '.env.agent-readonly': agent(CLIENTS.readonly, secrets.readonly),
    '.env.user': {
      ...common,
      COGNITO_CLIENT_ID: CLIENTS.cli,
      SECRET_KEY: secrets.secretKey,
      REGISTRY_URL: gateway,
      DEMO_ADMIN: `admin ${secrets.adminPassword}`,
      DEMO_USER: `user ${secrets.userPassword}`,
    },
  }
}

/**
 * Writes the pool description and the settings files (mode 0600) for these ports into the folder (mode 0700).
 * @returns the path of the pool description
 */
export function writeCredentials(folder: string, ports: Ports): string {
  makeFolder(folder, 0o700)
  const secrets = readSecrets(folder)
  const pool = join(folder, 'pool.json')
  writePrivate(pool, `${JSON.stringify(describePool(ports, secrets), null, 2)}\n`)
  for (const [name, variables] of Object.entries(settings(ports, secrets))) {
    const lines = Object.entries(variables).map(([key, value]) => `${key}=${/\s/.test(value) ? `"${value}"` : value}`)
    writePrivate(join(folder, name), `# Made for the local stack. Loopback only; not for anything else.\n${lines.join('\n')}\n`)
  }
  return pool
}
