/** A program on the user's computer that asks for a session, step by step. */
import { createHash } from 'node:crypto'
import { type LoginWorld, PATHS, reachCallback } from '../support/login_world.ts'
import type { Browser, Visit } from '../support/visitor.ts'

export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')
export const PROGRAM = 'http://127.0.0.1:41234/callback'
export const STATE = 'state-of-the-program_0123456789'

/** The parameters of a program's request. */
export const REQUEST = { redirect_uri: PROGRAM, code_challenge: challengeOf(VERIFIER), code_challenge_method: 'S256', state: STATE }

/** The page that asks for consent, reached by a whole login. */
export async function reachConsent(
  w: LoginWorld,
  browser: Browser,
  username = 'rosa',
  request: Record<string, string> = REQUEST,
): Promise<Visit> {
  return browser.get((await reachCallback(w, browser, username, request)).href)
}

/** What the button sends. */
export const grantOf = ({ body }: Visit): string => /name="grant" value="([^"]*)"/.exec(body)?.[1] ?? ''

/** The answer to the button. */
export const allow = (w: LoginWorld, browser: Browser, grant: string, headers: Record<string, string | null> = {}): Promise<Visit> =>
  browser.post(`${w.url}/oauth2/handover`, { grant }, headers)

export async function reachCode(
  w: LoginWorld,
  browser: Browser,
  username = 'rosa',
  request: Record<string, string> = REQUEST,
): Promise<string> {
  const { location } = await allow(w, browser, grantOf(await reachConsent(w, browser, username, request)))
  return new URL(location ?? 'http://no.code').searchParams.get('code') ?? ''
}

/** What a program sends to get its session; null leaves a field out. */
export function redeem(w: LoginWorld, code: string, changes: Record<string, string | null> = {}): Promise<Visit> {
  const all = { grant_type: 'authorization_code', code, redirect_uri: PROGRAM, code_verifier: VERIFIER, ...changes }
  const form = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null))
  return w.browser().post(`${w.url}/oauth2/session`, form, { origin: null, 'sec-fetch-site': null, accept: 'application/json' })
}

export const begin = (w: LoginWorld, browser: Browser, query: URLSearchParams | string): Promise<Visit> =>
  browser.get(`${w.url}${PATHS.login}?${query}`)
