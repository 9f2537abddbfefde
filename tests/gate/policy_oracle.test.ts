import reader from '../../nginx/gatehouse/call.js'
import { type Call, NAMED } from '../../src/gate/call.ts'
import { createPolicy, type Opened, type Policy, type Rule } from '../../src/gate/policy.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { permitted, reaches } from './permitted.ts'

const oracle = suite('the policy against its rule, word by word')

const ROUNDS = 400
const SCOPES = ['a/x', 'a/y', 'b/x', 'solo']
const SERVERS = ['now', 'later', 'mcp.gw']
const METHODS = ['ping', 'initialize', 'tools/list', 'tools/call', 'prompts/get', 'resources/read']
// What could be mistaken for something else: for a wildcard, a separator, an encoded name or another word of the set.
const NAMES = ['tick', 'tick tock', 'a=b', 'a%3Db', 'x*', '*x', 'größe', '🕰', 'ping', 'tools/call=*', ':open', '__proto__', 'file:///a?b']
const CALLS: Call[] = [
  ...[...METHODS, 'server/discover', 'constructor'].filter((method) => !NAMED.has(method)).map((method) => ({ method, name: null })),
  ...[...NAMED.keys()].flatMap((method) => [...NAMES, '*', 'unknown'].map((name) => ({ method, name }))),
]

/** Mulberry32: the same numbers in every run, so that a failure can be repeated. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function randomRules(random: () => number): Rule[] {
  const some = <T>(values: readonly T[], share: number): T[] => values.filter(() => random() < share)
  const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const opened = (values: readonly string[], share: number): Opened => (random() < 0.12 ? '*' : some(values, share))
  return Array.from({ length: Math.floor(random() * 9) }, () => ({
    scope: one(SCOPES),
    server: random() < 0.2 ? '*' : one(SERVERS),
    methods: opened(METHODS, 0.4),
    tools: opened(NAMES, 0.2),
    prompts: opened(NAMES, 0.2),
    resources: opened(NAMES, 0.2),
  }))
}

function eachCase(check: (policy: Policy, rules: Rule[], held: string[], server: string, round: number) => void): void {
  const random = numbers(20261123)
  for (let round = 0; round < ROUNDS; round += 1) {
    const rules = randomRules(random)
    const policy = createPolicy(rules, SCOPES, new Map())
    const held = SCOPES.filter(() => random() < 0.5)
    for (const server of [...SERVERS, 'unknown']) check(policy, rules, held, server, round)
  }
}

oracle('permits what the rule permits, and nothing else', () => {
  let allowed = 0
  eachCase((policy, rules, held, server, round) => {
    for (const call of CALLS) {
      const expected = permitted(rules, held, server, call)
      if (expected) allowed += 1
      if (policy.permits(held, server, call) !== expected)
        assert.unreachable(`round ${round}: ${held} on ${server}: ${JSON.stringify(call)} must be ${expected}`)
    }
  })
  assert.ok(allowed > ROUNDS, 'the rules of this test allow something now and then')
})

oracle('the set gives the same verdict by the look-up that NGINX does', () => {
  eachCase((policy, rules, held, server, round) => {
    const set = new Set((policy.allowSet(held, server, Number.POSITIVE_INFINITY) ?? '').split(' '))
    for (const call of CALLS) {
      const found = (reader.tokens(call) as string[]).some((token) => set.has(token))
      if (found !== permitted(rules, held, server, call))
        assert.unreachable(`round ${round}: ${held} on ${server}: ${JSON.stringify(call)} in "${[...set].join(' ')}"`)
    }
  })
})

oracle('the set holds visible ASCII and single spaces alone', () => {
  eachCase((policy, _rules, held, server) => {
    assert.match(policy.allowSet(held, server, Number.POSITIVE_INFINITY) ?? '', /^(?:[\x21-\x7e]+(?: [\x21-\x7e]+)*)?$/)
  })
})

oracle('a server is open when an entry of a held scope is for it', () => {
  eachCase((policy, rules, held, server) => {
    assert.is(
      policy.opens(held, server),
      rules.some((rule) => reaches(rule, held, server)),
    )
  })
})

oracle('the scope to ask for would do, and there is one whenever one would do', () => {
  eachCase((policy, rules, held, server, round) => {
    for (const call of CALLS) {
      const scope = policy.missingScope(held, server, call)
      const helpful = SCOPES.filter((one) => permitted(rules, [one], server, call))
      if (scope === null ? helpful.length > 0 : !helpful.includes(scope))
        assert.unreachable(`round ${round}: ${scope} for ${JSON.stringify(call)} on ${server}`)
    }
  })
})

oracle('the scope to ask for is of a held resource server when one of these would do', () => {
  const family = (scope: string): string => scope.slice(0, Math.max(0, scope.lastIndexOf('/')))
  eachCase((policy, rules, held, server, round) => {
    const families = new Set(held.map(family))
    for (const call of CALLS) {
      const related = SCOPES.filter((one) => families.has(family(one)) && permitted(rules, [one], server, call))
      const scope = policy.missingScope(held, server, call)
      if (related.length > 0 && !related.includes(scope ?? ''))
        assert.unreachable(`round ${round}: ${scope} for ${JSON.stringify(call)} on ${server}`)
    }
  })
})

oracle.run()
