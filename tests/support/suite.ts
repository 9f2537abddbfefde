/** uvu's suites, which say more: why a `before` failed, of which uvu itself says nothing, and which test it is that does not end. */
import { type Callback, suite as createSuite, type Test } from 'uvu'

/** What is running. */
let current = 'nothing'
// Whoever waits in vain for the end of this process asks it so to end itself.
process.once('SIGTERM', () => {
  console.log(`\n   HANGS  ${current}`)
  process.exit(1)
})

export function suite<T = Record<string, unknown>>(title: string): Test<T> {
  const tests = createSuite<T>(title)
  const { before, after } = tests
  const named =
    (name: string, work: Callback<T>): Callback<T> =>
    (context) => {
      current = `${title}  "${name}"`
      return work(context)
    }
  const told = (hook: Callback<T>): void =>
    before(async (context) => {
      try {
        await named('before the tests', hook)(context)
      } catch (error) {
        console.log(`\n   FAIL  ${title}  "before the tests"\n${error instanceof Error ? error.stack : error}`)
        throw error
      }
    })
  return Object.assign((name: string, check: Callback<T>): void => tests(name, named(name, check)), tests, {
    before: Object.assign(told, { each: before.each }),
    after: Object.assign((hook: Callback<T>): void => after(named('after the tests', hook)), { each: after.each }),
  }) as Test<T>
}
