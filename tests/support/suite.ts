/**
 * uvu's suites, which say more: why a `before` failed, of which uvu itself says nothing, and which test or hook did not end, where uvu would
 * wait for it for ever.
 */
import { type Callback, suite as createSuite, type Test } from 'uvu'
import { within } from './within.ts'

/** Milliseconds that a test or a hook may take: less than its file may, so that the file can still say which it was. */
const DEADLINE = 200_000

export function suite<T = Record<string, unknown>>(title: string): Test<T> {
  const tests = createSuite<T>(title)
  const { before, after } = tests
  const add = (name: string, check: Callback<T>): void => tests(name, within(DEADLINE, check))
  const told = (hook: Callback<T>): void =>
    before(async (context) => {
      try {
        await within(DEADLINE, hook)(context)
      } catch (error) {
        console.log(`\n   FAIL  ${title}  "before the tests"\n${error instanceof Error ? error.stack : error}`)
        throw error
      }
    })
  const bounded = (hook: Callback<T>): void => after(within(DEADLINE, hook))
  return Object.assign(add, tests, {
    before: Object.assign(told, { each: before.each }),
    after: Object.assign(bounded, { each: after.each }),
  }) as Test<T>
}
