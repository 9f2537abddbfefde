/** Methods and bodies that no page below /oauth2/ is meant for. */

import * as assert from '../support/assert.ts'
import { type LoginWorld, login, PATHS, startLoginWorld, whoAmI } from '../support/login_world.ts'
import type { Answer } from '../support/raw.ts'
import { suite } from '../support/suite.ts'
import type { Browser } from '../support/visitor.ts'
import { logProblems } from './login_case.ts'

const methods = suite('methods and bodies below /oauth2/')
let world: LoginWorld
let rosa: Browser
methods.before(async () => {
  world = await startLoginWorld()
  rosa = world.browser()
  await login(world, rosa)
})
methods.after(() => world?.close())

const raw = async (line: string, headers: readonly string[] = [], body = ''): Promise<Answer> => {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`]
  const [answer] = await world.gateway.raw([line, 'Host: localhost', ...length, ...headers, '', body].join('\r\n'))
  if (answer === undefined) throw new Error(`no answer to ${line}`)
  return answer
}

/** Nobody is signed in or out by it, and rosa still is. */
async function nothingDone({ headers, body }: Pick<Answer, 'headers' | 'body'>): Promise<void> {
  assert.equal(headers['set-cookie'] ?? [], [])
  assert.not.match(body, /Fe26|Signed out/)
  assert.is((await whoAmI(world, rosa))?.user, 'rosa')
}

const EVERYWHERE = [...Object.values(PATHS), '/oauth2/whoami', '/oauth2/providers', '/oauth2/handover', '/oauth2/session']
for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', 'XYZ']) {
  methods(`${method} is no method for any page`, async () => {
    for (const path of EVERYWHERE) {
      const answer = await raw(`${method} ${path} HTTP/1.1`, [`Cookie: ${rosa.cookiesFor(world.url)}`, `Origin: ${world.url}`])
      assert.ok([400, 405].includes(answer.status), `${path}: ${answer.status}`)
      await nothingDone(answer)
    }
  })
}

const WRONG: [string, string][] = [
  ...[PATHS.start, PATHS.login, PATHS.callback, PATHS.signedOut, '/oauth2/whoami', '/oauth2/providers'].map((path): [string, string] => [
    'POST',
    path,
  ]),
  ...['/oauth2/handover', '/oauth2/session'].flatMap((path): [string, string][] => [
    ['GET', path],
    ['HEAD', path],
  ]),
]
for (const [method, path] of WRONG) {
  methods(`${method} ${path} does nothing`, async () => {
    const answer = await rosa.send(method, world.url + path, '', { origin: world.url })
    assert.is(answer.status, 404)
    await nothingDone(answer)
  })
}

methods('HEAD of the login begins one login, as GET does, and no body follows', async () => {
  const { status, cookies, body } = await world.browser().send('HEAD', world.url + PATHS.login, '', {})
  assert.is(`${status} ${cookies.length} ${body}`, '302 1 ')
})

methods('HEAD and GET of the sign-out sign nobody out', async () => {
  for (const method of ['HEAD', 'GET']) {
    const answer = await rosa.send(method, world.url + PATHS.logout, '', { origin: world.url })
    assert.is(answer.status, 200)
    await nothingDone(answer)
  }
})

for (const path of [PATHS.logout, '/oauth2/handover', '/oauth2/session']) {
  methods(`a form of 20 KB is too large for ${path}`, async () => {
    const [form, chunk] = [`grant=${'x'.repeat(20 * 1024)}`, 'x'.repeat(10 * 1024)]
    const common = [`Origin: ${world.url}`, 'Content-Type: application/x-www-form-urlencoded', `Cookie: ${rosa.cookiesFor(world.url)}`]
    const whole = await raw(`POST ${path} HTTP/1.1`, common, form)
    const chunked = `${`2800\r\n${chunk}\r\n`.repeat(2)}0\r\n\r\n`
    const inChunks = (
      await world.gateway.raw(
        [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Transfer-Encoding: chunked', ...common, '', chunked].join('\r\n'),
      )
    )[0]
    for (const answer of [whole, inChunks as Answer]) {
      assert.is(answer.status, 413)
      await nothingDone(answer)
    }
  })
}

for (const [type, body] of [
  ['application/json', '{"grant":"x","grant_type":"authorization_code"}'],
  ['text/plain', 'grant=x&grant_type=authorization_code&code=x'],
  ['multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="grant"\r\n\r\nx\r\n--b--'],
  ['', '\0\xff'],
] as const) {
  methods(`a body of the type ${type || 'none'} is no grant and no code`, async () => {
    for (const path of ['/oauth2/handover', '/oauth2/session']) {
      const answer = await rosa.send('POST', world.url + path, body, { origin: world.url, 'content-type': type || null })
      assert.is(answer.status, 400, path)
      await nothingDone(answer)
    }
  })
}

// NGINX itself says so of bodies that are too large.
methods('nothing of it is in any log', () =>
  assert.equal(
    logProblems(world).filter((line) => !/too large (?:chunked )?body/.test(line)),
    [],
  ),
)
methods.run()
