/** What the validator holds after a million questions with a hundred thousand tokens. It takes minutes: only when it is named. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab/lab.ts'
import { policyFor } from '../lab/policy.ts'
import { startValidator, type Validator } from '../lab/validator.ts'
import { measureAll, send, type Target } from '../measure.ts'
import { residentKilobytes } from '../proc.ts'
import type { PartPlan } from './part.ts'
import { question, questionHeaders } from './questions.ts'

const QUESTIONS = 1_000_000
const TOKENS = 100_000

export const memory: PartPlan = {
  name: 'memory',
  title: "The validator's memory",
  points: ['million'],
  onlyWhenNamed: true,
  notes: [`${QUESTIONS} questions, asked directly, with ${TOKENS} distinct tokens in turn (fewer when --tokens is less).`],
  async measure(lab) {
    const folder = join(lab.folder, 'memory')
    mkdirSync(folder)
    const { secretKey } = lab.secrets
    const validator = await startValidator(
      { folder, policy: policyFor(['currenttime']), secretKey, jwksUrl: lab.jwksUrl },
      lab.cores.measured,
    )
    lab.finally(validator.stop)
    return { figures: await measureAll(lab, [await million(lab, validator)]) }
  },
}

async function million(lab: Lab, { port, pid }: Validator): Promise<Target> {
  const all = await lab.tokens()
  const count = Math.min(TOKENS, all.count)
  const target = question(lab, port, {
    name: 'million',
    title: `validator after ${QUESTIONS} questions`,
    processes: { node: pid },
    headers: questionHeaders({}),
    credentials: () => ({ ...all, first: 1, last: count, again: true }),
    after: () => ({ 'resident, MB': residentKilobytes(pid) / 1024, 'distinct tokens': count }),
  })
  const prepare = async (): Promise<void> => {
    for (let asked = 0; asked < QUESTIONS; ) {
      const { requests } = await send(lab, target, 10, { ...all, first: 1, last: count, start: (asked % count) + 1, again: true })
      if (requests === 0) throw new Error('the validator does not answer')
      asked += requests
      lab.say(`  ${asked} questions, ${(residentKilobytes(pid) / 1024).toFixed(0)} MB`)
    }
  }
  return { ...target, prepare }
}
