/** The list of attacks, and the proof that each of them is tested: what the files of a run have counted, row by row. */
import type { Row } from './row.ts'
import { REQUESTS } from './rows_of_requests.ts'
import { TRUST } from './rows_of_trust.ts'

export const ROWS: readonly Row[] = [...REQUESTS, ...TRUST]

/** How many cases there are at the least. */
export const LEAST = 400

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((total, count) => total + count, 0)

/**
 * What is wrong with a run of all files; empty when nothing is.
 * @param counts cases that have passed, by row
 */
export function rowProblems(counts: ReadonlyMap<string, number>, rows: readonly Row[] = ROWS): string[] {
  const known = new Set(rows.map(({ id }) => id))
  const problems = rows
    .filter(({ id, elsewhere, notApplicable }) => !counts.has(id) && elsewhere === undefined && notApplicable === undefined)
    .map(({ id, attack }) => `no case of row ${id} has passed: ${attack}`)
  problems.push(...[...counts.keys()].filter((id) => !known.has(id)).map((id) => `there is no row ${id} in the list of attacks`))
  problems.push(
    ...rows.filter(({ id, notApplicable }) => counts.has(id) && notApplicable).map(({ id }) => `row ${id} does apply: it has cases`),
  )
  if (sum(counts) < LEAST) problems.push(`${sum(counts)} cases are fewer than ${LEAST}`)
  return problems
}

/** The lines for a person. */
export function summary(counts: ReadonlyMap<string, number>, rows: readonly Row[] = ROWS): string[] {
  const tested = rows.filter(({ id }) => counts.has(id)).length
  const others = rows.filter(({ id, elsewhere }) => !counts.has(id) && elsewhere !== undefined)
  const none = rows.filter(({ notApplicable }) => notApplicable !== undefined)
  return [
    `attacks: ${rows.length} rows, ${sum(counts)} cases of ${tested} of them passed`,
    `  tested by other suites: ${others.length}${others.length === 0 ? '' : ` (${others.map(({ id }) => id).join(' ')})`}`,
    `  not applicable: ${none.length}`,
    ...none.map(({ id, attack, notApplicable }) => `    ${id} ${attack}: ${notApplicable}`),
  ]
}
