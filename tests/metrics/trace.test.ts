import { traceIdOf } from '../../src/trace.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const tests = suite('the trace of a request')
const ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

for (const good of [`00-${ID}-${SPAN}-01`, `00-${ID}-${SPAN}-00`, `cc-${ID}-${SPAN}-ff`])
  tests(`in ${good}`, () => assert.is(traceIdOf(good), ID))

const BAD = [
  '',
  'nonsense',
  `ff-${ID}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${ID}-${'0'.repeat(16)}-01`,
  `00-${ID.toUpperCase()}-${SPAN}-01`,
  `00-${ID}-${SPAN}-01\n`,
  `00-${ID}-${SPAN}-01-more`,
  `00-${ID}-${SPAN}-01, 00-${ID}-${SPAN}-01`,
  `00-${ID}","user":"root-${SPAN}-01`,
]
for (const bad of BAD) tests(`none in ${JSON.stringify(bad)}`, () => assert.is(traceIdOf(bad), ''))

tests.run()
