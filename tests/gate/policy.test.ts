import { type Call, EVERY_CALL } from '../../src/gate/call.ts'
import { createPolicy } from '../../src/gate/policy.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { compile, rule } from './rules.ts'

const policies = suite('what the policy opens')

const named = (method: string, name: string): Call => ({ method, name })
const plain = (method: string): Call => ({ method, name: null })

const POLICY = compile(
  rule('t/list', 'now', ['initialize', 'tools/list']),
  rule('t/call', 'now', ['tools/call'], { tools: ['tick', 'a=b', 'größe', 'x y', 'half*'] }),
  rule('t/names', 'now', ['ping'], { tools: ['tick'], prompts: ['greet'] }),
  rule('t/method', 'now', ['tools/call', 'prompts/get', 'resources/read']),
  rule('t/split', 'now', ['tools/call'], { prompts: ['greet'] }),
  rule('t/split', 'now', ['prompts/get'], { tools: ['tick'] }),
  rule('t/prompts', 'now', ['prompts/get'], { prompts: ['greet'], tools: ['tick'] }),
  rule('t/resources', 'now', ['resources/read'], { resources: ['file:///a?b=c'] }),
  rule('t/anytool', 'now', ['tools/call'], { tools: '*' }),
  rule('t/anymethod', 'now', '*'),
  rule('t/anymethod_tick', 'now', '*', { tools: ['tick'] }),
  rule('t/everywhere', '*', ['ping']),
  rule('t/all', '*', '*', { tools: '*', prompts: '*', resources: '*' }),
)

const WHOLE = { tools: '*', prompts: '*', resources: '*' } as const
const EVERYTHING = compile(
  rule('e/all', 'now', '*', WHOLE),
  rule('e/methods', 'now', '*'),
  rule('e/names', 'now', ['tools/call', 'prompts/get', 'resources/read'], WHOLE),
  rule('e/no_tools', 'now', '*', { ...WHOLE, tools: ['tick', 'tock'] }),
  rule('e/no_prompts', 'now', '*', { ...WHOLE, prompts: [] }),
  rule('e/no_resources', 'now', '*', { ...WHOLE, resources: ['*:'] }),
  rule('e/no_ping', 'now', ['initialize', 'tools/call', 'prompts/get', 'resources/read'], WHOLE),
  rule('e/everywhere', '*', '*', WHOLE),
  rule('e/later', 'later', '*', WHOLE),
  rule('e/named_star', 'now', ['*', 'tools/call'], { tools: ['*'], prompts: ['*'], resources: ['*'] }),
)
for (const [held, server, expected] of [
  [['e/all'], 'now', true],
  [['e/everywhere'], 'now', true],
  [['e/everywhere'], 'unheard_of', true],
  [['e/methods', 'e/names'], 'now', true],
  [['e/no_tools', 'e/no_prompts'], 'now', true],
  [['e/methods'], 'now', false],
  [['e/names'], 'now', false],
  [['e/no_tools'], 'now', false],
  [['e/no_prompts'], 'now', false],
  [['e/no_resources'], 'now', false],
  [['e/no_ping'], 'now', false],
  [['e/no_ping', 'e/names'], 'now', false],
  [['e/later'], 'now', false],
  [['e/all'], 'later', false],
  [['e/all'], '*', false],
  [[], 'now', false],
] as const) {
  policies(`every call: ${held.join(' and ') || 'nothing'} ${expected ? 'opens' : 'does not open'} all of ${server}`, () => {
    assert.is(EVERYTHING.permits(held, server, EVERY_CALL), expected)
    // What opens everything opens whatever it may be.
    if (expected) for (const [, , , call] of CALLS) assert.ok(EVERYTHING.permits(held, server, call))
  })
}

const CALLS: [string, string[], string, Call, boolean][] = [
  ['a listed method', ['t/list'], 'now', plain('tools/list'), true],
  ['a method that is not listed', ['t/list'], 'now', plain('ping'), false],
  ['a method in another case', ['t/list'], 'now', plain('Tools/List'), false],
  ['a method that begins the same', ['t/list'], 'now', plain('tools/lis'), false],
  ['a method of another scope', ['t/names'], 'now', plain('tools/list'), false],
  ['a method of a second scope', ['t/names', 't/list'], 'now', plain('tools/list'), true],
  ['a method on another server', ['t/list'], 'later', plain('tools/list'), false],
  ['a method on the server in another case', ['t/list'], 'Now', plain('tools/list'), false],
  ['a scope that is not known', ['t/unknown'], 'now', plain('tools/list'), false],
  ['a scope out of the prototype', ['__proto__', 'constructor'], 'now', plain('tools/list'), false],
  ['no scope', [], 'now', plain('tools/list'), false],
  ['a new method', ['t/list', 't/call'], 'now', plain('server/discover'), false],
  ['a listed tool', ['t/call'], 'now', named('tools/call', 'tick'), true],
  ['a tool that is not listed', ['t/call'], 'now', named('tools/call', 'tock'), false],
  ['a tool with an equals sign', ['t/call'], 'now', named('tools/call', 'a=b'), true],
  ['the same tool encoded', ['t/call'], 'now', named('tools/call', 'a%3Db'), false],
  ['a tool outside of ASCII', ['t/call'], 'now', named('tools/call', 'größe'), true],
  ['the same tool in another normal form', ['t/call'], 'now', named('tools/call', 'größe'.normalize('NFD')), false],
  ['a tool with a space', ['t/call'], 'now', named('tools/call', 'x y'), true],
  ['a part of it', ['t/call'], 'now', named('tools/call', 'x'), false],
  ['a name with a star is no pattern', ['t/call'], 'now', named('tools/call', 'halfway'), false],
  ['a star is no name that a list opens', ['t/call'], 'now', named('tools/call', '*'), false],
  ['a listed tool without the method', ['t/names'], 'now', named('tools/call', 'tick'), false],
  ['the method without any tool', ['t/method'], 'now', named('tools/call', 'tick'), false],
  ['the method without any prompt', ['t/method'], 'now', named('prompts/get', 'greet'), false],
  ['the method without any resource', ['t/method'], 'now', named('resources/read', 'file:///a'), false],
  ['method and name in two scopes', ['t/method', 't/names'], 'now', named('tools/call', 'tick'), false],
  ['method and name in two entries of a scope', ['t/split'], 'now', named('tools/call', 'tick'), false],
  ['a prompt in two entries of a scope', ['t/split'], 'now', named('prompts/get', 'greet'), false],
  ['a listed prompt', ['t/prompts'], 'now', named('prompts/get', 'greet'), true],
  ['a prompt named like a listed tool', ['t/prompts'], 'now', named('prompts/get', 'tick'), false],
  ['a listed resource', ['t/resources'], 'now', named('resources/read', 'file:///a?b=c'), true],
  ['a resource below a listed one', ['t/resources'], 'now', named('resources/read', 'file:///a?b=c/d'), false],
  ['every tool', ['t/anytool'], 'now', named('tools/call', 'whatever'), true],
  ['every tool, and no prompt', ['t/anytool'], 'now', named('prompts/get', 'greet'), false],
  ['every tool, and no other method', ['t/anytool'], 'now', plain('tools/list'), false],
  ['every tool, on this server alone', ['t/anytool'], 'later', named('tools/call', 'whatever'), false],
  ['every method', ['t/anymethod'], 'now', plain('whatever/is'), true],
  ['every method, and still no tool', ['t/anymethod'], 'now', named('tools/call', 'tick'), false],
  ['every method and one tool', ['t/anymethod_tick'], 'now', named('tools/call', 'tick'), true],
  ['every method and another tool', ['t/anymethod_tick'], 'now', named('tools/call', 'tock'), false],
  ['every method and a prompt', ['t/anymethod_tick'], 'now', named('prompts/get', 'tick'), false],
  ['every server', ['t/everywhere'], 'later', plain('ping'), true],
  ['every server, and no other method', ['t/everywhere'], 'later', plain('tools/list'), false],
  ['everything', ['t/all'], 'later', named('resources/read', 'x:y'), true],
]
for (const [what, held, server, call, expected] of CALLS) {
  policies(`${what}: ${expected ? 'allowed' : 'denied'}`, () => {
    assert.is(POLICY.permits(held, server, call), expected)
  })
}

const SERVERS: [string, string[], string, boolean][] = [
  ['an entry opens the server', ['t/list'], 'now', true],
  ['an entry that opens no call opens the server', ['t/method'], 'now', true],
  ['an entry for every server opens any', ['t/everywhere'], 'later', true],
  ['an entry for another server does not', ['t/list'], 'later', false],
  ['an unknown scope does not', ['t/unknown'], 'now', false],
  ['no scope does not', [], 'now', false],
  ['the star itself is no server', ['t/list'], '*', false],
]
for (const [what, held, server, expected] of SERVERS) {
  policies(what, () => {
    assert.is(POLICY.opens(held, server), expected)
  })
}

const SETS: [string, string[], string, string][] = [
  ['methods stand for themselves', ['t/list'], 'now', 'initialize tools/list'],
  [
    'names are percent-encoded behind their method',
    ['t/call'],
    'now',
    'tools/call=tick tools/call=a%3Db tools/call=gr%C3%B6%C3%9Fe tools/call=x%20y tools/call=half*',
  ],
  ['all tools are a star', ['t/anytool'], 'now', 'tools/call=*'],
  ['all methods are a star, names apart', ['t/anymethod_tick'], 'now', '* tools/call=tick'],
  ['everything', ['t/all'], 'now', '* tools/call=* prompts/get=* resources/read=*'],
  ['scopes add up, each word once', ['t/list', 't/everywhere', 't/list'], 'now', 'initialize tools/list ping'],
  ['an entry that opens no call', ['t/method'], 'now', ''],
  ['another server', ['t/list'], 'later', ''],
]
for (const [what, held, server, expected] of SETS) {
  policies(`the set: ${what}`, () => {
    assert.is(POLICY.allowSet(held, server, 4096), expected)
  })
}

policies('the set is null beyond the limit, to the character', () => {
  const set = POLICY.allowSet(['t/call', 't/list'], 'now', 4096) ?? ''
  assert.is(POLICY.allowSet(['t/call', 't/list'], 'now', set.length), set)
  assert.is(POLICY.allowSet(['t/call', 't/list'], 'now', set.length - 1), null)
})

policies('a word that is in the set already does not count twice', () => {
  const policy = compile(rule('a/x', 's', ['ping']), rule('b/x', 's', ['ping']))
  assert.is(policy.allowSet(['a/x', 'b/x', 'a/x'], 's', 4), 'ping')
})

policies('groups give their known scopes, in the order of the file, once', () => {
  const groups = new Map([
    ['first', ['b/x', 'unknown', 'a/x']],
    ['second', ['a/x']],
  ])
  const policy = createPolicy([], ['a/x', 'b/x'], groups)
  assert.equal(policy.scopesOf(['second', 'first', 'first']), ['a/x', 'b/x'])
  assert.equal(policy.scopesOf(['First', '', 'toString', '__proto__']), [])
  assert.equal(policy.size, { scopes: 2, groups: 2, servers: 0 })
})

policies('a scope without rules is known and opens nothing', () => {
  const policy = createPolicy([], ['a/x'], new Map())
  assert.is(policy.knows('a/x'), true)
  assert.is(policy.knows('a/y'), false)
  assert.is(policy.opens(['a/x'], 's'), false)
})

policies('a client of a server may ask for the scopes that open something there', () => {
  const policy = compile(rule('c/x', '*', ['ping']), rule('b/x', 'now', ['ping']), rule('a/x', 'later', ['ping']))
  assert.equal(policy.scopesFor('now'), ['c/x', 'b/x'])
  assert.equal(policy.scopesFor('unknown'), ['c/x'])
})

policies.run()
