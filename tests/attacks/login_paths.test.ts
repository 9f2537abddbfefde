/** Other spellings of the paths below /oauth2/, and what of the validator must not be reached through NGINX. */
import * as assert from '../support/assert.ts'
import { now } from '../support/issuer.ts'
import { type LoginWorld, login, PATHS, seal, startLoginWorld, whoAmI } from '../support/login_world.ts'
import type { Answer } from '../support/raw.ts'
import type { Browser } from '../support/visitor.ts'
import { attackSuite } from './attack_suite.ts'
import { logProblems } from './login_case.ts'

const paths = attackSuite('paths of login and validator')
let world: LoginWorld
let rosa: Browser
paths.before(async () => {
  world = await startLoginWorld()
  rosa = world.browser()
  await login(world, rosa)
})
paths.after(() => world?.close())

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

/** Each tries to come to the sign-out, to the login, or out of /oauth2/, by another spelling. */
const TRICKS = [
  '/oauth2/..',
  '/oauth2/../',
  '/oauth2/%2e',
  '/oauth2/%2e%2e/',
  '/oauth2/.',
  '/oauth2/./',
  '//oauth2/',
  '/oauth2//',
  '/oauth2;x/',
  '/oauth2/;x',
  '/oauth2%2f',
  '/%6fauth2/',
  '/OAUTH2/',
  '/Oauth2/login/cognito',
  '/oauth2/login%2fcognito',
  '/oauth2//login/cognito',
  '/oauth2/login/./cognito',
  '/oauth2/x/../login/cognito',
  '/oauth2/login/cognito/',
  '/oauth2/login/cognito%00',
  '/oauth2/login/cognito%0a',
  '/oauth2/login/cognito;x',
  '/oauth2/login\\cognito',
  '/oauth2/login',
  '/oauth2/login/',
  '/oauth2/login/google',
  '/oauth2/callback',
  '/oauth2/callback/',
  '/oauth2/%6cogout/cognito',
  '/oauth2/logout/cognito/x',
  '/oauth2/__proto__',
  '/oauth2/constructor',
  '/oauth2/toString',
  '/currenttime/../oauth2/login/cognito',
  '/x/../oauth2/',
  '/oauth2\\',
  '/.well-known/../oauth2/login/cognito',
  '/oauth2/login/cognito#x',
]
for (const path of TRICKS) {
  paths(`${path} is no page`, async () => {
    for (const method of ['GET', 'POST']) {
      const answer = await raw(`${method} ${path} HTTP/1.1`, [
        `Cookie: ${rosa.cookiesFor(world.url)}`,
        `Origin: ${world.url}`,
        'Content-Length: 0',
      ])
      // Out of /oauth2/ there is the bare address, which leads to the sign-in page.
      const bare = answer.status === 302 && answer.headers.location?.join() === '/oauth2/' && new URL(path, world.url).pathname === '/'
      assert.ok(bare || [400, 404, 405].includes(answer.status), `${method}: ${answer.status}`)
      await nothingDone(answer)
    }
  })
}

paths('22 the whole address in the request line is read as its path', async () => {
  const { status, headers } = await raw(`GET http://evil.example${PATHS.login} HTTP/1.1`)
  assert.is(status, 302)
  assert.ok(headers.location?.[0]?.startsWith(`${world.domain}/oauth2/authorize?`))
})

const OWN = [
  '/validate',
  '/validate/',
  '/sessions/revoke',
  '/sessions/',
  '/ready',
  '/_gatehouse/validate',
  '/_gatehouse/unremembered',
  '//validate',
  '/%76alidate',
  '/oauth2/../validate',
  '/oauth2/../sessions/revoke',
  '/oauth2/..%2fvalidate',
  '/oauth2/validate',
  '/oauth2/sessions/revoke',
  '/.well-known/oauth-protected-resource/../../validate',
  '/.well-known/oauth-protected-resource/../../sessions/revoke',
  '/health/../ready',
  '/currenttime/../sessions/revoke',
]
for (const path of OWN) {
  paths(`24 the validator's own ${path} is not reached`, async () => {
    const order = await seal('operator', { action: 'revoke_user', username: 'rosa', expiresAt: now() + 60 })
    const question = ['X-Mcp-Server: currenttime', 'X-Mcp-Http-Method: GET', `Cookie: ${rosa.cookiesFor(world.url)}`]
    for (const [method, body] of [
      ['GET', ''],
      ['POST', order],
    ] as const) {
      const answer = await raw(`${method} ${path} HTTP/1.1`, [...question, 'Accept: */*'], body)
      assert.ok([400, 404, 405].includes(answer.status), `${method}: ${answer.status}`)
      assert.not.match(answer.body, /revoked|"ready"/)
      assert.equal(
        Object.keys(answer.headers).filter((name) => /^x-(?:user|scopes|mcp|server)/.test(name)),
        [],
      )
      await nothingDone(answer)
    }
  })
}

paths('the order that was tried works where it belongs', async () => {
  const order = await seal('operator', { action: 'revoke_user', username: 'rosa', expiresAt: now() + 60 })
  const { port } = { port: world.gateway.validatorPort }
  assert.is((await rosa.send('POST', `http://localhost:${port}/sessions/revoke`, order, { 'content-type': 'text/plain' })).status, 200)
  assert.is(await whoAmI(world, rosa), null)
})

paths('nothing of it is in any log', () =>
  assert.equal(
    logProblems(world).filter((line) => !/too large (?:chunked )?body/.test(line)),
    [],
  ),
)
paths.run()
