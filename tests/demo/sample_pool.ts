/** A small pool for the tests, and what a browser and a client do with it. */

import type { CognitoOptions } from '../../src/demo/cognito/pool.ts'
import { type Cognito, startCognito } from '../../src/demo/cognito/start.ts'

export const CALLBACK = 'http://localhost:9999/callback'
export const LOGOUT = 'http://localhost:9999/bye'
export const VERIFIER = 'a-verifier-of-at-least-forty-three-characters-0123456789'
export const CHALLENGE = 'NiC162c0QrSD2DAiXkn9HJo4rKjj6GAubjqyJCS0vgU'

export const SAMPLE: CognitoOptions = {
  port: 0,
  poolId: 'us-east-1_GatehouseDemo',
  users: [
    { username: 'rosa', password: 'rosa-pw', email: 'rosa@example.test', groups: ['ops', 'a,b'] },
    { username: 'nobody', password: 'nobody-pw', email: 'nobody@example.test', groups: [] },
  ],
  clients: [
    {
      id: 'webclient',
      secret: 'web-secret',
      flows: ['code'],
      scopes: ['openid', 'email', 'profile', 'tools/read'],
      callbackUrls: [CALLBACK, 'app://callback', 'http://localhost:9999/q?a=1'],
      logoutUrls: [LOGOUT],
    },
    {
      id: 'publicclient',
      flows: ['code'],
      scopes: ['openid', 'tools/read'],
      callbackUrls: [CALLBACK],
      logoutUrls: [],
      accessTokenSeconds: 600,
    },
    {
      id: 'agent',
      secret: 'agent-secret',
      flows: ['client_credentials'],
      scopes: ['tools/read', 'tools/write'],
      callbackUrls: [CALLBACK],
      logoutUrls: [],
    },
  ],
  resourceServers: [{ identifier: 'tools', scopes: ['read', 'write'] }],
}

/** A stand-in whose clock can be moved. */
export async function startSample(): Promise<Cognito & { wait(seconds: number): void }> {
  let ahead = 0
  const cognito = await startCognito({ ...SAMPLE, now: () => Date.now() + ahead })
  return {
    ...cognito,
    wait: (seconds) => {
      ahead += seconds * 1000
    },
  }
}

export type Fields = Record<string, string>

// biome-ignore lint/suspicious/noExplicitAny: the tests look at members that a type would only repeat
export type Json = any
export type Answer = Omit<Response, 'json'> & { json(): Promise<Json> }

/** An authorize request that is right, apart from what is given. */
export function authorizeQuery(changes: Record<string, string | undefined> = {}): URLSearchParams {
  const all = { response_type: 'code', client_id: 'webclient', redirect_uri: CALLBACK, state: 'S', scope: 'openid email', ...changes }
  return new URLSearchParams(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

export function visit(url: string, cookie = ''): Promise<Response> {
  return fetch(url, { redirect: 'manual', headers: { cookie } })
}

/** `name=value` of a cookie that a response sets. */
export function cookieOf(response: Response, name: string): string {
  const line = response.headers.getSetCookie().find((one) => one.startsWith(`${name}=`)) ?? ''
  return line.split(';')[0] ?? ''
}

/** Fills in the real form and sends it. */
export async function signIn(cognito: Cognito, query: URLSearchParams, username: string, password: string): Promise<Response> {
  const start = await visit(`${cognito.origin}/oauth2/authorize?${query}`)
  const login = start.headers.get('location') ?? ''
  const form = await visit(login)
  const page = await form.text()
  const action = (/action="([^"]*)"/.exec(page)?.[1] ?? '').replaceAll('&amp;', '&')
  const csrf = /name="_csrf" value="([^"]*)"/.exec(page)?.[1] ?? ''
  return fetch(new URL(action, login), {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookieOf(form, 'XSRF-TOKEN') },
    body: new URLSearchParams({ _csrf: csrf, username, password, cognitoAsfData: '' }),
  })
}

/** A code for rosa. */
export async function codeFor(cognito: Cognito, changes: Record<string, string | undefined> = {}, username = 'rosa'): Promise<string> {
  const response = await signIn(cognito, authorizeQuery(changes), username, `${username}-pw`)
  return new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? ''
}

export const basic = (id: string, secret: string) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` })
export const WEB = basic('webclient', 'web-secret')
export const AGENT = basic('agent', 'agent-secret')

export function post(cognito: Cognito, path: string, fields: Fields | URLSearchParams, headers: Fields = {}): Promise<Answer> {
  return fetch(`${cognito.origin}${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) })
}

/** Tokens of a whole code flow. */
export async function tokensFor(cognito: Cognito, changes: Record<string, string | undefined> = {}, username = 'rosa'): Promise<Json> {
  const code = await codeFor(cognito, changes, username)
  const response = await post(cognito, '/oauth2/token', { grant_type: 'authorization_code', code, redirect_uri: CALLBACK }, WEB)
  return response.json()
}
