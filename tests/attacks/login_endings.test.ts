/** Sessions and logins that must be over: revoked while a program waits for consent, doubled, replaced; and an answer without end. */

import { sealRevocation } from '../../src/session/order.ts'
import { createSealer } from '../../src/session/seal.ts'
import * as assert from '../support/assert.ts'
import { SECRET_KEY } from '../support/gateway.ts'
import { now } from '../support/issuer.ts'
import { type LoginWorld, login, PATHS, SESSION, seal, startLoginWorld } from '../support/login_world.ts'
import { suite } from '../support/suite.ts'
import { allow, grantOf, reachCode, reachConsent, redeem } from './handover_case.ts'

const endings = suite('what must be over')
let w: LoginWorld
endings.before(async () => {
  w = await startLoginWorld()
})
endings.after(async () => {
  await w?.close()
})

async function revoke(username: string): Promise<void> {
  const body = await sealRevocation(createSealer([SECRET_KEY]), username, Date.now() / 1000)
  const answer = await fetch(`http://127.0.0.1:${w.gateway.validatorPort}/sessions/revoke`, { method: 'POST', body })
  assert.is(answer.status, 200)
}

const statusWith = async (cookie: string): Promise<number> => (await w.browser().get(`${w.url}/oauth2/whoami`, { cookie })).status

endings('a user whose sessions were revoked cannot consent any more', async () => {
  const browser = w.browser()
  const grant = grantOf(await reachConsent(w, browser, 'rosa'))
  await revoke('rosa')
  const { status, location } = await allow(w, browser, grant)
  assert.equal([status, location], [400, null])
})

endings('nor redeem what was consented to before', async () => {
  const code = await reachCode(w, w.browser(), 'rosa')
  await revoke('rosa')
  assert.is((await redeem(w, code)).status, 400)
  assert.is((await redeem(w, await reachCode(w, w.browser(), 'rosa'))).status, 200, 'a new login counts again')
})

endings('signing out with two sessions in the header ends both', async () => {
  const one = (username: string) =>
    seal('session', {
      id: `${username}-${Math.random()}`,
      username,
      clientId: 'web',
      groups: ['callers'],
      issuedAt: now() + 1,
      expiresAt: now() + 600,
    })
  const [mine, planted] = await Promise.all([one('rosa'), one('admin')])
  const cookies = [mine, planted].map((value) => `${SESSION}=${value}`) as [string, string]
  assert.equal(await Promise.all(cookies.map(statusWith)), [200, 200])
  const { status } = await w.browser().post(w.url + PATHS.logout, {}, { cookie: cookies.join('; ') })
  assert.is(status, 303)
  assert.equal(await Promise.all(cookies.map(statusWith)), [401, 401])
})

endings('a new login ends the session that it replaces', async () => {
  const browser = w.browser()
  await login(w, browser)
  const before = browser.cookiesFor(w.url)
  assert.is(await statusWith(before), 200)
  await login(w, browser, 'admin')
  assert.equal([await statusWith(before), await statusWith(browser.cookiesFor(w.url))], [401, 200])
})

endings('who is signed in is not told otherwise', async () => {
  const browser = w.browser()
  await login(w, browser)
  const { status, location } = await browser.get(w.url + PATHS.signedOut)
  assert.equal([status, location], [302, PATHS.logout])
})

endings('a token endpoint that never stops talking is left', async () => {
  let sent = 0
  w.tokenAnswer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = Buffer.alloc(64 * 1024, ' ')
    const more = (): void => {
      while (!response.destroyed && sent < 256 * 1024 * 1024) {
        sent += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
    }
    more()
  }
  const began = Date.now()
  const { status, body } = await login(w, w.browser())
  w.tokenAnswer = null
  assert.is(status, 502)
  assert.match(body, 'gave no usable answer')
  assert.ok(Date.now() - began < 5000 && sent < 64 * 1024 * 1024, `${Date.now() - began} ms, ${sent} bytes`)
})

endings.run()
