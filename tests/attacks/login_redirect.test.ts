/** Where the gateway sends browsers: to the pool, or to itself, whatever it is asked and under whatever name. */
import * as assert from '../support/assert.ts'
import { type LoginWorld, login, PATHS, SESSION, startLoginWorld, whoAmI } from '../support/login_world.ts'
import type { Browser, Visit } from '../support/visitor.ts'
import { KEPT, REFUSED, refusedAt } from './addresses.ts'
import { attackSuite } from './attack_suite.ts'
import { plant, underWay } from './callback_case.ts'
import { logProblems } from './login_case.ts'

const redirects = attackSuite('where a browser is sent')
let world: LoginWorld
let rosa: Browser
redirects.before(async () => {
  world = await startLoginWorld()
  rosa = world.browser()
  await login(world, rosa)
})
redirects.after(() => world?.close())

const refused = (): string[] => [...REFUSED, ...refusedAt(world.url)]
const kept = (): [string, string][] => [
  ...KEPT.map((path): [string, string] => [path, path]),
  ...KEPT.map((path): [string, string] => [world.url + path, path]),
]

/** Several at a time: there are many. */
async function each<T>(values: readonly T[], look: (value: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < values.length; at += 16) await Promise.all(values.slice(at, at + 16).map(look))
}

const seen = ({ status, location }: Visit): string => `${status} ${location}`
const errandOf = async (query: string): Promise<unknown> => {
  const browser = world.browser()
  const { location } = await browser.get(`${world.url}${PATHS.login}?${query}`)
  assert.ok(location?.startsWith(`${world.domain}/oauth2/authorize?`), `${query}: ${location}`)
  return (await underWay(world, browser)).data.errand
}

redirects('there are many addresses to try', () => assert.ok(refused().length > 600, String(refused().length)))

for (const name of ['redirect_uri', 'next']) {
  redirects(`204+205 ${name} at the sign-in page, for one who is signed in: no address of the list is gone to`, async () => {
    await each(refused(), async (address) => {
      const visit = await rosa.get(`${world.url}${PATHS.start}?${name}=${encodeURIComponent(address)}`)
      assert.is(seen(visit), '200 null', JSON.stringify(address))
    })
    await each(kept(), async ([address, path]) => {
      const visit = await rosa.get(`${world.url}${PATHS.start}?${name}=${encodeURIComponent(address)}`)
      assert.is(seen(visit), `302 ${path}`, address)
    })
  })

  redirects(`204+205 ${name} at the login: no address of the list is kept for afterwards`, async () => {
    await each(refused(), async (address) => {
      assert.equal(await errandOf(`${name}=${encodeURIComponent(address)}`), { next: null, handover: null }, JSON.stringify(address))
    })
    await each(kept(), async ([address, path]) => {
      assert.equal(await errandOf(`${name}=${encodeURIComponent(address)}`), { next: path, handover: null }, address)
    })
  })
}

redirects('204+205 the sign-in page shows no address of the list as a link, and no part of it as a tag', async () => {
  const stranger = world.browser()
  await each(refused(), async (address) => {
    const { body } = await stranger.get(`${world.url}${PATHS.start}?next=${encodeURIComponent(address)}`)
    assert.match(body, 'href="/oauth2/login/cognito"')
    assert.not.match(body, /evil|alert\(/, JSON.stringify(address))
  })
})

redirects('221 redirect_uri at the sign-out: an address of the list is refused, and nobody is signed out', async () => {
  await each(refused(), async (address) => {
    const url = `${world.url}${PATHS.logout}?redirect_uri=${encodeURIComponent(address)}`
    for (const visit of [await rosa.get(url), await rosa.post(url, {})]) {
      assert.is(seen(visit), '400 null', JSON.stringify(address))
      assert.equal(visit.cookies, [])
    }
  })
  assert.is((await whoAmI(world, rosa))?.user, 'rosa')
})

redirects('221 a planted cookie that says where to go after signing out leads to no address of the list', async () => {
  await each(
    refused().filter((address) => !/[\0-\x1f;\u0080-\uffff]/.test(address)),
    async (address) => {
      // As it is, a cookie's value is decoded once.
      const bare = address.trim() === address && !/["%]/.test(address) ? [address] : []
      for (const value of [...bare, encodeURIComponent(address)]) {
        const browser = world.browser()
        plant(world, browser, `${SESSION}_after_logout`, value)
        assert.is(seen(await browser.get(world.url + PATHS.signedOut)), '200 null', JSON.stringify(address))
      }
    },
  )
})

const QUERIES: [string, unknown][] = [
  ['redirect_uri=/a&next=/b', '/a'],
  ['next=/b&redirect_uri=/a', '/a'],
  ['redirect_uri=//evil.example&next=/b', null],
  ['redirect_uri=/a&redirect_uri=//evil.example', '/a'],
  ['redirect_uri=//evil.example&redirect_uri=/a', null],
  ['redirect_uri=', null],
  ['next=', null],
  ['redirect_uri[]=/a', null],
  ['Next=/a', null],
  ['return_to=/a&url=/a&continue=/a', null],
  [`redirect_uri=/${'a'.repeat(255)}`, `/${'a'.repeat(255)}`],
  [`redirect_uri=/${'a'.repeat(256)}`, null],
  ['redirect_uri=%2Fa%3Fb%3D%2520', '/a?b=%20'],
  ['redirect_uri=%252Fa', null],
  ['redirect_uri=%ff/a', null],
  ['redirect_uri=/%', null],
]
for (const [query, next] of QUERIES) {
  redirects(`207 ${query.slice(0, 60)} leads to ${String(next).slice(0, 20)}`, async () => {
    assert.equal(await errandOf(query), { next, handover: null })
  })
}

for (const path of ['/currenttime/mcp?a=1&b=%20+x', '/', '/a?next=//evil.example']) {
  redirects(`207 a whole login that began with ${path} ends there`, async () => {
    const browser = world.browser()
    assert.is(seen(await login(world, browser, 'rosa', { redirect_uri: path })), `302 ${path}`)
  })
}

const SPOOFS: Record<string, string>[] = [
  { host: 'evil.example' },
  { host: 'evil.example:80' },
  { host: '[::1]' },
  { host: 'a.1' },
  { host: 'localhost.999' },
  { host: '1.2.3.4.5' },
  { host: 'xn--a' },
  { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443', 'x-forwarded-prefix': '/evil' },
  { forwarded: 'host=evil.example;proto=https' },
  { 'x-original-url': 'https://evil.example/', 'x-rewrite-url': '/evil', 'x-host': 'evil.example', 'x-http-host-override': 'evil.example' },
  { referer: 'https://evil.example/', origin: 'https://evil.example' },
]
for (const headers of SPOOFS) {
  redirects(`217 ${JSON.stringify(headers)} changes no address`, async () => {
    const { url, domain } = world
    const browser = world.browser()
    const began = await browser.get(`${url}${PATHS.login}?next=/a`, headers)
    assert.ok(began.location?.startsWith(`${domain}/oauth2/authorize?`), seen(began))
    assert.is(new URL(began.location ?? '').searchParams.get('redirect_uri'), url + PATHS.callback)
    for (const path of ['/', '/oauth2']) assert.is(seen(await browser.get(url + path, headers)), '302 /oauth2/', path)
    assert.is(seen(await rosa.get(`${url}${PATHS.start}?next=/a`, headers)), '302 /a')
    assert.is(seen(await rosa.get(`${url}/mcpgw/mcp`, headers)).slice(0, 3), '403', 'a good session is not sent to sign in')
    assert.is((await browser.get(url + PATHS.start, headers)).body.includes('evil.example'), false)
    const access = await rosa.get(url + PATHS.start, headers)
    assert.match(access.body, `${url}/currenttime/mcp`)
    assert.not.match(access.body, 'evil.example')
  })
}

redirects('nothing of it is in any log', () => assert.equal(logProblems(world), []))
redirects.run()
