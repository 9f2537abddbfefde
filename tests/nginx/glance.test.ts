/** What nginx reads of a message at a glance is what the strict reader says, or nothing. tests/fuzz has more of it. */
import reader from '../../nginx/gatehouse/call.js'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { CASES } from './call_cases.ts'
import { disagreement, LONG } from './glance_texts.ts'
import { type Glance, type NjsParser, startNjsParser } from './njs.ts'

const compiled = suite('at a glance, with machine code')
const interpreted = suite('at a glance, without machine code')

for (const glance of [compiled, interpreted]) {
  let nginx: NjsParser
  let read: Array<Glance | null>
  glance.before(async () => {
    nginx = await startNjsParser({ jit: glance === compiled })
    read = await nginx.glanceEach(CASES.map(({ body }) => body))
  })
  glance.after(() => nginx?.close())

  for (const [index, { name, body }] of CASES.entries()) {
    glance(name, () => assert.is(disagreement(body, read[index] ?? null), ''))
  }
  glance('some of these are read', () => {
    const count = read.filter((one) => one !== null).length
    assert.ok(count >= 10, `${count} of ${read.length}`)
  })

  // nginx would write the text down with what went wrong.
  for (const { name, text, reads } of LONG) {
    glance(`as much as may be: ${name}`, async () => {
      const body = Buffer.from(text)
      const [read = null] = await nginx.glanceEach([body])
      assert.equal([read !== null, disagreement(body, read), nginx.complaints()], [reads, '', ''])
      if (reads) assert.is((reader.parse(text) as { refused?: string }).refused, undefined)
    })
  }
}

compiled.run()
interpreted.run()
