/** The filter of lists inside nginx: the same table as in Node. */

import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { LIST_CASES } from './lists_cases.ts'
import { type NjsParser, startNjsParser } from './njs.ts'

const table = suite('lists in njs')
let njs: NjsParser

table.before(async () => {
  njs = await startNjsParser()
})
for (const { name, text, expected, method, set, scoped } of LIST_CASES) {
  table(name, async () => assert.is((await njs.shown(text, method, set, scoped)).text, expected))
}
table.after(() => njs.close())
table.run()
