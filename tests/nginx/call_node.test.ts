/** The parser in Node: the table, and JSON.parse as an oracle of the table itself. */

import reader from '../../nginx/gatehouse/call.js'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { CASES } from './call_cases.ts'
import { objection } from './call_oracle.ts'
import type { Verdict } from './njs.ts'

/** As gate.js and the nginx of the tests do it. */
function parse(body: Buffer): Verdict {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return { refused: 'body_not_utf8', id: '' }
  }
  return reader.parse(text) as Verdict
}

const table = suite('the parser in Node')
for (const { name, body, expected } of CASES) {
  table(name, () => assert.equal(parse(body), expected))
}
table.run()

const oracle = suite('the table beside JSON.parse')
for (const { name, body, expected } of CASES) {
  oracle(name, () => assert.is(objection(body, expected), ''))
}
oracle.run()
