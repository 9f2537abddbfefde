import { createTurns } from '../../src/login/turns.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const turns = suite('work in turns')
const busy = (milliseconds: number) => () => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
  return milliseconds
}

turns('is done one at a time, and leaves as long for others as it took', async () => {
  const turn = createTurns()
  const began = performance.now()
  assert.equal(await Promise.all([turn(busy(60)), turn(busy(60)), turn(busy(60))]), [60, 60, 60])
  const took = performance.now() - began
  assert.ok(took >= 280, `${took} ms for three times 60`)
})

turns('beyond what can wait it is refused, and afterwards taken again', async () => {
  const turn = createTurns()
  const answers = await Promise.all(Array.from({ length: 20 }, () => turn(() => 1)))
  assert.is(answers.filter((answer) => answer === null).length, 4)
  assert.is(await turn(() => 2), 2)
})

turns('what fails does not stop the others', async () => {
  const turn = createTurns()
  const failed = turn(() => Promise.reject(new Error('no')))
  const after = turn(() => 'yes')
  assert.is(await failed.catch((error: Error) => error.message), 'no')
  assert.is(await after, 'yes')
})

turns.run()
