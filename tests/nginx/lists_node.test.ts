/** The filter of lists in Node: the table. */

import lists from '../../nginx/gatehouse/lists.js'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { LIST_CASES } from './lists_cases.ts'
import type { Shown } from './njs.ts'

const shown = (text: string, method: string, set: string, scoped: boolean): Shown =>
  lists.shown(text, method, lists.wordsOf(set), scoped, { left: Number.POSITIVE_INFINITY }) as Shown

const table = suite('lists in Node')
for (const { name, text, expected, method, set, scoped } of LIST_CASES) {
  table(name, () => {
    const { text: seen } = shown(text, method, set, scoped)
    assert.is(seen, expected)
    if (seen !== null) JSON.parse(seen)
  })
}
for (const [id, text] of [
  ['1', '{"id":1,"result":{"tools":7}}'],
  ['"a\\"b"', '{"id":"a\\"b","x":'],
  ['', '{"id":[1],"result":{"tools":7}}'],
] as const) {
  table(`tells the id of an answer that cannot be read: ${text}`, () =>
    assert.equal(shown(text, 'tools/list', '', false), { text: null, id }),
  )
}
table('knows the methods that list', () => {
  for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) assert.ok(lists.isList(method))
  for (const method of ['tools/call', 'roots/list', 'constructor', '']) assert.not.ok(lists.isList(method))
})
table.run()
