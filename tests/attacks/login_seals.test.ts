/** Seals of one key serve five purposes. Each counts in its own place, and in no other, though it holds what that place wants. */
import { createHash, randomUUID } from 'node:crypto'
import type { Purpose } from '../../src/session/seal.ts'
import * as assert from '../support/assert.ts'
import { now } from '../support/issuer.ts'
import { type LoginWorld, login, PATHS, SESSION, seal, startLoginWorld, whoAmI } from '../support/login_world.ts'
import type { Visit } from '../support/visitor.ts'
import { attackSuite } from './attack_suite.ts'
import { plant } from './callback_case.ts'
import { cookieWork, logProblems } from './login_case.ts'

const seals = attackSuite('a seal in a place that is not its own')
let world: LoginWorld
seals.before(async () => {
  world = await startLoginWorld()
})
seals.after(() => world?.close())

const VERIFIER = 'v'.repeat(43)
const HANDOVER = {
  redirectUri: 'http://127.0.0.1:41234/callback',
  state: 's'.repeat(43),
  challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
}
const STATE = 'S'.repeat(43)
const USER = { username: 'rosa', clientId: 'web', groups: ['callers'] }

/** What every place wants, in one object: only the purpose tells them apart. */
const everything = (): Record<string, unknown> => ({
  id: randomUUID(),
  ...USER,
  issuedAt: now(),
  expiresAt: now() + 30,
  begun: { state: STATE, nonce: 'n'.repeat(43), verifier: VERIFIER },
  errand: { next: null, handover: null },
  user: USER,
  handover: HANDOVER,
  action: 'revoke_user',
})

interface Place {
  name: string
  purpose: Purpose
  /** Brings the seal there. */
  bring(text: string): Promise<Visit>
  accepted(answer: Visit): boolean
  /** Status of the refusal. */
  refusal: number
}

const browserWith = (name: string, value: string) => {
  const browser = world.browser()
  plant(world, browser, name, value)
  return browser
}

const PLACES: Place[] = [
  {
    name: 'the session cookie at the gate',
    purpose: 'session',
    bring: (text) => browserWith(SESSION, text).get(`${world.url}/currenttime/mcp`, { accept: '*/*' }),
    accepted: ({ status }) => status === 200,
    refusal: 401,
  },
  {
    name: 'the session cookie at whoami',
    purpose: 'session',
    bring: (text) => browserWith(SESSION, text).get(`${world.url}/oauth2/whoami`),
    accepted: ({ status }) => status === 200,
    refusal: 401,
  },
  {
    name: 'the cookie of a login',
    purpose: 'login',
    // The callback brings no code: a login that is known is told from one that is not by what is refused.
    bring: (text) =>
      browserWith(`${SESSION}_login_${STATE.slice(0, 16)}`, text).get(`${world.url}${PATHS.callback}?state=${STATE}&error=access_denied`),
    accepted: (answer) => cookieWork(answer).includes('-login'),
    refusal: 400,
  },
  {
    name: 'the grant of a handover',
    purpose: 'handover_request',
    bring: (text) => world.browser().post(`${world.url}/oauth2/handover`, { grant: text }),
    accepted: ({ status, location }) => status === 303 && location !== null,
    refusal: 400,
  },
  {
    name: 'the code of a handover',
    purpose: 'handover_code',
    bring: (text) => {
      const { redirectUri: redirect_uri } = HANDOVER
      const form = { grant_type: 'authorization_code', code: text, redirect_uri, code_verifier: VERIFIER }
      return world.browser().post(`${world.url}/oauth2/session`, form)
    },
    accepted: ({ status }) => status === 200,
    refusal: 400,
  },
  {
    name: 'the order of an operator',
    purpose: 'operator',
    bring: (text) =>
      world
        .browser()
        .send('POST', `http://localhost:${world.gateway.validatorPort}/sessions/revoke`, text, { 'content-type': 'text/plain' }),
    accepted: ({ status }) => status === 200,
    refusal: 403,
  },
  {
    name: 'a bearer token',
    purpose: 'session',
    bring: (text) => world.browser().get(`${world.url}/oauth2/whoami`, { authorization: `Bearer ${text}` }),
    accepted: () => false,
    refusal: 401,
  },
  {
    name: 'where to go after signing out',
    purpose: 'session',
    bring: (text) => browserWith(`${SESSION}_after_logout`, text).get(world.url + PATHS.signedOut),
    accepted: ({ location }) => location !== null,
    refusal: 200,
  },
]
const PURPOSES: Purpose[] = ['session', 'login', 'handover_request', 'handover_code', 'operator']
const NEVER = ['a bearer token', 'where to go after signing out']

for (const { name, purpose: own, bring, accepted, refusal } of PLACES) {
  for (const purpose of PURPOSES) {
    const counts = purpose === own && !NEVER.includes(name)
    seals(`193 a seal for ${purpose} as ${name} ${counts ? 'counts' : 'does not'}`, async () => {
      const text = await seal(purpose, everything())
      world.secrets.add(text)
      const answer = await bring(text)
      assert.is(accepted(answer), counts, JSON.stringify(answer))
      if (counts) return
      assert.is(answer.status, refusal)
      assert.not(cookieWork(answer).includes('session'))
      assert.not.match(answer.body, text)
    })
  }
}

seals('afterwards everybody can sign in', async () => {
  const browser = world.browser()
  assert.is((await login(world, browser)).status, 302)
  assert.is((await whoAmI(world, browser))?.user, 'rosa')
})
seals('no secret is in any log', () => assert.equal(logProblems(world), []))
seals.run()
