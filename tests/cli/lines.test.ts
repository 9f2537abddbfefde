/** Longer text of others cannot do anything to a terminal. */

import { cleanLines, oneLine } from '../../src/cli/lines.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const lines = suite('text of several lines')

for (const [text, expected] of [
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['windows\r\nlines', 'windows\nlines'],
  ['over\rwritten', 'overwritten'],
  ['\u001b[31mred\u001b[0m', '[31mred[0m'],
  ['\u001b]0;title\u0007', ']0;title'],
  ['\u009b2J', '2J'],
  ['a\u202eb\u2066c\u200b', 'abc'],
  ['half \ud800 of a character', 'half  of a character'],
  ['日本語 and é stay', '日本語 and é stay'],
] as const) {
  lines(`${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => assert.is(cleanLines(text), expected))
}

lines('one line is one line, and not longer than asked', () => {
  assert.is(oneLine(' a\n\n b\tc ', 20), 'a b c')
  assert.is(oneLine('x'.repeat(30), 10), `${'x'.repeat(9)}…`)
})

lines.run()
