/** What work costs a process, in time of its processors: other programs on the machine make no difference. */
import { readdirSync, readFileSync } from 'node:fs'
import * as assert from '../support/assert.ts'
import type { Answer } from '../support/raw.ts'

/** Milliseconds of processor time that these processes have used (proc(5), schedstat: nanoseconds of each thread). */
const usedBy = (pids: readonly number[]): number =>
  pids
    .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8')))
    .reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0)

/** Sends so often; gives the milliseconds that one took, and every status that came. */
export interface Cost {
  each: number
  statuses: number[]
}

export async function costOf(times: number, pids: readonly number[], ask: () => Promise<readonly Pick<Answer, 'status'>[]>): Promise<Cost> {
  const statuses = new Set<number>()
  const before = usedBy(pids)
  for (let n = 0; n < times; n += 1) statuses.add((await ask())[0]?.status ?? 0)
  return { each: (usedBy(pids) - before) / times, statuses: [...statuses] }
}
export const within = ({ each, statuses }: Cost, limit: number, ...expected: number[]): void => {
  assert.ok(
    statuses.every((status) => expected.includes(status)),
    `statuses ${statuses}`,
  )
  assert.ok(each < limit, `${each.toFixed(1)} ms each`)
}
