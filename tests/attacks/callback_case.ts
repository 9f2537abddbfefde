/** Cases in which a login was begun, and its end is changed: the address that the browser comes back to, or what it holds. */
import { LOGIN_REASONS, type LoginReason } from '../../src/cognito/login_reasons.ts'
import { type LoginWorld, reachCallback, SESSION, seal, unseal } from '../support/login_world.ts'
import type { Browser } from '../support/visitor.ts'
import type { LoginCase } from './login_case.ts'

type Expected = Partial<LoginCase> & Pick<LoginCase, 'status'>

/** The answer to a failed login, which is taken out of the browser. */
export const refused = (reason: LoginReason, exchanges = 0): Expected => ({
  status: LOGIN_REASONS[reason].status,
  reason,
  cookies: ['-login'],
  exchanges,
})

/** The answer where the browser has no such login; what else it has under way stays. */
export const UNKNOWN: Expected = { ...refused('login_unknown'), cookies: [] }

export const SIGNED_IN: Expected = { status: 302, location: '/oauth2/', cookies: ['-login', 'session'], exchanges: 1, session: 'rosa' }

/** The address with other parameters; null takes one out. */
export function altered(url: URL | string, changes: Record<string, string | null>): string {
  const other = new URL(url)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) other.searchParams.delete(name)
    else other.searchParams.set(name, value)
  }
  return other.href
}

/** A login whose callback is changed before the browser opens it. */
export const callback = (id: string, name: string, change: (url: URL) => string, expected: Expected): LoginCase => ({
  id,
  name,
  attack: async (w, browser) => browser.get(change(await reachCallback(w, browser))),
  ...expected,
})

export const parameters = (id: string, name: string, changes: Record<string, string | null>, expected: Expected): LoginCase =>
  callback(id, name, (url) => altered(url, changes), expected)

interface UnderWay {
  begun: Record<string, string>
  errand: Record<string, unknown>
  expiresAt: number
}

/** The oldest login under way in a browser: name and value of its cookie, and what is sealed in it. */
export async function underWay(w: LoginWorld, browser: Browser): Promise<{ name: string; text: string; data: UnderWay }> {
  const held = [...(browser.jar.get(new URL(w.url).hostname) ?? [])].find(([key]) => key.includes(`${SESSION}_login_`))
  if (held === undefined) throw new Error('no login is under way')
  const [name, text] = held
  return { name, text, data: (await unseal('login', text)) as unknown as UnderWay }
}

/** Puts a cookie into the browser, as whoever holds the browser can. */
export function plant(w: LoginWorld, browser: Browser, name: string, value: string): void {
  const { hostname } = new URL(w.url)
  browser.jar.set(hostname, (browser.jar.get(hostname) ?? new Map()).set(name, value))
}

/** A login of which the browser holds something else than what the gateway has sealed. */
export const resealed = (id: string, name: string, change: (data: UnderWay) => object, expected: Expected): LoginCase => ({
  id,
  name,
  attack: async (w, browser) => {
    const url = await reachCallback(w, browser)
    const { name: cookie, data } = await underWay(w, browser)
    plant(w, browser, cookie, await seal('login', { ...data, ...change(data) }))
    return browser.get(url.href)
  },
  ...expected,
})
