/** An MCP client that signs its user in, step by step. */
import { createHash } from 'node:crypto'
import { type LoginWorld, PATHS, walk } from '../support/login_world.ts'
import type { Browser, Visit } from '../support/visitor.ts'

export const VERIFIER = 'pQ3v7Zk1XnR8sT2uW5yB9cD4eF6gH0jLmNoPaSbVxYz'
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')
export const CALLBACK = 'http://127.0.0.1:41234/callback'
export const STATE = 'state-of-the-client'

type Changes = Record<string, string | null>

const without = (values: Changes): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null))

/** The authorization request of a good client; null leaves a parameter out. */
export function authorizeUrl(w: LoginWorld, changes: Changes = {}): string {
  const query = {
    response_type: 'code',
    client_id: 'web',
    redirect_uri: CALLBACK,
    state: STATE,
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: 'S256',
    scope: 'test/list',
    resource: `${w.url}/currenttime/mcp`,
    ...changes,
  }
  return `${w.url}/oauth2/authorize?${new URLSearchParams(without(query))}`
}

export const ask = (w: LoginWorld, browser: Browser, changes: Changes = {}): Promise<Visit> => browser.get(authorizeUrl(w, changes))

/** What the page's button sends. */
export const requestOf = ({ body }: Visit): string => /name="request" value="([^"]*)"/.exec(body)?.[1] ?? ''

export const allow = (w: LoginWorld, browser: Browser, request: string, headers: Changes = {}): Promise<Visit> =>
  browser.post(`${w.url}/oauth2/consent`, { request }, headers)

/** The address by which Cognito sends the user back to the gateway; not opened yet. */
export async function reachCallback(w: LoginWorld, browser: Browser, username = 'rosa', changes: Changes = {}): Promise<URL> {
  const page = await ask(w, browser, changes)
  const first = page.location === null ? await allow(w, browser, requestOf(page)) : page
  const visits = await walk(browser, first, username, w.url + PATHS.clients)
  const { asked, status, location, body } = visits.at(-1) as Visit
  if (location === null) throw new Error(`the way ended at ${asked}: ${status} ${body.slice(0, 300)}`)
  return new URL(location)
}

/** What the client hears in the end: the parameters at its callback. */
export async function reachClient(w: LoginWorld, browser: Browser, username = 'rosa', changes: Changes = {}): Promise<URLSearchParams> {
  const { location, body } = await browser.get((await reachCallback(w, browser, username, changes)).href)
  if (location === null) throw new Error(`no way back to the client: ${body.slice(0, 300)}`)
  return new URL(location).searchParams
}

export const postForm = (w: LoginWorld, path: string, form: Changes, headers: Changes = {}): Promise<Visit> =>
  w.browser().post(w.url + path, without(form), { origin: null, 'sec-fetch-site': null, accept: 'application/json', ...headers })

/** What a good client sends for its tokens. */
export const redeem = (w: LoginWorld, code: string, changes: Changes = {}): Promise<Visit> =>
  postForm(w, '/oauth2/token', {
    grant_type: 'authorization_code',
    code,
    client_id: 'web',
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
    resource: `${w.url}/currenttime/mcp`,
    ...changes,
  })

/** Registers; gives status and members. */
export async function register(w: LoginWorld, metadata: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${w.url}/oauth2/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** Signs a user in for a client; gives the token endpoint's answer. */
export async function tokens(w: LoginWorld, username = 'rosa', changes: Changes = {}): Promise<Record<string, unknown>> {
  const code = (await reachClient(w, w.browser(), username, changes)).get('code') ?? ''
  const { client_id = 'web', redirect_uri = CALLBACK, resource = `${w.url}/currenttime/mcp` } = changes
  const { status, body } = await redeem(w, code, { client_id, redirect_uri, resource })
  if (status !== 200) throw new Error(`no tokens: ${status} ${body}`)
  return JSON.parse(body) as Record<string, unknown>
}
