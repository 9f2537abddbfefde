/** The parser inside nginx: the same table as in Node, because njs is another engine. */

import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { CASES } from './call_cases.ts'
import { type NjsParser, startNjsParser } from './njs.ts'

const table = suite('the parser in njs')
let njs: NjsParser

table.before(async () => {
  njs = await startNjsParser()
})
for (const { name, body, expected } of CASES) {
  table(name, async () => assert.equal(await njs.parse(body), expected))
}
table.after(() => njs.close())
table.run()
