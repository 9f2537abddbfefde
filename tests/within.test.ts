/** What says whether something is quick enough must be able to say no. */
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'
import { within } from './support/within.ts'

const timed = suite('quick enough')

timed('what is too slow each time fails, with what was seen', async () => {
  let tries = 0
  const error = await within(10, () => 10 + ++tries).catch((caught: Error) => caught)
  assert.match(String((error as Error).message), /^took 11, 12, 13, 14, 15 ms, not less than 10/)
})

timed('what is slow by itself is measured', async () => {
  const error = await within(5, () => new Promise((done) => setTimeout(done, 20))).catch((caught: Error) => caught)
  assert.match(String((error as Error).message), /^took \d+(?:, \d+){4} ms, not less than 5/)
})

timed('once is enough, and what fails otherwise fails at once', async () => {
  let tries = 0
  await within(10, () => (++tries < 3 ? 50 : 5))
  assert.is(tries, 3)
  const error = await within(10, () => {
    tries += 1
    throw new Error('another')
  }).catch((caught: Error) => caught)
  assert.equal([(error as Error).message, tries], ['another', 4])
})

timed.run()
