/** Behind https: every cookie has the prefix that keeps sibling domains from planting it, and no other name counts. */
import * as assert from '../support/assert.ts'
import { sealFor } from '../support/gateway.ts'
import { type LoginWorld, login, PATHS, reachCallback, SESSION, startLoginWorld, whoAmI } from '../support/login_world.ts'
import { attackSuite } from './attack_suite.ts'
import { plant } from './callback_case.ts'
import { logProblems } from './login_case.ts'

const https = attackSuite('login behind https')
const URL_OF_GATEWAY = 'https://mcp.example.test'
const NAME = `__Host-${SESSION}`
const COMMON = 'Path=/; HttpOnly; Secure; SameSite=Lax'

let world: LoginWorld
https.before(async () => {
  world = await startLoginWorld({ env: { REGISTRY_URL: URL_OF_GATEWAY } })
})
https.after(() => world?.close())

https('203 every cookie has the prefix, Secure, HttpOnly, SameSite=Lax, Path=/ and no Domain', async () => {
  const browser = world.browser()
  const begun = await browser.get(URL_OF_GATEWAY + PATHS.login)
  assert.match(begun.cookies[0]?.name ?? '', new RegExp(`^${NAME}_login_[A-Za-z0-9_-]{16}$`))
  assert.equal(
    begun.cookies.map(({ attributes }) => attributes),
    [`Max-Age=600; ${COMMON}`],
  )
  const { cookies } = await login(world, browser, 'rosa', { redirect_uri: '/currenttime/' })
  assert.equal(
    cookies.map(({ attributes }) => attributes),
    [`Max-Age=0; ${COMMON}`, `Max-Age=28800; ${COMMON}`],
  )
  assert.is(cookies[1]?.name, NAME)
  assert.is((await whoAmI(world, browser))?.user, 'rosa')
  const out = await browser.post(`${URL_OF_GATEWAY}${PATHS.logout}?redirect_uri=/a`, {})
  assert.equal(
    out.cookies.map(({ name, attributes }) => `${name}; ${attributes}`),
    [`${NAME}; Max-Age=0; ${COMMON}`, `${NAME}_after_logout; Max-Age=300; ${COMMON}`],
  )
})

https('217 the address that the pool sends back to is the one that is configured', async () => {
  const { location } = await world.browser().get(URL_OF_GATEWAY + PATHS.login)
  assert.is(new URL(location ?? '').searchParams.get('redirect_uri'), URL_OF_GATEWAY + PATHS.callback)
})

https('197 a good seal under the name without the prefix is no session, and no second one', async () => {
  const browser = world.browser()
  plant(world, browser, SESSION, await sealFor(['admins'], 'admin', 3600))
  assert.is(await whoAmI(world, browser), null)
  assert.is((await login(world, browser)).status, 302)
  assert.is((await whoAmI(world, browser))?.user, 'rosa')
})

https('209 a login under the name without the prefix is none', async () => {
  const browser = world.browser()
  const url = await reachCallback(world, browser)
  const held = browser.jar.get(url.hostname) ?? new Map()
  for (const [name, value] of [...held]) {
    held.delete(name)
    held.set(name.replace('__Host-', ''), value)
  }
  const { status } = await browser.get(url.href)
  assert.is(status, 400)
  assert.is(world.exchanges.length, 2, 'those of the logins before')
  assert.is(await whoAmI(world, browser), null)
})

for (const origin of [
  'http://mcp.example.test',
  'https://mcp.example.test:8443',
  'https://mcp.example.test.',
  'https://MCP.example.test',
]) {
  https(`220 a sign-out from a page of ${origin} does nothing`, async () => {
    const browser = world.browser()
    await login(world, browser)
    assert.is((await browser.post(URL_OF_GATEWAY + PATHS.logout, {}, { origin })).status, 403)
    assert.is((await whoAmI(world, browser))?.user, 'rosa')
  })
}

https('no secret is in any log', () => assert.equal(logProblems(world), []))
https.run()
