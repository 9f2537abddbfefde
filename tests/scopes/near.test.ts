/** What counts as a slip of the hand. */
import { isNear } from '../../src/scopes/near.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const near = suite('words that are nearly the same')
for (const [one, other, expected] of [
  ['ping', 'ping', false],
  ['pin', 'ping', true],
  ['pingg', 'ping', true],
  ['pang', 'ping', true],
  ['pnig', 'ping', true],
  ['PING', 'ping', true],
  ['p', '', true],
  ['', '', false],
  ['pg', 'ping', false],
  ['gnip', 'ping', false],
  ['aa', 'aaa', true],
  ['abab', 'baba', false],
  ['tools/call', 'tools/list', false],
] as const) {
  near(`"${one}" and "${other}": ${expected}`, () => assert.equal([isNear(one, other), isNear(other, one)], [expected, expected]))
}
near.run()
