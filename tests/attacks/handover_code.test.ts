/** The code that a program gets: it works once, for a minute, with its verifier, at its address. */
import * as assert from '../support/assert.ts'
import { call, post } from '../support/gateway.ts'
import { now } from '../support/issuer.ts'
import { type LoginWorld, PATHS, SESSION, seal, startLoginWorld, unseal, whoAmI } from '../support/login_world.ts'
import { createBrowser, type Visit } from '../support/visitor.ts'
import { attackSuite } from './attack_suite.ts'
import { plant } from './callback_case.ts'
import { challengeOf, PROGRAM, REQUEST, reachCode, redeem, VERIFIER } from './handover_case.ts'
import { logProblems } from './login_case.ts'

const codes = attackSuite('the code of a program')
let world: LoginWorld
codes.before(async () => {
  world = await startLoginWorld()
})
codes.after(() => world?.close())

const errorOf = ({ status, body }: Visit): string => `${status} ${JSON.parse(body).error}`
const INVALID = '400 invalid_grant'

async function refused(answer: Visit, expected = INVALID): Promise<void> {
  assert.is(errorOf(answer), expected)
  assert.equal(answer.cookies, [])
  assert.is(answer.headers['cache-control']?.join(), 'no-store')
  assert.not.match(answer.body, 'Fe26')
}

codes('223 is worth a session like that of a browser, which the gate takes, and which the browser does not have', async () => {
  const browser = world.browser()
  const answer = await redeem(world, await reachCode(world, browser))
  assert.is(answer.status, 200)
  assert.equal(answer.cookies, [])
  assert.is(answer.headers['cache-control']?.join(), 'no-store')
  assert.equal(
    Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
    [],
  )
  const { cookie_name, cookie, expires_at, ...rest } = JSON.parse(answer.body)
  world.secrets.add(cookie)
  assert.equal(rest, { username: 'rosa', groups: ['callers'] })
  assert.is(cookie_name, SESSION)
  assert.ok(Math.abs(expires_at - now() - 8 * 3600) < 10)
  const [called] = await world.gateway.raw(post('/currenttime/mcp', call('now'), { Cookie: `${cookie_name}=${cookie}` }))
  assert.is(called?.status, 200)
  assert.is(await whoAmI(world, browser), null)
  assert.equal(
    [...(browser.jar.get('localhost') ?? [])].filter(([name]) => name.startsWith(SESSION)),
    [],
  )
})

codes('223 does not change the session that the browser has', async () => {
  const browser = world.browser()
  const mine = await seal('session', {
    id: 'x',
    username: 'admin',
    clientId: 'web',
    groups: ['admins'],
    issuedAt: now(),
    expiresAt: now() + 60,
  })
  plant(world, browser, SESSION, mine)
  assert.is((await redeem(world, await reachCode(world, browser))).status, 200)
  assert.is((await whoAmI(world, browser))?.user, 'admin')
})

const WRONG: [string, Record<string, string | null>, string][] = [
  ['another verifier', { code_verifier: 'x'.repeat(43) }, INVALID],
  ['no verifier', { code_verifier: null }, INVALID],
  ['an empty verifier', { code_verifier: '' }, INVALID],
  ['the challenge as the verifier', { code_verifier: REQUEST.code_challenge }, INVALID],
  ['a verifier with a newline', { code_verifier: `${VERIFIER}\n` }, INVALID],
  ['another port', { redirect_uri: 'http://127.0.0.1:41235/callback' }, INVALID],
  ['localhost for 127.0.0.1', { redirect_uri: PROGRAM.replace('127.0.0.1', 'localhost') }, INVALID],
  ['a slash behind the address', { redirect_uri: `${PROGRAM}/` }, INVALID],
  ['no address', { redirect_uri: null }, INVALID],
  ['no code', { code: null }, INVALID],
  ['an empty code', { code: '' }, INVALID],
  ['some code', { code: 'x' }, INVALID],
  ['another grant type', { grant_type: 'refresh_token' }, '400 unsupported_grant_type'],
  ['client credentials', { grant_type: 'client_credentials' }, '400 unsupported_grant_type'],
  ['a password', { grant_type: 'password', username: 'rosa', password: 'rosa-pw' }, '400 unsupported_grant_type'],
  ['no grant type', { grant_type: null }, '400 unsupported_grant_type'],
]
for (const [what, changes, expected] of WRONG) {
  codes(`211 with ${what} it is refused, and still good for its own program`, async () => {
    const code = await reachCode(world, world.browser())
    await refused(await redeem(world, code, changes), expected)
    assert.is((await redeem(world, code)).status, 200)
  })
}

codes('211 a second time it is refused', async () => {
  const code = await reachCode(world, world.browser())
  assert.is((await redeem(world, code)).status, 200)
  await refused(await redeem(world, code))
})

codes('211 of eight times at once one counts', async () => {
  const code = await reachCode(world, world.browser())
  const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(world, code)))
  assert.is(answers.filter(({ status }) => status === 200).length, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) await refused(answer)
})

for (const seconds of [0, 1, 59, 61]) {
  codes(`210 ${seconds} s after its minute it is refused`, async () => {
    const data = await unseal('handover_code', await reachCode(world, world.browser()))
    assert.ok(Number(data?.expiresAt) > now() + 50 && Number(data?.expiresAt) <= now() + 61)
    await refused(await redeem(world, await seal('handover_code', { ...data, expiresAt: now() - seconds })))
  })
}

codes('211 the code of one program is nothing for another one', async () => {
  const other = 'o'.repeat(43)
  const mine = await reachCode(world, world.browser(), 'rosa')
  const theirs = await reachCode(world, world.browser(), 'admin', { ...REQUEST, code_challenge: challengeOf(other) })
  await refused(await redeem(world, theirs))
  await refused(await redeem(world, mine, { code_verifier: other }))
  assert.is(JSON.parse((await redeem(world, theirs, { code_verifier: other })).body).username, 'admin')
  assert.is(JSON.parse((await redeem(world, mine)).body).username, 'rosa')
})

codes('211 every changed part of it is refused', async () => {
  const code = await reachCode(world, world.browser())
  const parts = code.slice(0, -2).split('*')
  for (const [at, part] of parts.entries()) {
    const other = part === '' ? 'A' : `${part.slice(0, -3)}${part.at(-3) === 'A' ? 'B' : 'A'}${part.slice(-2)}`
    await refused(await redeem(world, `${parts.with(at, other).join('*')}~2`))
  }
  assert.is((await redeem(world, code)).status, 200)
})

codes('202 the program signs its session out by itself, and the browser keeps its own', async () => {
  const { cookie } = JSON.parse((await redeem(world, await reachCode(world, world.browser()))).body)
  const program = createBrowser()
  const headers = { cookie: `${SESSION}=${cookie}`, accept: 'application/json', origin: world.url }
  const { status, body } = await program.post(world.url + PATHS.logout, {}, headers)
  assert.is(`${status} ${JSON.parse(body).username}`, '200 rosa')
  assert.is((await program.get(`${world.url}/oauth2/whoami`, headers)).status, 401)
})

codes('nothing of it is in any log', () => assert.equal(logProblems(world), []))
codes.run()
