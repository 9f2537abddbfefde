/** uvu's suites, where a `before` that fails says why: uvu itself says nothing of it, and then no test runs. */
import { type Callback, suite as createSuite, type Test } from 'uvu'

export function suite<T = Record<string, unknown>>(title: string): Test<T> {
  const tests = createSuite<T>(title)
  const { before } = tests
  const told = (hook: Callback<T>): void =>
    before(async (context) => {
      try {
        await hook(context)
      } catch (error) {
        console.log(`\n   FAIL  ${title}  "before the tests"\n${error instanceof Error ? error.stack : error}`)
        throw error
      }
    })
  tests.before = Object.assign(told, { each: before.each })
  return tests
}
