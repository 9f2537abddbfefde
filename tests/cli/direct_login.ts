/** A pool for logins at the command line, and the person at the browser. */
import type { Cognito } from '../../src/demo/cognito/start.ts'
import { startCognito } from '../../src/demo/cognito/start.ts'
import { signIn } from '../demo/sample_pool.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { poolKeys } from '../support/rsa_keys.ts'
import { addressFrom, type Home } from './command.ts'

export const SECRET_KEY = '0b7e2d9c4a61f835e0d7c2b9a4f81635'
export const CLIENT_SECRET = 'the-secret-of-the-web-client'
export const GATEWAY = 'http://localhost:8000'

export interface DirectWorld {
  cognito: Cognito
  port: number
  env: Record<string, string>
  /** Signs in at the address and gives where the browser is sent then. */
  signIn(address: string, username?: string): Promise<string>
}

/** @param ahead seconds that the pool's clock is ahead */
export async function startDirectWorld(ahead = 0): Promise<DirectWorld> {
  const port = await freePort()
  const web = { flows: ['code' as const], callbackUrls: [`http://localhost:${port}/callback`], logoutUrls: [] }
  const scopes = ['openid', 'email', 'profile']
  const cognito = await startCognito({
    port: 0,
    poolId: 'us-east-1_CliLogin',
    keys: poolKeys(),
    users: [
      { username: 'rosa', password: 'rosa-pw', email: 'rosa@example.test', groups: ['ops', 'dev'] },
      { username: 'lone', password: 'lone-pw', email: 'lone@example.test', groups: [] },
      { username: 'many', password: 'many-pw', email: 'many@example.test', groups: Array.from({ length: 900 }, (_, i) => `group-${i}`) },
    ],
    clients: [
      { id: 'web', secret: CLIENT_SECRET, scopes, ...web },
      { id: 'public', scopes, ...web },
      { id: 'narrow', secret: CLIENT_SECRET, ...web, scopes: ['openid'] },
      {
        id: 'machine',
        secret: CLIENT_SECRET,
        flows: ['client_credentials'],
        scopes: ['tools/read'],
        callbackUrls: web.callbackUrls,
        logoutUrls: [],
      },
    ],
    resourceServers: [{ identifier: 'tools', scopes: ['read'] }],
    now: () => Date.now() + ahead * 1000,
  })
  return {
    cognito,
    port,
    env: {
      COGNITO_USER_POOL_ID: 'us-east-1_CliLogin',
      COGNITO_CLIENT_ID: 'web',
      COGNITO_CLIENT_SECRET: CLIENT_SECRET,
      COGNITO_DOMAIN: cognito.origin,
      COGNITO_ISSUER: cognito.issuer,
      SECRET_KEY,
      REGISTRY_URL: GATEWAY,
    },
    signIn: async (address, username = 'rosa') => {
      const response = await signIn(cognito, new URL(address).searchParams, username, `${username}-pw`)
      return response.headers.get('location') ?? ''
    },
  }
}

/** The command, on the port that the pool knows. */
export const loginArgs = ({ port }: DirectWorld, ...more: string[]): string[] => ['login', '--no-browser', '--port', String(port), ...more]

/** A whole login: the command, the person, the page that they see in the end. */
export async function logIn({ start }: Home, world: DirectWorld, env: Record<string, string> = {}, username = 'rosa', ...more: string[]) {
  const running = start(loginArgs(world, ...more), { ...world.env, ...env })
  const page = await fetch(await world.signIn(await addressFrom(running), username))
  return { page: await page.text(), status: page.status, ...(await running.ended) }
}

/** Nothing that opens anything, and no stack. */
export function assertDiscreet(text: string): void {
  assert.not.match(text, /Fe26|eyJ|code_verifier|at file:|node:internal/)
  for (const secret of [SECRET_KEY, CLIENT_SECRET]) assert.not.match(text, secret)
}
