import reader from '../../nginx/gatehouse/call.js'
import { type Call, decodeCall, EVERY_CALL, isMethod, MAX_LENGTH, NAMED } from '../../src/gate/call.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const calls = suite('the call in X-Mcp-Call')

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const LONGEST = 'x'.repeat(MAX_LENGTH)

const GOOD: [string, unknown, Call][] = [
  ['a method without a name', { method: 'tools/list' }, { method: 'tools/list', name: null }],
  ['a notification', { method: 'notifications/initialized' }, { method: 'notifications/initialized', name: null }],
  ['every character that a method may hold', { method: 'aZ09_/.$-' }, { method: 'aZ09_/.$-', name: null }],
  ['the longest method', { method: LONGEST }, { method: LONGEST, name: null }],
  ['a tool', { method: 'tools/call', name: 'now' }, { method: 'tools/call', name: 'now' }],
  ['a prompt', { method: 'prompts/get', name: 'greet' }, { method: 'prompts/get', name: 'greet' }],
  ['a resource', { method: 'resources/read', name: 'file:///a b?c=%20' }, { method: 'resources/read', name: 'file:///a b?c=%20' }],
  ['the longest name', { method: 'tools/call', name: LONGEST }, { method: 'tools/call', name: LONGEST }],
  ['a name outside of ASCII', { method: 'tools/call', name: 'zeit_größe 🕰' }, { method: 'tools/call', name: 'zeit_größe 🕰' }],
  ['a name that reads like a wildcard', { method: 'tools/call', name: '*' }, { method: 'tools/call', name: '*' }],
  ['a name out of the prototype', { method: 'tools/call', name: '__proto__' }, { method: 'tools/call', name: '__proto__' }],
  ['a method out of the prototype', { method: 'constructor' }, { method: 'constructor', name: null }],
  ['a member besides', { method: 'ping', arguments: { secret: 1 } }, { method: 'ping', name: null }],
]
for (const [what, value, expected] of GOOD) {
  calls(`${what} is read`, () => {
    assert.equal(decodeCall(encoded(value)), expected)
  })
}

const BAD: [string, unknown][] = [
  ['no method', {}],
  ['an empty method', { method: '' }],
  ['a method that is no string', { method: ['ping'] }],
  ['a wildcard as method', { method: '*' }],
  ['a method with a space', { method: 'tools/call ping' }],
  ['a method with an equals sign', { method: 'tools/call=now' }],
  ['a method with a final newline', { method: 'ping\n' }],
  ['a method outside of ASCII', { method: 'pıng' }],
  ['a method that is too long', { method: `${LONGEST}x` }],
  ['a tool call without a name', { method: 'tools/call' }],
  ['a tool call with an empty name', { method: 'tools/call', name: '' }],
  ['a tool call with null for a name', { method: 'tools/call', name: null }],
  ['a name that is a list', { method: 'tools/call', name: ['now'] }],
  ['a name that is an object', { method: 'tools/call', name: { toString: 'now' } }],
  ['a name with a line break', { method: 'tools/call', name: 'now\r\nX-User: root' }],
  ['a name with a NUL', { method: 'tools/call', name: 'now\u0000' }],
  ['a name with DEL', { method: 'tools/call', name: 'now\u007f' }],
  ['a name with a C1 control', { method: 'resources/read', name: 'now\u0085' }],
  ['a name with half a character', { method: 'prompts/get', name: 'now\ud83d' }],
  ['a name that is too long', { method: 'tools/call', name: `${LONGEST}x` }],
  ['a name for a method without names', { method: 'tools/list', name: 'now' }],
  ['null for a name where there is none', { method: 'tools/list', name: null }],
  ['a list', ['tools/call', 'now']],
  ['null', null],
  ['a string', 'tools/call'],
  ['a number', 7],
]
for (const [what, value] of BAD) {
  calls(`${what} is refused`, () => {
    assert.is(decodeCall(encoded(value)), null)
  })
}

for (const [what, header] of [
  ['an empty header', ''],
  ['what is no base64', '§§§'],
  ['plain JSON', '{"method":"ping"}'],
  ['cut JSON', encoded({ method: 'ping' }).slice(0, -4)],
  ['the call of a client beside the one of its gate', `${encoded({ method: 'ping' })}, *`],
  ['the call of a gate beside the one of its client', `*, ${encoded({ method: 'ping' })}`],
  ['a call in base64 with padding', Buffer.from('{"method":"p"}').toString('base64')],
  ['every call twice', '*, *'],
  ['every call with a space', ' *'],
  ['every call, encoded', Buffer.from('*').toString('base64url')],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]).toString('base64url')],
] as const) {
  calls(`${what} is refused`, () => {
    assert.is(decodeCall(header), null)
  })
}

calls('an asterisk is every call, and nothing else is', () => {
  assert.is(decodeCall('*'), EVERY_CALL)
  assert.not(isMethod(EVERY_CALL.method))
})

calls('the last of two equal members counts, as for JSON.parse in NGINX', () => {
  const header = Buffer.from('{"method":"ping","method":"tools/list"}').toString('base64url')
  assert.equal(decodeCall(header), { method: 'tools/list', name: null })
})

calls('isMethod takes no other type for a string', () => {
  for (const value of [undefined, null, 0, {}, [], new String('ping'), Symbol.iterator]) assert.is(isMethod(value), false)
})

calls('names matter for three methods', () => {
  assert.equal(
    [...NAMED],
    [
      ['tools/call', 'tools'],
      ['prompts/get', 'prompts'],
      ['resources/read', 'resources'],
    ],
  )
})

// NGINX hands on what it has read. What it takes and the validator does not would be an error of the server instead of an answer.
const NAMES = [
  'now',
  LONGEST,
  'ü'.repeat(256),
  '日'.repeat(256),
  '🕰'.repeat(128),
  '🕰'.repeat(256),
  'a\u2028b',
  '=?base64?bm93?=',
  '\u00ad',
  '*',
]
for (const name of NAMES) {
  calls(`what NGINX reads can be decided: a name of ${[...name].length} characters, ${encodeURIComponent(name).slice(0, 24)}`, () => {
    const params = { name, uri: name }
    for (const method of NAMED.keys()) {
      const found = reader.parse(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })) as Partial<Call> & { refused?: string }
      if (found.refused !== undefined) continue
      assert.equal(decodeCall(encoded({ method: found.method, name: found.name })), { method, name })
    }
  })
}

calls.run()
