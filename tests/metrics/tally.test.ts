import { createPolicy, type Rule } from '../../src/gate/policy.ts'
import type { Principal } from '../../src/gate/principal.ts'
import { REFUSALS, type Reason } from '../../src/gate/refusal.ts'
import type { Decision } from '../../src/gate/reply.ts'
import { BOUNDS, createTally, MOST_SERVERS, OTHER_SERVERS, type Tally } from '../../src/metrics/tally.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const tests = suite('decisions, counted')

const rule = (server: string): Rule => ({ scope: 't/x', server, methods: '*', tools: '*', prompts: '*', resources: '*' })
const policyOf = (...servers: string[]) => createPolicy(servers.map(rule), ['t/x'], new Map())
const POLICY = policyOf('now', '*')
const principal = (authMethod: Principal['authMethod']): Principal => ({
  user: 'rosa',
  clientId: 'web',
  groups: [],
  scopes: [],
  attainable: null,
  authMethod,
  expiresAt: 1,
})
const allow = (authMethod: Principal['authMethod'] = 'jwt'): Decision => {
  return { kind: 'allow', principal: principal(authMethod), allowSet: null, cacheSeconds: 0 }
}
const refuse = (reason: Reason, who: Principal | null = null): Decision => {
  return { kind: 'refuse', reason, principal: who, scope: null, lacking: null }
}

const happened = (tally: Tally) => tally.outcomes().filter(({ count }) => count > 0)

tests('each by result, reason and kind of credential', () => {
  const tally = createTally()
  const decisions = [
    allow(),
    allow(),
    allow('session_cookie'),
    refuse('no_credentials'),
    refuse('name_not_allowed', principal('session_cookie')),
    refuse('name_not_allowed', principal('jwt')),
  ]
  for (const decision of decisions) tally.decided(decision, 'now', POLICY, 1)
  assert.equal(happened(tally), [
    { result: 'allow', reason: '', authMethod: 'jwt', count: 2 },
    { result: 'allow', reason: '', authMethod: 'session_cookie', count: 1 },
    { result: 'refuse', reason: 'no_credentials', authMethod: 'none', count: 1 },
    { result: 'refuse', reason: 'name_not_allowed', authMethod: 'jwt', count: 1 },
    { result: 'refuse', reason: 'name_not_allowed', authMethod: 'session_cookie', count: 1 },
  ])
})

tests('every reason that there is has a place of its own', () => {
  const reasons = Object.keys(REFUSALS) as Reason[]
  const tally = createTally()
  reasons.forEach((reason, index) => {
    for (let times = 0; times <= index; times += 1) tally.decided(refuse(reason), 'now', POLICY, 1)
  })
  assert.equal(
    tally.outcomes().map(({ reason, count }) => [reason, count]),
    reasons.map((reason, index) => [reason, index + 1]),
  )
})

tests("what is no caller's fault is told before it happens, and nothing else", () => {
  assert.equal(
    createTally()
      .outcomes()
      .map(({ reason, authMethod, count }) => [reason, authMethod, count]),
    ['question_malformed', 'keys_unavailable', 'policy_unavailable', 'session_store_unavailable', 'internal_error'].map((reason) => [
      reason,
      'none',
      0,
    ]),
  )
})

tests('servers that the policy does not name are one, whatever they are called', () => {
  const tally = createTally()
  for (const server of ['now', 'invented', '*', '__proto__', '', 'now']) tally.decided(refuse('no_credentials'), server, POLICY, 1)
  tally.decided(allow(), 'now', POLICY, 1)
  assert.equal(tally.servers(), [
    { server: 'now', allowed: 1, refused: 2 },
    { server: OTHER_SERVERS, allowed: 0, refused: 4 },
  ])
})

tests('of very many servers in a policy only so many are counted by name', () => {
  const names = Array.from({ length: MOST_SERVERS + 50 }, (_, index) => `s${index}`)
  const policy = policyOf(...names)
  const tally = createTally()
  for (const name of names) tally.decided(allow(), name, policy, 1)
  assert.is(tally.servers().length, MOST_SERVERS + 1)
  assert.equal(tally.servers().at(-1), { server: OTHER_SERVERS, allowed: 50, refused: 0 })
})

tests('times, each at the first bound that it does not exceed', () => {
  const tally = createTally()
  const times = [0, 3.5, 20, 20.5, 500_000, 500_001, 9e9]
  for (const time of times) tally.decided(allow(), 'now', POLICY, time)
  const { counts, microseconds } = tally.times()
  const expected = new Array(BOUNDS.length + 1).fill(0)
  expected[0] = 3
  expected[1] = 1
  expected[BOUNDS.length - 1] = 1
  expected[BOUNDS.length] = 2
  assert.equal(counts, expected)
  assert.is(
    microseconds,
    times.reduce((sum, time) => sum + time),
  )
  assert.equal(
    BOUNDS,
    [...BOUNDS].sort((a, b) => a - b),
  )
  assert.equal([BOUNDS[0], BOUNDS.at(-1)], [20, 500_000])
})

tests.run()
