/** uvu's assertions, where a failed one shows what it saw. */
import * as assert from 'uvu/assert'

export * from 'uvu/assert'

const seen = (text: string, message: assert.Message | undefined): string =>
  `${message === undefined ? '' : `${message}: `}saw ${JSON.stringify(text)}`

/** The text matches the pattern (or holds the string). */
export function match(actual: string, expected: string | RegExp, message?: assert.Message): void {
  const found =
    typeof expected === 'string' ? actual.includes(expected) : new RegExp(expected.source, expected.flags.replace('g', '')).test(actual)
  if (!found) assert.unreachable(`expected ${expected}, ${seen(actual, message)}`)
}

function notMatch(actual: string, expected: string | RegExp, message?: assert.Message): void {
  assert.not.match(actual, expected, `expected nothing like ${expected}, ${seen(actual, message)}`)
}

export const not = Object.assign((actual: unknown, message?: assert.Message) => assert.not(actual, message), assert.not, {
  match: notMatch,
})
