/** The session that a login makes: new, with its attributes, for the one who signed in; and several logins side by side. */

import * as assert from '../support/assert.ts'
import { sealFor } from '../support/gateway.ts'
import { type LoginWorld, login, PATHS, reachCallback, SESSION, seal, startLoginWorld, unseal, whoAmI } from '../support/login_world.ts'
import { suite } from '../support/suite.ts'
import { plant, refused, SIGNED_IN, underWay } from './callback_case.ts'
import { type LoginCase, logProblems, runLoginTable } from './login_case.ts'

const ATTRIBUTES = 'Max-Age=28800; Path=/; HttpOnly; SameSite=Lax'
const OF_LOGIN = 'Max-Age=600; Path=/; HttpOnly; SameSite=Lax'
const REMOVED = 'Max-Age=0; Path=/; HttpOnly; SameSite=Lax'
/** The longest address that is kept through a login. */
const LONGEST = `/currenttime/?${'x'.repeat(242)}`

const FIXATION: LoginCase[] = [
  {
    id: '218',
    name: 'a session that somebody has planted before the login',
    attack: async (w, browser) => {
      plant(w, browser, SESSION, await sealFor(['admins'], 'admin', 3600))
      return login(w, browser)
    },
    ...SIGNED_IN,
    check: async ({ cookies }) => {
      const made = await unseal('session', cookies.find(({ name }) => name === SESSION)?.value ?? '')
      assert.is(made?.username, 'rosa')
      assert.match(String(made?.id), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    },
  },
  {
    id: '218',
    name: 'two logins of one user in one browser are two sessions',
    attack: async (w, browser) => {
      const [first, second] = [await login(w, browser), await login(w, browser)]
      const ids = await Promise.all([first, second].map(({ cookies }) => unseal('session', cookies.at(-1)?.value ?? '')))
      return { ...second, body: ids[0]?.id === ids[1]?.id ? 'the same' : '' }
    },
    ...SIGNED_IN,
    exchanges: 2,
    check: ({ body }) => body || undefined,
  },
  ...['', 'x', 'Fe26.2**', '"'].map(
    (value): LoginCase => ({
      id: '218',
      name: `a session cookie with the value ${JSON.stringify(value)} before the login`,
      attack: async (w, browser) => {
        plant(w, browser, SESSION, value)
        return login(w, browser)
      },
      ...SIGNED_IN,
    }),
  ),
  {
    id: '203',
    name: 'the cookies of a login, and their attributes',
    attack: async (w, browser) => {
      const begun = await browser.get(w.url + PATHS.login)
      assert.is(begun.cookies.length, 1)
      assert.is(begun.cookies[0]?.attributes, OF_LOGIN)
      assert.match(begun.cookies[0]?.name ?? '', /^mcp_gateway_session_login_[A-Za-z0-9_-]{16}$/)
      return login(w, browser)
    },
    ...SIGNED_IN,
    check: ({ cookies }) =>
      assert.equal(
        cookies.map(({ attributes }) => attributes),
        [REMOVED, ATTRIBUTES],
      ),
  },
]

const USERS: LoginCase[] = [
  ...['nobody', 'loner', 'admin'].map(
    (name): LoginCase => ({
      id: '201',
      name: `the user ${name} signs in, whatever that is good for`,
      attack: (w, browser) => login(w, browser, name),
      ...SIGNED_IN,
      session: name,
      check: async (_answer, w, browser) => {
        const { status } = await browser.get(`${w.url}/currenttime/mcp`, { accept: 'text/event-stream' })
        return status === (name === 'admin' ? 200 : 403) ? undefined : `status ${status} at currenttime`
      },
    }),
  ),
  ...['agent', 'web'].map(
    (name): LoginCase => ({
      id: '46',
      name: `a user named like the app client ${name}`,
      attack: (w, browser) => login(w, browser, name),
      ...refused('user_not_allowed', 1),
    }),
  ),
]

runLoginTable('the session of a login', [...FIXATION, ...USERS])

const tabs = suite('several logins in one browser')
let world: LoginWorld
tabs.before(async () => {
  world = await startLoginWorld()
})
tabs.after(() => world?.close())

const ORDERS = [
  [1, 2, 3, 4],
  [4, 3, 2, 1],
  [3, 1, 4, 2],
]
for (const order of ORDERS) {
  tabs(`of five the oldest is forgotten, the others end in the order ${order.join(' ')}, each where it wanted to go`, async () => {
    const browser = world.browser()
    const urls: URL[] = []
    for (let at = 0; at < 5; at += 1) urls.push(await reachCallback(world, browser, 'rosa', { redirect_uri: `/currenttime/?tab=${at}` }))
    assert.is((await browser.get((urls[0] as URL).href)).status, 400)
    for (const at of order) {
      const { status, location } = await browser.get((urls[at] as URL).href)
      assert.is(`${status} ${location}`, `302 /currenttime/?tab=${at}`)
    }
    assert.equal(
      [...(browser.jar.get('localhost') ?? [])].map(([name]) => name).filter((name) => name.includes('login')),
      [],
    )
    assert.is((await whoAmI(world, browser))?.user, 'rosa')
  })
}

tabs('twenty with the longest address beside the longest session fit into a header of NGINX', async () => {
  const browser = world.browser()
  plant(world, browser, SESSION, await longSession())
  for (let at = 0; at < 20; at += 1) {
    const { status, cookies } = await browser.get(`${world.url}${PATHS.login}?redirect_uri=${encodeURIComponent(LONGEST)}`)
    assert.is(status, 302)
    assert.ok(cookies.every(({ name, value }) => name.length + value.length < 4096))
    assert.ok(browser.cookiesFor(world.url).length < 14_000, 'room is left for other cookies')
  }
  const { data } = await underWay(world, browser)
  assert.is(data.errand.next, LONGEST)
})

/** As long as sessions become. */
async function longSession(): Promise<string> {
  const groups = 'x'.repeat(2600)
  return (await seal('session', { groups })).slice(0, 3800)
}

const PLANTED: [string, string[]][] = [
  ['three hundred logins', Array.from({ length: 300 }, (_, at) => `${SESSION}_login_${String(at).padStart(16, 'x')}=x`)],
  ['a hundred cookies of others', Array.from({ length: 100 }, (_, at) => `cookie-${at}=${'x'.repeat(20)}`)],
  ['logins under names that no cookie may have', ['(', '/', '[', '@', ':'].map((sign) => `${SESSION}_login_${sign}=x`)],
  ['logins under long names', Array.from({ length: 6 }, (_, at) => `${SESSION}_login_${at}${'x'.repeat(1500)}=x`)],
  ['logins under names out of the prototype', ['__proto__', 'constructor', 'a', 'b', 'c'].map((name) => `${SESSION}_login_${name}=x`)],
]
for (const [what, cookies] of PLANTED) {
  tabs(`${what} that somebody has planted keep nobody from signing in`, async () => {
    const browser = world.browser()
    for (const line of cookies) plant(world, browser, line.split('=')[0] ?? '', line.split('=')[1] ?? '')
    const { status, location } = await login(world, browser)
    assert.is(`${status} ${location}`, '302 /oauth2/')
    assert.is((await whoAmI(world, browser))?.user, 'rosa')
  })
}

tabs('no secret is in any log', () => assert.equal(logProblems(world), []))
tabs.run()
