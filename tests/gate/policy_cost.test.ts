import type { Call } from '../../src/gate/call.ts'
import { EVERY_SCOPE, lackingFor } from '../../src/gate/challenge.ts'
import { createPolicy, type Policy, type Rule } from '../../src/gate/policy.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const cost = suite('the cost of a decision')

const LIMIT = 4096
const ALLOWED: Call = { method: 'tools/call', name: 'tool_3' }
const DENIED: Call = { method: 'tools/call', name: 'unknown' }
const TOOLS = Array.from({ length: 8 }, (_, index) => `tool_${index}`)

const rule = (scope: string, server: string, tools: Rule['tools'] = TOOLS): Rule => ({
  scope,
  server,
  methods: ['initialize', 'tools/list', 'tools/call'],
  tools,
  prompts: [],
  resources: [],
})
const compile = (rules: Rule[]): Policy => createPolicy(rules, [...new Set(rules.map(({ scope }) => scope))], new Map())

function decide(policy: Policy, held: readonly string[], server: string): void {
  policy.opens(held, server)
  policy.permits(held, server, ALLOWED)
  policy.permits(held, server, DENIED)
  policy.allowSet(held, server, LIMIT)
  policy.missingScope(held, server, DENIED)
  policy.missingScope([], server, null)
}

/** Median nanoseconds of a decision by each policy. They take turns, so that a busy machine slows all of them alike. */
function compare(policies: readonly Policy[], held: readonly string[], server: string): number[] {
  const samples = policies.map((): number[] => [])
  for (let round = 0; round < 200; round += 1) {
    policies.forEach((policy, index) => {
      const started = process.hrtime.bigint()
      for (let count = 0; count < 50; count += 1) decide(policy, held, server)
      samples[index]?.push(Number(process.hrtime.bigint() - started) / 50)
    })
  }
  return samples.map((values) => values.sort((a, b) => a - b)[values.length >> 1] as number)
}

const HELD = ['team1/use', 'team2/use', 'team9999/use']

cost('is the same with 10 rules and with 100,000', () => {
  const few = compile(Array.from({ length: 10 }, (_, index) => rule(`team${index}/use`, 'now')))
  const many = compile([
    ...Array.from({ length: 10 }, (_, index) => rule(`team${index}/use`, 'now')),
    ...Array.from({ length: 99_990 }, (_, index) => rule(`team${10 + (index % 999)}/use`, `server${index % 2003}`)),
  ])
  assert.is(many.allowSet(HELD, 'now', LIMIT), few.allowSet(HELD, 'now', LIMIT))
  const [small, large] = compare([few, many], HELD, 'now') as [number, number]
  assert.ok(large < 4 * small, `${small} ns with 10 rules, ${large} ns with 100,000`)
})

cost('is the same when the caller may use one tool of the server or 100,000', () => {
  const one = compile([
    rule(
      'team1/use',
      'now',
      Array.from({ length: 200 }, (_, index) => `a_tool_with_a_long_name_${index}`),
    ),
  ])
  const all = compile([
    rule(
      'team1/use',
      'now',
      Array.from({ length: 100_000 }, (_, index) => `a_tool_with_a_long_name_${index}`),
    ),
  ])
  assert.is(all.allowSet(HELD, 'now', LIMIT), null)
  const [small, large] = compare([one, all], HELD, 'now') as [number, number]
  assert.ok(large < 4 * small, `${small} ns with 200 tools, ${large} ns with 100,000`)
})

cost('is the same when one scope of the server is held and 100,000 are there', () => {
  const one = compile([rule('team1/use', 'now')])
  const all = compile(Array.from({ length: 100_000 }, (_, index) => rule(`team${index}/use`, 'now')))
  const [small, large] = compare([one, all], ['team1/use'], 'now') as [number, number]
  assert.ok(large < 4 * small, `${small} ns with one scope, ${large} ns with 100,000`)
})

cost('of a refusal follows the scopes of the user, and not those of the policy', () => {
  const own = Array.from({ length: 300 }, (_, index) => `team${index}/use`)
  const policies = [300, 100_000].map((count) => compile(Array.from({ length: count }, (_, index) => rule(`team${index}/use`, 'now'))))
  const common = { user: 'u', clientId: 'c', groups: [], authMethod: 'jwt', expiresAt: 9 } as const
  const refuse = (policy: Policy, call: Call): void => {
    lackingFor({ ...common, scopes: own.slice(0, 150), attainable: own }, 'now', call, { policy, challengeScopes: EVERY_SCOPE })
  }
  const [few = [], many = []] = policies.map((policy) => {
    return [ALLOWED, DENIED].map((call) => {
      const samples = Array.from({ length: 100 }, () => {
        const started = process.hrtime.bigint()
        refuse(policy, call)
        return Number(process.hrtime.bigint() - started)
      })
      return samples.sort((a, b) => a - b)[50] as number
    })
  })
  for (const [index, small] of few.entries()) assert.ok((many[index] as number) < 4 * small + 20_000, `${small} and ${many[index]} ns`)
  assert.ok(Math.max(...many) < 1_000_000, `${many} ns`)
})

cost.run()
