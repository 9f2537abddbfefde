/** What the checks of the doctor are tried in: the stand-in with a login and an agent, profiles for it, answers that are made up. */
import type { CognitoOptions, PoolClient } from '../../src/demo/cognito/pool.ts'
import { type Answer, type Ask, createAsk, type Question, type Trouble, type World } from '../../src/doctor/ask.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { type Profile, profilesOf } from '../../src/doctor/profile.ts'
import type { Environment } from '../../src/settings.ts'
import { poolKeys } from '../support/rsa_keys.ts'

export const GATEWAY = 'http://localhost:8123'
export const CLI_CALLBACK = 'http://localhost:8080/callback'
export const LOCAL_CALLBACK = 'http://localhost:8080/oauth2/callback/cognito'
export const OWN_CALLBACK = `${GATEWAY}/oauth2/callback/cognito`
export const MCP_CALLBACK = `${GATEWAY}/oauth2/callback/mcp`
export const SECRET_KEY = '1f7a0c93be4826d15f1d0a7c4e8b2936'

const web: PoolClient = {
  id: 'web',
  secret: 'web-secret-0123456789',
  flows: ['code'],
  scopes: ['openid', 'email', 'profile'],
  callbackUrls: [OWN_CALLBACK, CLI_CALLBACK, LOCAL_CALLBACK, MCP_CALLBACK],
  logoutUrls: [`${GATEWAY}/oauth2/signed-out`],
}

let keys: CognitoOptions['keys']
const sameKeys = (): CognitoOptions['keys'] => {
  keys ??= poolKeys()
  return keys
}

/** A pool in which everything is right, but for changes of the login client. */
export const poolWith = (changes: Partial<PoolClient> = {}): CognitoOptions => ({
  port: 0,
  poolId: 'us-east-1_Doctor',
  keys: sameKeys(),
  users: [],
  clients: [
    { ...web, ...changes },
    { ...web, id: 'public', secret: undefined },
    { ...web, id: 'mcp', secret: 'mcp-secret-0123456789', scopes: ['tools/read', 'tools/write'], callbackUrls: [MCP_CALLBACK] },
    { ...web, id: 'agent', secret: 'agent-secret-0123456789', flows: ['client_credentials'], scopes: ['tools/read'] },
  ],
  resourceServers: [{ identifier: 'tools', scopes: ['read', 'write'] }],
})

/** The settings of a gateway at a stand-in, or at whatever is named. */
export const gatewayEnv = (origin: string, changes: Environment = {}): Environment => ({
  COGNITO_USER_POOL_ID: 'us-east-1_Doctor',
  COGNITO_ISSUER: `${origin}/us-east-1_Doctor`,
  COGNITO_DOMAIN: origin,
  COGNITO_CLIENT_ID: 'web',
  COGNITO_CLIENT_SECRET: 'web-secret-0123456789',
  ALLOWED_CLIENT_IDS: 'web,agent',
  SECRET_KEY,
  REGISTRY_URL: GATEWAY,
  ...changes,
})

export const agentEnv = (origin: string, changes: Environment = {}): Environment => ({
  COGNITO_USER_POOL_ID: 'us-east-1_Doctor',
  COGNITO_DOMAIN: origin,
  COGNITO_CLIENT_ID: 'agent',
  COGNITO_CLIENT_SECRET: 'agent-secret-0123456789',
  MCP_REGISTRY_URL: `${GATEWAY}/mcpgw/mcp`,
  ...changes,
})

export function profileFrom(path: string, variables: Environment): Profile {
  const [profile] = profilesOf([{ path, variables, mode: null }], {})
  return profile as Profile
}

export const realWorld: World = { ask: createAsk(Date.now), now: Date.now }

/** Answers that are made up; what was asked is kept. */
export function fakeWorld(
  answer: (question: Question) => Partial<Answer> | Trouble,
  now = 1_800_000_000_000,
): World & { asked: Question[] } {
  const asked: Question[] = []
  const ask: Ask = async (question) => {
    asked.push(question)
    const given = answer(question)
    return 'trouble' in given ? given : { status: 200, headers: {}, body: '', at: now, ...given }
  }
  return { ask, now: () => now, asked }
}

/** `status check`, to be compared. */
export const kinds = (findings: readonly Finding[]): string[] => findings.map(({ status, check }) => `${status} ${check}`)
