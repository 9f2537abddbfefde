import { clean, inWords, namesInWords, shellWord, whenInWords } from '../../src/cli/words.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const words = suite('words for people')

for (const [seconds, expected] of [
  [0, '0 seconds'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, '1 minute'],
  [3599, '59 minutes'],
  [3600, '1 hour'],
  [28_740, '7 hours 59 minutes'],
  [86_400, '1 day'],
  [90_061, '1 day 1 hour'],
  [86_460, '1 day'],
  [30 * 86_400, '30 days'],
] as const) {
  words(`${seconds} seconds are ${expected}`, () => assert.is(inWords(seconds), expected))
}

words('a time is said in the local zone, with what is left or how long ago', () => {
  assert.match(whenInWords(1_800_000_000, 1_800_000_000 - 3600), /^2027-01-1\d \d\d:\d\d \(in 1 hour\)$/)
  assert.match(whenInWords(1_800_000_000, 1_800_000_120), /\(2 minutes ago\)$/)
})

words('what others wrote neither moves the cursor, nor reorders, nor hides, nor floods', () => {
  assert.is(clean('a\x1b[31mb\r\n\x00\x7f\x9b\u202ec\u200bd\u2028\ud800'), 'a[31mbcd')
  assert.is(clean('x'.repeat(1000)).length, 300)
  assert.is(clean('Žofie 学生 👩'), 'Žofie 学生 👩')
  assert.is(namesInWords(['a\nb', 'c']), 'ab, c')
  assert.is(namesInWords([]), 'none')
})

words('a word for a shell', () => {
  for (const [text, expected] of [
    ['/home/a/.mcp/session_cookie.jar', '/home/a/.mcp/session_cookie.jar'],
    ['/a b', "'/a b'"],
    ["it's", "'it'\\''s'"],
    ['$(x)', "'$(x)'"],
    ['', "''"],
  ] as const)
    assert.is(shellWord(text), expected)
})

words.run()
