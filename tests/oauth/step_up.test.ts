import { createStepUps } from '../../src/oauth/step_up.ts'
import { createMemoryStore, type EndedSessions, StoreUnavailable } from '../../src/session/ended.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const stepUp = suite('a refresh in answer to a challenge')

const start = () => {
  const clock = { now: 1000 }
  return {
    clock,
    ...createStepUps(
      createMemoryStore(() => clock.now),
      () => clock.now,
    ),
  }
}

stepUp('is one when it comes within five seconds, once', async () => {
  const { clock, challenged, isAnswer } = start()
  assert.not(await isAnswer('rosa'))
  challenged('rosa')
  clock.now += 4
  assert.not(await isAnswer('other'))
  assert.ok(await isAnswer('rosa'))
  assert.not(await isAnswer('rosa'))
})

stepUp('is none later', async () => {
  const { clock, challenged, isAnswer } = start()
  challenged('rosa')
  clock.now += 5
  assert.not(await isAnswer('rosa'))
  challenged('rosa')
  assert.ok(await isAnswer('rosa'), 'and after another challenge it is one again')
})

stepUp('is none while the store is away', async () => {
  const away = async () => Promise.reject(new StoreUnavailable())
  const store: EndedSessions = { note: away, noteUser: away, has: away, close: async () => {} }
  const { challenged, isAnswer } = createStepUps(store, () => 1000)
  challenged('rosa')
  assert.not(await isAnswer('rosa'))
})

stepUp.run()
