import { type ChallengeScopes, challengeScopesOf, EVERY_SCOPE, scopeForStrangers } from '../../src/gate/challenge.ts'
import type { Policy, Rule } from '../../src/gate/policy.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { compile, rule } from './rules.ts'

const challenges = suite('what a stranger is told to ask for')

const BEGINNING = ['initialize', 'ping']
const scopes = (count: number, methods: string[] = BEGINNING): Rule[] =>
  Array.from({ length: count }, (_, index) => rule(`t/s${index}`, 's', index === 3 ? methods.slice(0, 1) : methods))
const names = (count: number): string =>
  scopes(count)
    .map(({ scope }) => scope)
    .join(' ')
const allowing = (...allowed: string[]): ChallengeScopes => ({ all: false, allowed: (scope) => allowed.includes(scope) })
const ALL: ChallengeScopes = { all: true, allowed: null }
const SPLIT = [
  rule('t/open', 's', ['initialize']),
  rule('t/list', 's', ['tools/list']),
  rule('t/every', '*', '*'),
  rule('t/far', 'far', '*'),
]

const TABLE: [string, Rule[], ChallengeScopes, string | null][] = [
  ['each scope that opens initialize, here or everywhere, and no other one', SPLIT, EVERY_SCOPE, 't/open t/every'],
  ['eight of them', scopes(8), EVERY_SCOPE, names(8)],
  ['of nine the narrowest', scopes(9), EVERY_SCOPE, 't/s3'],
  ['those alone that may be asked for', SPLIT, allowing('t/every', 't/list'), 't/every'],
  [
    'of nine that may be asked for the narrowest of them',
    scopes(20),
    allowing(
      ...names(12)
        .split(' ')
        .filter((name) => name !== 't/s3'),
    ),
    't/s0',
  ],
  ['of nine, eight of which may be asked for, those', scopes(9), allowing(...names(8).split(' ')), names(8)],
  ['what opens the server where nothing opens initialize', [rule('t/a', 's', ['b', 'c']), rule('t/b', 's', ['b'])], EVERY_SCOPE, 't/b'],
  ['and of that what may be asked for', [rule('t/a', 's', ['b', 'c']), rule('t/b', 's', ['b'])], allowing('t/a'), 't/a'],
  ['nothing where nothing may be asked for', SPLIT, allowing(), null],
  ['nothing where nothing opens the server', [rule('t/far', 'far', '*')], EVERY_SCOPE, null],
  ['all of the server when set so', SPLIT, ALL, 't/open t/list t/every'],
  ['32 of them', scopes(32), ALL, names(32)],
  ['nothing instead of 33', scopes(33), ALL, null],
  [
    'nothing instead of more than 4096 characters',
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => rule(`t/${'x'.repeat(500)}${n}`, 's', '*')),
    ALL,
    null,
  ],
  ['all of the server that may be asked for', SPLIT, { ...allowing('t/list', 't/far'), all: true }, 't/list'],
  ['nothing of a server without scopes', [rule('t/far', 'far', '*')], ALL, null],
]
for (const [what, rules, limits, expected] of TABLE) {
  challenges(what, () => assert.is(scopeForStrangers('s', compile(...rules), limits), expected))
}

challenges('strangers are not told of the app client that somebody else came by', () => {
  const asked: (string | null)[] = []
  scopeForStrangers('s', compile(...SPLIT), { all: false, allowed: (_scope, clientId) => asked.push(clientId) > 0 })
  assert.equal([...new Set(asked)], [null])
})

challenges('settings limit strangers and the app client of MCP clients, and no other app client', () => {
  assert.equal(challengeScopesOf('server', '*', 'mcp'), { all: true, allowed: null })
  const { all, allowed } = challengeScopesOf('operation', new Set(['t/a']), 'mcp')
  assert.is(all, false)
  const rows: [string, string | null, boolean][] = [
    ['t/a', null, true],
    ['t/b', null, false],
    ['t/a', 'mcp', true],
    ['t/b', 'mcp', false],
    ['t/b', 'other', true],
  ]
  for (const [scope, client, expected] of rows) assert.is(allowed?.(scope, client), expected, `${scope} ${client}`)
})

challenges('costs the same with ten scopes and with 100,000, whatever the server is called', () => {
  const policies = [10, 100_000].map((count) => compile(...scopes(count)))
  const median = (policy: Policy): number => {
    const samples: number[] = []
    for (let round = 0; round < 200; round += 1) {
      const started = process.hrtime.bigint()
      for (let count = 0; count < 20; count += 1) scopeForStrangers(count % 2 ? 's' : `no-${count}-${round}`, policy, EVERY_SCOPE)
      samples.push(Number(process.hrtime.bigint() - started))
    }
    return samples.sort((a, b) => a - b)[100] as number
  }
  const [few = 0, many = 0] = policies.map(median)
  assert.ok(many < 5 * few, `${few} and ${many} ns`)
})

challenges.run()
