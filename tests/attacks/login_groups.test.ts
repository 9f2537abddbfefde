/** Users in very many groups: they can sign in, their cookie stays below what browsers keep, and their scopes are right at the gate. */

import * as assert from '../support/assert.ts'
import { call, POLICY, post } from '../support/gateway.ts'
import {
  type LoginWorld,
  login,
  MANY_GROUPS,
  PATHS,
  reachCallback,
  SESSION,
  startLoginWorld,
  unseal,
  whoAmI,
} from '../support/login_world.ts'
import { suite } from '../support/suite.ts'
import type { Browser } from '../support/visitor.ts'
import { logProblems } from './login_case.ts'

/** Every other group of `many` opens something; the last one of them the tool `now`. */
const KNOWN = MANY_GROUPS.filter((_, at) => at % 2 === 1)
const mapped = (groups: readonly string[]): string =>
  groups.map((group, at) => `  "${group}": [test/${at === groups.length - 1 ? 'now' : `s${at}`}]`).join('\n')
const policyFor = (groups: readonly string[]): string =>
  `${POLICY.replace('group_mappings:', `group_mappings:\n${mapped(groups)}`)}${groups
    .slice(0, -1)
    .map((_, at) => `test/s${at}:\n  - server: mcpgw\n    methods: [ping]\n    tools: []\n`)
    .join('')}`
const LONGEST = `/currenttime/?${'x'.repeat(242)}`

/** A call of `now`, by the cookies of a browser. */
async function callNow(world: LoginWorld, browser: Browser): Promise<number> {
  const [answer] = await world.gateway.raw(post('/currenttime/mcp', call('now'), { Cookie: browser.cookiesFor(world.url) }))
  return answer?.status ?? 0
}

const SETS: [string, readonly string[]][] = [
  ['a hundred of the two hundred', KNOWN],
  ['all of the two hundred', MANY_GROUPS],
]
const groups = suite('two hundred groups')
const worlds = new Map<string, LoginWorld>()
groups.before(async () => {
  for (const [what, known] of SETS) worlds.set(what, await startLoginWorld({ policy: policyFor(known) }))
})
groups.after(async () => {
  for (const world of worlds.values()) await world.close()
})

for (const [what, known] of SETS) {
  groups(`${what} known: signing in works, also with the longest address to go to`, async () => {
    const world = worlds.get(what) as LoginWorld
    const browser = world.browser()
    const { status, location, cookies } = await login(world, browser, 'many', { redirect_uri: LONGEST })
    assert.is(`${status} ${location}`, `302 ${LONGEST}`)
    const [, made] = cookies
    assert.is(made?.name, SESSION)
    assert.ok(`${made?.name}=${made?.value}; ${made?.attributes}`.length < 4096, `${made?.value.length}`)
    assert.is((await unseal('session', made?.value ?? ''))?.username, 'many')
  })

  groups(`${what} known: the gate and whoami see the known ones, and what they open`, async () => {
    const world = worlds.get(what) as LoginWorld
    const browser = world.browser()
    await login(world, browser, 'many')
    const me = await whoAmI(world, browser)
    const scopes = (me?.scopes ?? []) as string[]
    assert.equal(me?.groups, known)
    assert.equal(scopes.toSorted(), [...known.slice(1).map((_, at) => `test/s${at}`), 'test/now'].sort())
    assert.is(await callNow(world, browser), 200)
    assert.is((await browser.get(`${world.url}/mcpgw/mcp`)).status, 200)
    assert.is((await browser.get(world.url + PATHS.start)).status, 200)
  })

  groups(`${what} known: a program gets such a session too`, async () => {
    const world = worlds.get(what) as LoginWorld
    const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    const [browser, redirect_uri] = [world.browser(), 'http://127.0.0.1:41234/callback']
    const query = { redirect_uri, code_challenge: challenge, code_challenge_method: 'S256', state: 's'.repeat(43) }
    const page = await browser.get((await reachCallback(world, browser, 'many', query)).href)
    const grant = /name="grant" value="([^"]*)"/.exec(page.body)?.[1] ?? ''
    const { location } = await browser.post(`${world.url}/oauth2/handover`, { grant })
    const code = new URL(location ?? '').searchParams.get('code') ?? ''
    const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
    const answer = await world
      .browser()
      .post(`${world.url}/oauth2/session`, { grant_type: 'authorization_code', code, redirect_uri, code_verifier })
    const { cookie, groups: names } = JSON.parse(answer.body)
    assert.equal(names, known)
    const [called] = await world.gateway.raw(post('/currenttime/mcp', call('now'), { Cookie: `${SESSION}=${cookie}` }))
    assert.is(called?.status, 200)
  })

  groups(`${what} known: nothing of it is in any log`, () => assert.equal(logProblems(worlds.get(what) as LoginWorld), []))
}

groups.run()
