/** What the doctor does where a gateway lets only so many questions through. */
import type { Answer } from '../../src/doctor/ask.ts'
import { checkMcpSignIn } from '../../src/doctor/mcp_sign_in.ts'
import { patiently } from '../../src/doctor/patient_ask.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { fakeWorld, GATEWAY } from './world.ts'

const patient = suite('a doctor that is asked to wait')
const QUESTION = { origin: GATEWAY, path: '/oauth2/register' }

/** Asks with these answers, one after the other, the last again and again. */
function asking(...answers: Partial<Answer>[]) {
  const paused: number[] = []
  let count = 0
  const world = fakeWorld(() => answers[Math.min(count++, answers.length - 1)] as Partial<Answer>)
  const ask = patiently(world.ask, async (milliseconds) => void paused.push(milliseconds))
  return { ask, paused, world }
}
const limited = (after?: string): Partial<Answer> => ({ status: 429, headers: after === undefined ? {} : { 'retry-after': after } })

patient('it waits as long as it is told, and asks again', async () => {
  const { ask, paused } = asking(limited('1'), limited('10'), { status: 201 })
  assert.is(((await ask(QUESTION)) as Answer).status, 201)
  assert.equal(paused, [1000, 10_000])
})

patient('not for ever, and not for an hour', async () => {
  for (const [after, pauses] of [
    ['1', 20],
    ['0', 20],
    ['3600', 0],
  ] as const) {
    const { ask, paused } = asking(limited(after))
    assert.equal(await ask(QUESTION), { trouble: 'TOO_MANY_REQUESTS' })
    assert.is(paused.length, pauses, after)
  }
})

patient('other answers are given as they are', async () => {
  for (const answer of [
    limited(),
    limited('Tue, 01 Dec 2026 00:00:00 GMT'),
    limited('-1'),
    { status: 503, headers: { 'retry-after': '1' } },
  ]) {
    const { ask, paused } = asking(answer)
    assert.is(((await ask(QUESTION)) as Answer).status, answer.status)
    assert.equal(paused, [])
  }
})

patient('a limit is not taken for a gateway that is open to all', async () => {
  const { ask, world } = asking(limited('60'))
  const findings = await checkMcpSignIn({ gateway: GATEWAY, mcp: null, jwksUrls: [] }, { ...world, ask })
  assert.equal(
    findings.map(({ status, evidence, remedy }) => [status, evidence, remedy]),
    [['failure', `${GATEWAY} answers 429: too much is asked of it now`, 'Try again in a minute.']],
  )
})

patient.run()
