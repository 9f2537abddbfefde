/** The parser inside nginx: the same table as in Node, because njs is another engine. */
import { suite } from 'uvu'
import * as assert from '../support/assert.ts'
import { CASES } from './call_cases.ts'
import { objection } from './call_oracle.ts'
import { type NjsParser, startNjsParser } from './njs.ts'
import { mutations, SEED, texts } from './random_json.ts'

const table = suite('the parser in njs')
let njs: NjsParser

table.before(async () => {
  njs = await startNjsParser()
})
for (const { name, body, expected } of CASES) {
  table(name, async () => assert.equal(await njs.parse(body), expected))
}
table('random texts agree with JSON.parse', async () => {
  for (const body of [...texts(), ...mutations()]) {
    const verdict = await njs.parse(body)
    assert.is(objection(body, verdict), '', `seed ${SEED}: ${JSON.stringify(verdict)} for ${body.toString('latin1')}`)
  }
})
table.after(() => njs.close())
table.run()
