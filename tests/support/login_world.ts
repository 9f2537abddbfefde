/** The gate with login: a stand-in of the user pool, in front of it a place that counts, and browsers that remember secrets. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CognitoOptions, PoolUser } from '../../src/demo/cognito/pool.ts'
import { type Cognito, startCognito } from '../../src/demo/cognito/start.ts'
import { createSealer, type Purpose } from '../../src/session/seal.ts'
import { type Gateway, type GatewayOptions, SECRET_KEY, startGateway } from './gateway.ts'
import { poolKeys } from './rsa_keys.ts'
import { type Browser, createBrowser, type Visit } from './visitor.ts'

export const SESSION = 'mcp_gateway_session'
export const CLIENT_SECRET = 'kq3v9m2x7w1z5t8r4p6n'
export const PATHS = {
  start: '/oauth2/',
  login: '/oauth2/login/cognito',
  callback: '/oauth2/callback/cognito',
  logout: '/oauth2/logout/cognito',
  signedOut: '/oauth2/signed-out',
  clients: '/oauth2/callback/mcp',
} as const

/** `long` by all signs of a name: the longest that Cognito allows. */
export const MANY_GROUPS = Array.from({ length: 200 }, (_, at) => `group-${at}-`.padEnd(128, 'abcdefgh'))

const user = (username: string, groups: string[]): PoolUser => ({
  username,
  groups,
  password: `${username}-pw`,
  email: `${username}@example.test`,
})
const USERS: PoolUser[] = [
  user('rosa', ['callers']),
  user('admin', ['admins']),
  user('nobody', ['strangers']),
  user('loner', []),
  user('many', MANY_GROUPS),
  user('agent', ['admins']),
  user('web', ['admins']),
]

export interface LoginWorld {
  gateway: Gateway
  /** As browsers know the gateway. */
  url: string
  cognito: Cognito
  /** Base URL of the pool's domain. */
  domain: string
  /** The forms that the token endpoint has got. */
  exchanges: URLSearchParams[]
  /** What the token endpoint answers instead of the stand-in; null for the stand-in. */
  tokenAnswer: ((request: IncomingMessage, response: ServerResponse) => void) | null
  /** A browser without a past. */
  browser(): Browser
  /** Texts of which none may show up in a log. */
  secrets: Set<string>
  close(): Promise<void>
}

export interface LoginWorldOptions extends GatewayOptions {
  /** The app client is a public one. */
  isPublic?: boolean
}

export async function startLoginWorld(options: LoginWorldOptions = {}): Promise<LoginWorld> {
  const callbackUrls: string[] = []
  const logoutUrls: string[] = []
  const scopes = ['openid', 'email', 'profile', 'test/now', 'test/list', 'test/all']
  const people = { flows: ['code' as const], scopes, callbackUrls, logoutUrls }
  const pool: CognitoOptions = {
    port: 0,
    poolId: 'us-east-1_TestPool1',
    keys: poolKeys(),
    users: USERS,
    clients: [
      { id: 'web', secret: CLIENT_SECRET, ...people },
      { id: 'webpublic', ...people },
    ],
    resourceServers: [{ identifier: 'test', scopes: ['now', 'list', 'all'] }],
  }
  const cognito = await startCognito(pool)
  const domain = await startDomain(cognito.origin, () => self.tokenAnswer)
  const client: Record<string, string> = options.isPublic
    ? { COGNITO_CLIENT_ID: 'webpublic' }
    : { COGNITO_CLIENT_ID: 'web', COGNITO_CLIENT_SECRET: CLIENT_SECRET }
  const env = { COGNITO_ISSUER: cognito.issuer, COGNITO_DOMAIN: domain.url, ...client, ...options.env }
  const gateway = await startGateway({ ...options, env }).catch(async (error) => {
    await Promise.all([domain.close(), cognito.close()])
    throw error
  })
  const url = options.env?.REGISTRY_URL ?? gateway.url
  callbackUrls.push(url + PATHS.callback, url + PATHS.clients)
  logoutUrls.push(url + PATHS.signedOut)
  const secrets = new Set([SECRET_KEY, CLIENT_SECRET])
  const self: LoginWorld = {
    gateway,
    url,
    cognito,
    domain: domain.url,
    exchanges: domain.exchanges,
    tokenAnswer: null,
    browser: () => createBrowser({ ports: { [url]: gateway.port }, onVisit: (visit) => remember(visit, secrets) }),
    secrets,
    close: async () => {
      await gateway.close()
      await Promise.all([domain.close(), cognito.close()])
    },
  }
  return self
}

/** The pool's domain: sends browsers on to the stand-in, and passes on what the token endpoint gets. */
async function startDomain(origin: string, override: () => LoginWorld['tokenAnswer']) {
  const exchanges: URLSearchParams[] = []
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return response.writeHead(302, { location: origin + request.url }).end()
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    exchanges.push(new URLSearchParams(body))
    const answer = override()
    if (answer !== null) return answer(request, response)
    const { 'content-type': type = '', authorization } = request.headers
    const headers = { 'content-type': type, ...(authorization && { authorization }) }
    const real = await fetch(origin + request.url, { method: 'POST', headers, body })
    return response.writeHead(real.status, { 'content-type': real.headers.get('content-type') ?? '' }).end(await real.text())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done())
      server.closeAllConnections()
    })
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, exchanges, close }
}

const SECRET_PARAMETERS = ['code', 'state', 'nonce']

function remember({ asked, location, cookies }: Visit, secrets: Set<string>): void {
  const found = cookies.filter(({ name }) => name.includes(SESSION)).map(({ value }) => value)
  for (const address of [asked.split(' ')[1] ?? '', location ?? '']) {
    if (!URL.canParse(address)) continue
    found.push(...SECRET_PARAMETERS.flatMap((name) => new URL(address).searchParams.getAll(name)))
  }
  // Shorter ones are what tests make up, and may be part of anything.
  for (const text of found) if (text.length >= 20) secrets.add(text)
}

/** Seals with the gateway's key, as nobody else can. */
export const seal = (purpose: Purpose, data: Record<string, unknown>): Promise<string> => createSealer([SECRET_KEY]).seal(purpose, data)
export const unseal = (purpose: Purpose, text: string): Promise<Record<string, unknown> | null> =>
  createSealer([SECRET_KEY]).open(purpose, text)

/** Follows redirects from one answer to the next, and signs in where it is asked to, until the address begins with `goal` or nothing follows. */
export async function walk(browser: Browser, first: Visit, username: string, goal: string): Promise<Visit[]> {
  const visits = [first]
  for (let visit = first; visits.length < 20; visits.push(visit)) {
    const here = visit.asked.split(' ')[1] as string
    if (visit.location !== null) {
      const next = new URL(visit.location, here).href
      if (next.startsWith(goal)) return visits
      visit = await browser.get(next)
      continue
    }
    const csrf = /name="_csrf" value="([^"]*)"/.exec(visit.body)?.[1]
    if (csrf === undefined) return visits
    const form = { _csrf: csrf, username, password: `${username}-pw`, cognitoAsfData: '' }
    visit = await browser.post(here, form)
  }
  throw new Error(`no end of redirects: ${visits.map(({ asked }) => asked).join(', ')}`)
}

/** Begins a login and signs in at the pool. Gives the address that the pool sends the browser back to, which is not opened yet. */
export async function reachCallback(
  world: LoginWorld,
  browser: Browser,
  username = 'rosa',
  query: Record<string, string> = {},
): Promise<URL> {
  const asked = new URLSearchParams(query).toString()
  const first = await browser.get(`${world.url}${PATHS.login}${asked && `?${asked}`}`)
  const visits = await walk(browser, first, username, world.url + PATHS.callback)
  const { asked: last, status, location, body } = visits.at(-1) as Visit
  if (location === null) throw new Error(`the login ended at ${last}: ${status} ${body.slice(0, 300)}`)
  return new URL(location)
}

/** A whole login; the answer to the callback. */
export async function login(world: LoginWorld, browser: Browser, username = 'rosa', query: Record<string, string> = {}): Promise<Visit> {
  return browser.get((await reachCallback(world, browser, username, query)).href)
}

/** Who the gateway takes this browser for; null for a stranger. */
export async function whoAmI(world: LoginWorld, browser: Browser): Promise<Record<string, unknown> | null> {
  const { status, body } = await browser.get(`${world.url}/oauth2/whoami`, { accept: 'application/json' })
  return status === 200 ? (JSON.parse(body) as Record<string, unknown>) : null
}
