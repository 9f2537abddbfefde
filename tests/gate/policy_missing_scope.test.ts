import { suite } from 'uvu'
import type { Call } from '../../src/gate/call.ts'
import type { Rule } from '../../src/gate/policy.ts'
import * as assert from '../support/assert.ts'
import { compile, rule } from './rules.ts'

const challenges = suite('the scope to ask for')

const TICK: Call = { method: 'tools/call', name: 'tick' }
const PING: Call = { method: 'ping', name: null }
const tools = (...names: string[]): Partial<Rule> => ({ tools: names })

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

challenges.run()
