import { Hono } from 'hono'
import type { BegunLogin } from '../../src/cognito/login.ts'
import { keepBegun, type Taken, takeBegun, useOnce } from '../../src/login/begun.ts'
import type { LoginService } from '../../src/login/service.ts'
import { createMemoryStore, type EndedSessions, StoreUnavailable } from '../../src/session/ended.ts'
import { createSealer } from '../../src/session/seal.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const begun = suite('a login that was begun')

const NOW = 1_800_000_000
const NAME = '__Host-mcp_gateway_session'
const sealer = createSealer(['5f1d7a0c93be4826d1f0a7c4e8b29360'])
const loginOf = (sign: string): BegunLogin => ({ state: sign.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) })
const ERRAND = { next: '/currenttime/', handover: null }

interface Setup {
  ended?: EndedSessions
  whenUnknown?: 'closed' | 'open'
  at?: number
}

const serviceOf = ({ ended = createMemoryStore(() => NOW), whenUnknown = 'closed', at = NOW }: Setup = {}): LoginService =>
  ({ cookieName: NAME, gateway: 'https://mcp.example.com', sealer, ended, whenUnknown, now: () => at }) as unknown as LoginService

/** Does something with a request that has these cookies; gives what came of it and which cookies were set. */
async function within<T>(
  cookie: string,
  act: (c: Parameters<typeof takeBegun>[0]) => Promise<T>,
): Promise<{ result: T; cookies: string[] }> {
  let result: T | undefined
  const app = new Hono().get('/', async (c) => {
    result = await act(c)
    return c.body(null)
  })
  const response = await app.request('https://mcp.example.com/', { headers: { cookie } })
  return { result: result as T, cookies: response.headers.getSetCookie() }
}

/** The cookie of a login, as the browser sends it. */
const kept = async (login: BegunLogin): Promise<string> => {
  const { cookies } = await within('', (c) => keepBegun(c, serviceOf(), login, ERRAND))
  return cookies[0]?.split(';')[0] ?? ''
}
const take = async (login: BegunLogin, setup: Setup = {}): Promise<{ result: Taken; cookies: string[] }> => {
  const cookie = await kept(login)
  return within(cookie, (c) => takeBegun(c, serviceOf(setup), login.state))
}
const said = (taken: Taken): string => (taken.ok ? 'taken' : taken.reason)
const away = (error: Error): EndedSessions => ({ ...createMemoryStore(() => NOW), note: () => Promise.reject(error) })

begun('comes back as it was, and is removed', async () => {
  const { result, cookies } = await take(loginOf('a'))
  assert.equal(result, { ok: true, begun: loginOf('a'), errand: ERRAND })
  assert.equal(cookies, [`${NAME}_login_${'a'.repeat(16)}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`])
})

for (const [seconds, expected] of [
  [0, 'taken'],
  [599.9, 'taken'],
  [600, 'login_expired'],
  [601, 'login_expired'],
  [659, 'login_expired'],
] as const) {
  begun(`is ${expected} after ${seconds} seconds`, async () => {
    assert.is(said((await take(loginOf('a'), { at: NOW + seconds })).result), expected)
  })
}

begun('works once, though its cookie comes back', async () => {
  const ended = createMemoryStore(() => NOW)
  assert.is(said((await take(loginOf('a'), { ended })).result), 'taken')
  assert.is(said((await take(loginOf('a'), { ended })).result), 'login_used')
  assert.is(said((await take(loginOf('b'), { ended })).result), 'taken')
})

begun('is not taken by a state that begins like its own, and stays', async () => {
  const cookie = await kept(loginOf('a'))
  const state = `${'a'.repeat(42)}b`
  const { result, cookies } = await within(cookie, (c) => takeBegun(c, serviceOf(), state))
  assert.equal([said(result), cookies], ['login_unknown', []])
})

begun('while the store is away it is not taken, or taken when that is asked for', async () => {
  const ended = away(new StoreUnavailable('away'))
  const shut = await take(loginOf('a'), { ended })
  assert.is(said(shut.result), 'store_unavailable')
  assert.is(shut.cookies.length, 1, 'it may have been noted all the same')
  assert.is(said((await take(loginOf('a'), { ended, whenUnknown: 'open' })).result), 'taken')
  assert.is(await useOnce(serviceOf({ ended, whenUnknown: 'open' }), 'x', NOW + 1), null)
})

begun('a fault of the store is no login, whatever is asked for', async () => {
  for (const whenUnknown of ['closed', 'open'] as const) {
    const outcome = await useOnce(serviceOf({ ended: away(new Error('fault')), whenUnknown }), 'x', NOW + 1).catch(({ message }) => message)
    assert.is(outcome, 'fault')
  }
})

const others = (count: number): string =>
  Array.from({ length: count }, (_, at) => `${NAME}_login_${String(at).padStart(16, '0')}=x`).join('; ')
for (const [count, removed] of [
  [0, 0],
  [3, 0],
  [4, 1],
  [6, 3],
] as const) {
  begun(`beside ${count} others the ${removed} oldest are forgotten`, async () => {
    const { cookies } = await within(`a=1; ${NAME}=x; ${others(count)}`, (c) => keepBegun(c, serviceOf(), loginOf('a'), ERRAND))
    const names = cookies.map((line) => line.slice(0, line.indexOf('=')))
    const oldest = Array.from({ length: removed }, (_, at) => `${NAME}_login_${String(at).padStart(16, '0')}`)
    assert.equal(names, [...oldest, `${NAME}_login_${'a'.repeat(16)}`])
  })
}

begun.run()
