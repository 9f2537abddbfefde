/** Work that does not end in time fails. */
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'
import { within } from './support/within.ts'

const bounded = suite('work within a time')
const endOf = (work: (text: string) => string | Promise<string>): Promise<string> => within(50, work)('given').catch(String)

bounded('gives what it gives, or fails as it fails', async () => {
  const broken = new Error('broken')
  const fails = async (): Promise<never> => {
    throw broken
  }
  assert.equal(await endOf((text) => text), 'given')
  assert.equal(await endOf(async (text) => text), 'given')
  assert.equal(await endOf(fails), 'Error: broken')
  assert.equal(
    await endOf(() => {
      throw broken
    }),
    'Error: broken',
  )
})

bounded('fails when it takes longer', async () => {
  assert.equal(await endOf(() => new Promise<string>(() => {})), 'Error: did not end within 0.05 s')
  assert.equal(await endOf(() => sleep(500, 'late')), 'Error: did not end within 0.05 s')
})

bounded.run()
