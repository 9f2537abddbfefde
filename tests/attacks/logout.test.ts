/** Signing out: by the user's own will alone, and then for every copy of the session. */
import { call, post } from '../support/gateway.ts'
import { now } from '../support/issuer.ts'
import { type LoginWorld, login, PATHS, SESSION, seal } from '../support/login_world.ts'
import type { Browser, Visit } from '../support/visitor.ts'
import { plant } from './callback_case.ts'
import { cookieWork, type LoginCase, runLoginTable } from './login_case.ts'

type Headers = Record<string, string | null>

/** What a session is good for, everywhere it counts. */
async function goodFor(w: LoginWorld, cookie: string): Promise<string> {
  const [called] = await w.gateway.raw(post('/currenttime/mcp', call('now'), { Cookie: cookie }))
  const me = await w.browser().get(`${w.url}/oauth2/whoami`, { cookie })
  const page = await w.browser().get(w.url + PATHS.start, { cookie })
  return `${called?.status} ${me.status} ${page.body.includes('Your access')}`
}
const GOOD = '200 200 true'
const ENDED = '401 401 false'

/** Rosa is signed in, and then this is done to her browser; `answer.body` gets what her old cookie is good for. */
const signedIn = (
  id: string,
  name: string,
  act: (w: LoginWorld, browser: Browser) => Promise<Visit>,
  expected: Partial<LoginCase>,
): LoginCase => {
  let cookie = ''
  return {
    id,
    name,
    attack: async (w, browser) => {
      await login(w, browser)
      cookie = browser.cookiesFor(w.url)
      return act(w, browser)
    },
    exchanges: 1,
    session: 'rosa',
    status: 200,
    ...expected,
    check: async (answer, w, browser) => {
      const seen = await goodFor(w, cookie)
      const wanted = expected.session === null ? ENDED : GOOD
      if (seen !== wanted) return `the old cookie is good for ${seen} instead of ${wanted}`
      return expected.check?.(answer, w, browser)
    },
  }
}

const CROSS_SITE: Partial<LoginCase> = { status: 403, reason: 'cross_site' }
const cognitoLogout = (location: string, { domain, url }: LoginWorld): boolean =>
  location === `${domain}/logout?client_id=web&logout_uri=${encodeURIComponent(url + PATHS.signedOut)}`
const OUT = { status: 303, location: cognitoLogout, cookies: ['-session'], session: null } satisfies Partial<LoginCase>

const signOut =
  (headers: Headers, query = '', form: Record<string, string> = {}) =>
  (w: LoginWorld, browser: Browser) =>
    browser.post(w.url + PATHS.logout + query, form, headers)

const ORIGINS: [string, Headers][] = [
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['another site that says it is this one', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  ['a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['a sandbox of this site', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
  ['another port', { origin: 'http://localhost:1' }],
  ['another scheme', { origin: 'https://localhost' }],
  ['no port', { origin: 'http://localhost' }],
  ['an address that begins like this one', { origin: 'http://localhost.evil.example' }],
  ['nobody who says so, with Sec-Fetch-Site cross-site', { origin: null, 'sec-fetch-site': 'cross-site' }],
  ['nobody who says so, with Sec-Fetch-Site same-site', { origin: null, 'sec-fetch-site': 'same-site' }],
  ['nobody who says so, with Sec-Fetch-Site none', { origin: null, 'sec-fetch-site': 'none' }],
  ['nobody who says so', { origin: null, 'sec-fetch-site': null }],
  ['nobody who says so, with a Referer of this site', { origin: null, 'sec-fetch-site': null, referer: 'http://localhost/' }],
  ['an empty origin', { origin: '', 'sec-fetch-site': 'cross-site' }],
]

const LINKS: Headers[] = [{}, { 'sec-fetch-dest': 'image', accept: 'image/*' }, { 'sec-fetch-site': 'cross-site' }, { purpose: 'prefetch' }]

const FOREIGN: LoginCase[] = [
  ...ORIGINS.map(([name, headers]) => signedIn('220', `a form of ${name}`, signOut(headers), CROSS_SITE)),
  ...ORIGINS.slice(0, 3).map(([name, headers]) =>
    signedIn('220', `a program in a page of ${name}`, signOut({ ...headers, accept: 'application/json' }), {
      ...CROSS_SITE,
      check: ({ body }) => (JSON.parse(body).reason === 'cross_site' ? undefined : body),
    }),
  ),
  signedIn(
    '220',
    'this origin and another one',
    (w, browser) => signOut({ origin: `${w.url}, https://evil.example` })(w, browser),
    CROSS_SITE,
  ),
  signedIn('220', 'this origin with a slash', (w, browser) => signOut({ origin: `${w.url}/` })(w, browser), CROSS_SITE),
  signedIn(
    '220',
    'this origin in a Host that is not this one',
    signOut({ host: 'evil.example', origin: 'http://evil.example' }),
    CROSS_SITE,
  ),
  ...LINKS.map((headers) =>
    signedIn('220', `a link or an image: ${JSON.stringify(headers)}`, (w, browser) => browser.get(w.url + PATHS.logout, headers), {
      check: ({ body }) => (body.includes('Sign out?') && body.includes('method="post"') ? undefined : 'it does not ask'),
    }),
  ),
  signedIn(
    '220',
    'a link with _method',
    (w, browser) => browser.get(`${w.url}${PATHS.logout}?_method=POST`, { 'x-http-method-override': 'POST' }),
    {},
  ),
  signedIn('220', 'the page behind the sign-out', (w, browser) => browser.get(w.url + PATHS.signedOut), {
    status: 302,
    location: PATHS.logout,
  }),
  signedIn('221', 'an address of somebody else', signOut({}, '?redirect_uri=http://evil'), {
    status: 400,
    reason: 'redirect_not_allowed',
  }),
]

const backTo = async (w: LoginWorld, browser: Browser, first: Visit): Promise<string> => {
  const atPool = await browser.get(first.location ?? '')
  const back = await browser.get(atPool.location ?? '')
  const signedOut = await browser.get(back.location ?? '')
  return `${back.location === w.url + PATHS.signedOut} ${signedOut.status} ${signedOut.location} ${cookieWork(signedOut)}`
}

const OWN: LoginCase[] = [
  signedIn('202', 'the own form', signOut({}), OUT),
  signedIn('202', 'the own form, in a browser that leaves Origin out', signOut({ origin: null }), OUT),
  signedIn('202', 'a program with Origin', signOut({ 'sec-fetch-site': null, accept: 'application/json' }), {
    cookies: ['-session'],
    session: null,

    check: ({ body, location }, w) => {
      const { username, logout_url } = JSON.parse(body)
      return location === null && username === 'rosa' && cognitoLogout(logout_url, w) ? undefined : body
    },
  }),
  signedIn('202', 'the way over the pool, and to a path of the gateway', signOut({}, '?redirect_uri=/currenttime/%3Fa=1'), {
    ...OUT,
    cookies: ['-session', 'after_logout'],
    check: async (answer, w, browser) => {
      const seen = await backTo(w, browser, answer)
      if (seen !== 'true 302 /currenttime/?a=1 -after_logout') return seen
      const again = await browser.get(w.url + PATHS.signedOut)
      return again.status === 200 ? undefined : 'a second time too'
    },
  }),
  signedIn('202', 'the way over the pool, and to nowhere', signOut({}), {
    ...OUT,
    check: async (answer, w, browser) => {
      const seen = await backTo(w, browser, answer)
      return seen === 'true 200 null ' ? undefined : seen
    },
  }),
  signedIn(
    '202',
    'twice',
    async (w, browser) => {
      const cookie = browser.cookiesFor(w.url)
      await signOut({})(w, browser)
      return signOut({ cookie })(w, browser)
    },
    OUT,
  ),
  signedIn(
    '202',
    'one session of two: the other one of the same user stays',
    async (w, browser) => {
      const other = w.browser()
      await login(w, other)
      const answer = await signOut({})(w, browser)
      return { ...answer, body: await goodFor(w, other.cookiesFor(w.url)) }
    },
    { ...OUT, exchanges: 2, check: ({ body }) => (body === GOOD ? undefined : `the other session is good for ${body}`) },
  ),
]

const STRANGERS: LoginCase[] = [
  { id: '202', name: 'somebody without a session', attack: (w, browser) => signOut({})(w, browser), ...OUT },
  {
    id: '202',
    name: 'somebody with a session of another key',
    attack: (w, browser) => {
      plant(w, browser, SESSION, 'Fe26.2*1*a*b*c**d*e~2')
      return signOut({})(w, browser)
    },
    ...OUT,
  },
  {
    id: '202',
    name: 'a session that has expired',
    attack: async (w, browser) => {
      const session = { id: 'x', username: 'rosa', clientId: 'web', groups: [], issuedAt: now() - 9, expiresAt: now() - 1 }
      plant(w, browser, SESSION, await seal('session', session))
      return signOut({ accept: 'application/json' })(w, browser)
    },
    status: 401,
    cookies: ['-session'],
  },
]

runLoginTable('signing out', [...FOREIGN, ...OWN, ...STRANGERS])
