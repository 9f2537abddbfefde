/** The callback of a login: it counts in the browser that began it, once, for ten minutes, with its own code. */
import { now } from '../support/issuer.ts'
import { reachCallback, SESSION } from '../support/login_world.ts'
import type { Visit } from '../support/visitor.ts'
import { altered, callback, parameters, plant, refused, resealed, SIGNED_IN, UNKNOWN, underWay } from './callback_case.ts'
import { type LoginCase, runLoginTable } from './login_case.ts'

const OTHER = 'A'.repeat(43)
const lastChanged = (text: string): string => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')

const STATES: LoginCase[] = [
  callback('209', 'the untouched callback', (url) => url.href, SIGNED_IN),
  parameters('209', 'no state', { state: null }, UNKNOWN),
  ...['', 'x', OTHER, '__proto__', '../../etc', `${OTHER}${OTHER}`, 'A'.repeat(4000), `${OTHER}\n`, ' '].map((state) =>
    parameters('209', `the state ${JSON.stringify(state.slice(0, 50))}`, { state }, UNKNOWN),
  ),
  callback(
    '209',
    'a state whose last character differs',
    (url) => altered(url, { state: lastChanged(url.searchParams.get('state') ?? '') }),
    UNKNOWN,
  ),
  callback('209', 'a state with a newline behind', (url) => altered(url, { state: `${url.searchParams.get('state')}\n` }), UNKNOWN),
  callback(
    '209',
    'the state in small letters',
    (url) => altered(url, { state: `${url.searchParams.get('state')?.toLowerCase()}` }),
    UNKNOWN,
  ),
  callback('209', 'the state under another name', (url) => url.href.replace('state=', 'State='), UNKNOWN),
  callback('209', 'the state as a list', (url) => url.href.replace('state=', 'state[]='), UNKNOWN),
  callback('209', 'the wrong state before the right one', (url) => url.href.replace('state=', `state=${OTHER}&state=`), UNKNOWN),
  callback('209', 'the wrong state behind the right one', (url) => `${url}&state=${OTHER}`, refused('answer_invalid')),
  {
    id: '209',
    name: 'the callback of another browser',
    attack: async (w, browser) => browser.get((await reachCallback(w, w.browser(), 'admin')).href),
    ...UNKNOWN,
  },
  {
    id: '209',
    name: 'the callback of another browser, while the own login is under way, which goes on',
    attack: async (w, browser) => {
      const own = await reachCallback(w, browser)
      const answer = await browser.get((await reachCallback(w, w.browser(), 'admin')).href)
      await browser.get(own.href)
      return answer
    },
    ...UNKNOWN,
    exchanges: 1,
    session: 'rosa',
  },
  {
    id: '209',
    name: 'the callback of another browser, with the cookie of the own login under its name',
    attack: async (w, browser) => {
      await reachCallback(w, browser)
      const own = await underWay(w, browser)
      const other = w.browser()
      const url = await reachCallback(w, other, 'admin')
      plant(w, browser, (await underWay(w, other)).name, own.text)
      return browser.get(url.href)
    },
    ...UNKNOWN,
  },
]

/** Ten minutes, and once. */
const AGAIN: LoginCase[] = [
  {
    id: '210',
    name: 'the same callback a second time',
    attack: async (w, browser) => {
      const url = await reachCallback(w, browser)
      await browser.get(url.href)
      return browser.get(url.href)
    },
    ...UNKNOWN,
    exchanges: 1,
    session: 'rosa',
  },
  {
    id: '210',
    name: 'the same callback a second time, with the cookie that somebody has kept',
    attack: async (w, browser) => {
      const first = w.browser()
      const url = await reachCallback(w, first)
      const { name, text } = await underWay(w, first)
      await first.get(url.href)
      plant(w, browser, name, text)
      return browser.get(url.href)
    },
    ...refused('login_used', 1),
  },
  {
    id: '210',
    name: 'a failed callback a second time, with the cookie that somebody has kept',
    attack: async (w, browser) => {
      const first = w.browser()
      const url = await reachCallback(w, first)
      const { name, text } = await underWay(w, first)
      await first.get(altered(url, { code: null, error: 'access_denied' }))
      plant(w, browser, name, text)
      return browser.get(url.href)
    },
    ...refused('login_used'),
  },
  {
    id: '210',
    name: 'the same callback eight times at once, of which one counts',
    attack: async (w, browser) => {
      const url = await reachCallback(w, browser)
      const { cookiesFor, get } = browser
      const cookie = cookiesFor(url.href)
      const answers = await Promise.all(Array.from({ length: 8 }, () => get(url.href, { cookie })))
      const good = answers.filter(({ status }) => status === 302)
      const bad = answers.find(({ status }) => status !== 302) as Visit
      return { ...bad, body: `${good.length} counted` }
    },
    ...refused('login_used', 1),
    session: 'rosa',
    check: ({ body }) => (body === '1 counted' ? undefined : body),
  },
  ...[0, 1, 61, 86_400].map((seconds) =>
    resealed('210', `a login that ended ${seconds} s ago`, () => ({ expiresAt: now() - seconds }), refused('login_expired')),
  ),
  resealed('210', 'a login that ends in some seconds', () => ({ expiresAt: now() + 10 }), SIGNED_IN),
]

const CODES: LoginCase[] = [
  {
    id: '211',
    name: 'a code that was used, in another login of the same browser',
    attack: async (w, browser) => {
      const first = await reachCallback(w, browser)
      await browser.get(first.href)
      browser.jar.get(first.hostname)?.delete(SESSION)
      return browser.get(altered(await reachCallback(w, browser), { code: first.searchParams.get('code') }))
    },
    ...refused('invalid_grant', 2),
  },
  {
    id: '211',
    name: 'the code of another user, put into the own login',
    attack: async (w, browser) => {
      const theirs = await reachCallback(w, w.browser(), 'admin')
      return browser.get(altered(await reachCallback(w, browser), { code: theirs.searchParams.get('code') }))
    },
    ...refused('invalid_grant', 1),
  },
  parameters('211', 'a code that nobody has given', { code: '8f7e6d5c-0000-4000-8000-000000000000' }, refused('invalid_grant', 1)),
  resealed('212', 'another verifier', ({ begun }) => ({ begun: { ...begun, verifier: 'x'.repeat(43) } }), refused('invalid_grant', 1)),
  resealed('213', 'another nonce', ({ begun }) => ({ begun: { ...begun, nonce: 'x'.repeat(43) } }), refused('answer_invalid', 1)),
  resealed('213', 'no nonce', ({ begun }) => ({ begun: { ...begun, nonce: undefined } }), refused('answer_invalid', 1)),
]

runLoginTable('the callback of a login', [...STATES, ...AGAIN, ...CODES])
