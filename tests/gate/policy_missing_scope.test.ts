import { type Call, EVERY_CALL } from '../../src/gate/call.ts'
import { lackingFor } from '../../src/gate/challenge.ts'
import { createPolicy, type Policy, type Rule } from '../../src/gate/policy.ts'
import type { Principal } from '../../src/gate/principal.ts'
import * as assert from '../support/assert.ts'
import { createRandom, type Random, SEED } from '../support/random.ts'
import { suite } from '../support/suite.ts'
import { compile, rule } from './rules.ts'

const challenges = suite('the scope to ask for')

const TICK: Call = { method: 'tools/call', name: 'tick' }
const PING: Call = { method: 'ping', name: null }
const tools = (...names: string[]): Partial<Rule> => ({ tools: names })

const ALL_NAMES = { tools: '*', prompts: '*', resources: '*' } as const

const TABLE: [string, Rule[], string[], Call | null, string | null][] = [
  ['none when nothing opens the call', [rule('a/x', 's', ['tools/list'])], [], TICK, null],
  ['none when it is open on another server only', [rule('a/x', 'other', ['ping'])], [], PING, null],
  ['none when the server is not known', [rule('a/x', 'other', ['ping'])], [], null, null],
  ['the only one', [rule('a/x', 's', ['tools/call'], tools('tick'))], [], TICK, 'a/x'],
  ['one that opens every server', [rule('a/x', '*', ['ping'])], [], PING, 'a/x'],
  ['one that opens every tool', [rule('a/x', 's', ['tools/call'], { tools: '*' })], [], TICK, 'a/x'],
  ['one that opens every method', [rule('a/x', 's', '*')], [], PING, 'a/x'],
  ['not one that lists the method and not the name', [rule('a/x', 's', ['tools/call'], tools('tock'))], [], TICK, null],
  ['the one that opens the least', [rule('a/x', 's', ['ping', 'tools/list']), rule('a/y', 's', ['ping'])], [], PING, 'a/y'],
  [
    'the one that opens the least on all servers together',
    [rule('a/x', 's', ['ping']), rule('a/x', 'other', ['ping', 'tools/list']), rule('a/y', 's', ['ping', 'tools/list'])],
    [],
    PING,
    'a/y',
  ],
  ['the first in the file of equals', [rule('a/y', 's', ['ping']), rule('a/x', 's', ['ping'])], [], PING, 'a/y'],
  [
    'a list of many tools rather than all of them',
    [rule('a/all', 's', ['tools/call'], { tools: '*' }), rule('a/x', 's', ['tools/call'], tools('tick', 'b', 'c', 'd'))],
    [],
    TICK,
    'a/x',
  ],
  ['many methods rather than all of them', [rule('a/all', 's', '*'), rule('a/x', 's', ['ping', 'b', 'c', 'd'])], [], PING, 'a/x'],
  ['this server rather than every one', [rule('a/all', '*', ['ping']), rule('a/x', 's', ['ping', 'b', 'c'])], [], PING, 'a/x'],
  ['of the resource server of a held scope', [rule('a/x', 's', ['ping']), rule('b/y', 's', ['ping', 'c'])], ['b/x'], PING, 'b/y'],
  ['of the first held resource server', [rule('a/x', 's', ['ping']), rule('b/y', 's', ['ping', 'c'])], ['b/x', 'a/z'], PING, 'b/y'],
  ['of the second one when the first has none', [rule('a/x', 's', ['ping']), rule('b/y', 's', ['ping'])], ['c/x', 'b/x'], PING, 'b/y'],
  ['of any when the held ones have none', [rule('a/x', 's', ['ping'])], ['b/x'], PING, 'a/x'],
  ['of a resource server with slashes', [rule('a/x', 's', ['ping']), rule('a/b/y', 's', ['ping', 'c'])], ['a/b/x'], PING, 'a/b/y'],
  ['of a resource server that is a URL', [rule('a/x', 's', ['ping']), rule('x:/b/y', 's', ['ping'])], ['x:/b/z'], PING, 'x:/b/y'],
  ['without a resource server', [rule('a/x', 's', ['ping']), rule('solo', 's', ['ping', 'c'])], ['other'], PING, 'solo'],
  ['for every call: one that opens all of them', [rule('a/x', 's', '*'), rule('a/all', '*', '*', ALL_NAMES)], [], EVERY_CALL, 'a/all'],
  ['for every call: none that lists names', [rule('a/x', 's', '*', { ...ALL_NAMES, tools: ['tick'] })], [], EVERY_CALL, null],
  [
    'for every call: one of the resource server of a held scope',
    [rule('b/all', 's', '*', ALL_NAMES), rule('a/all', '*', '*', ALL_NAMES)],
    ['a/x'],
    EVERY_CALL,
    'a/all',
  ],
  ['for a server: one that starts a conversation', [rule('a/x', 's', ['ping']), rule('a/y', 's', ['initialize', 'b'])], [], null, 'a/y'],
  ['for a server: of the held resource server first', [rule('a/x', 's', ['initialize']), rule('b/y', 's', ['ping'])], ['b/z'], null, 'b/y'],
  ['for a server: any when none starts one', [rule('a/x', 's', ['ping'])], [], null, 'a/x'],
  ['for a server: one whose entry opens no call', [rule('a/x', 's', ['tools/call'])], [], null, 'a/x'],
  [
    'entries that are split are no wider than entries in one',
    [
      rule('a/one', 's', ['ping', 'b', 'c', 'd', 'e', 'f', 'g']),
      ...['ping', 'b', 'c', 'd', 'e'].map((method) => rule('a/split', 's', [method])),
    ],
    [],
    PING,
    'a/split',
  ],
  [
    'a name that ends with a star is as narrow as any other',
    [rule('a/x', 's', ['tools/call'], tools('tick', 'b', 'c')), rule('a/star', 's', ['tools/call'], tools('tick', 'b*'))],
    [],
    TICK,
    'a/star',
  ],
]
for (const [what, rules, held, call, expected] of TABLE) {
  challenges(what, () => {
    assert.is(compile(...rules).missingScope(held, 's', call), expected)
  })
}

challenges('of those alone that come into question', () => {
  const policy = compile(
    rule('a/x', 's', ['ping']),
    rule('a/y', 's', ['ping', 'b']),
    rule('b/z', 's', ['initialize']),
    rule('b/w', 's', ['b']),
  )
  const rows: [string[], Call | null, readonly string[], string | null][] = [
    [[], PING, ['a/x', 'a/y'], 'a/x'],
    [[], PING, ['a/y', 'b/z'], 'a/y'],
    [[], PING, ['b/z'], null],
    [[], PING, ['gone'], null],
    [[], PING, [], null],
    [['b/w'], null, ['a/x', 'b/w', 'b/z'], 'b/z'],
    [['b/w'], null, ['a/x'], 'a/x'],
    [[], null, ['a/x', 'b/w'], 'a/x'],
  ]
  for (const [held, call, among, expected] of rows)
    assert.is(policy.missingScope(held, 's', call, among), expected, JSON.stringify([held, call, among]))
})

// Against the rule itself, by trying every scope.
const ROUNDS = 300
const ALL = ['a/v', 'a/w', 'b/x', 'b/y', 'solo']
const METHODS = ['initialize', 'ping', 'tools/list', 'tools/call']
const CALLS: (Call | null)[] = [null, PING, { method: 'tools/list', name: null }, TICK, { method: 'tools/call', name: 'tock' }]

interface Drawn {
  policy: Policy
  server: string
  call: Call | null
  principal: Principal
}

const chance = (random: Random, percent: number): boolean => random.below(100) < percent

function draw(random: Random): Drawn {
  const some = <T>(values: readonly T[]): T[] => values.filter(() => chance(random, 40))
  const rules = Array.from({ length: random.below(9) }, () =>
    rule(random.pick(ALL), chance(random, 20) ? '*' : random.pick(['s', 'other']), chance(random, 10) ? '*' : some(METHODS), {
      tools: chance(random, 10) ? '*' : some(['tick', 'tock']),
    }),
  )
  const policy = createPolicy(rules, ALL, new Map())
  const groups = ALL.filter(() => chance(random, 50))
  const narrowed = chance(random, 60) ? groups.filter(() => chance(random, 50)) : groups
  const agent = chance(random, 30)
  const principal: Principal = {
    user: 'u',
    clientId: 'c',
    groups: [],
    scopes: agent ? groups : narrowed,
    attainable: agent ? null : groups,
    authMethod: 'jwt',
    expiresAt: 9,
  }
  return { policy, server: random.pick(['s', 'other', 'unknown']), call: random.pick(CALLS), principal }
}

const opens = ({ policy, server, call }: Drawn, scope: string): boolean =>
  call === null ? policy.opens([scope], server) : policy.permits([scope], server, call)

challenges(`what helps is asked for, and only what helps (seed ${SEED})`, () => {
  const random = createRandom(SEED)
  const seen = { token: 0, client: 0, group: 0, nothing: 0 }
  for (let round = 0; round < 20 * ROUNDS; round += 1) {
    const one = draw(random)
    const { policy, principal, server, call } = one
    if (principal.scopes.some((scope) => opens(one, scope))) continue
    const denied = new Set(ALL.filter(() => chance(random, 30)))
    const challengeScopes = { all: false, allowed: chance(random, 50) ? null : (scope: string) => !denied.has(scope) }
    const { remedy, scope } = lackingFor(principal, server, call, { policy, challengeScopes })
    seen[remedy] += 1
    const opening = ALL.filter((one_) => opens(one, one_))
    const theirs = opening.filter((one_) => principal.attainable === null || principal.attainable.includes(one_))
    const askable = theirs.filter((one_) => principal.attainable === null || challengeScopes.allowed === null || !denied.has(one_))
    const expected = askable.length > 0 ? 'token' : theirs.length > 0 ? 'client' : opening.length > 0 ? 'group' : 'nothing'
    const told = JSON.stringify([round, remedy, scope, principal, server, call])
    assert.is(remedy, expected, told)
    const candidates = { token: askable, client: theirs, group: opening, nothing: [null] }[remedy]
    assert.ok(candidates.includes(scope as never), told)
  }
  assert.ok(Math.min(...Object.values(seen)) > ROUNDS / 50, JSON.stringify(seen))
})

challenges('the scopes that begin a conversation are all that open initialize by themselves, in the order of the file', () => {
  const random = createRandom(SEED)
  let found = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const { policy, server } = draw(random)
    const expected = ALL.filter((scope) => policy.permits([scope], server, { method: 'initialize', name: null }))
    assert.equal([...policy.beginning(server)], expected)
    assert.equal(
      [...policy.scopesFor(server)],
      ALL.filter((scope) => policy.opens([scope], server)),
    )
    found += expected.length
  }
  assert.ok(found > ROUNDS / 3, `${found}`)
})

challenges.run()
