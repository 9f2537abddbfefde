/** The filter of lists inside nginx: the same table as in Node, and the same random lists. */
import { suite } from 'uvu'
import lists from '../../nginx/gatehouse/lists.js'
import * as assert from '../support/assert.ts'
import { LIST_CASES } from './lists_cases.ts'
import { objectionToList } from './lists_oracle.ts'
import { type NjsParser, type Shown, startNjsParser } from './njs.ts'
import { listAnswers, SEED } from './random_json.ts'

const table = suite('lists in njs')
let njs: NjsParser

table.before(async () => {
  njs = await startNjsParser()
})
for (const { name, text, expected, method, set, scoped } of LIST_CASES) {
  table(name, async () => assert.is((await njs.shown(text, method, set, scoped)).text, expected))
}
table('random lists agree with JSON.parse and with Node', async () => {
  const set = 'tools/call=now tools/call=a%20b%C3%A9'
  for (const { text, mutation } of listAnswers()) {
    for (const body of [text, mutation].filter((one) => one.isWellFormed())) {
      const seen = await njs.shown(body, 'tools/list', set, true)
      assert.equal(seen, lists.shown(body, 'tools/list', lists.wordsOf(set), true) as Shown, `seed ${SEED}: ${body}`)
      assert.is(objectionToList(body, seen.text, ['now', 'a b\u00e9']), '', `seed ${SEED}: ${body}`)
    }
  }
})
table.after(() => njs.close())
table.run()
