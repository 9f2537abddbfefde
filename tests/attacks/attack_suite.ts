/** Suites of attacks. A test that has passed counts for each row of the list of attacks that its name begins with: "237 …" or "131+243 …". */
import { suite } from '../support/suite.ts'

type Suite = ReturnType<typeof suite>

const passed = new Map<string, number>()

/** Begins the line in which a file says how many cases of each row have passed; tests/run.ts reads it. */
export const LINE = 'attack rows:'

/** Counts a case that has passed and is no test of its own. */
export function countCase(row: string): void {
  passed.set(row, (passed.get(row) ?? 0) + 1)
}

/** A suite of uvu whose tests are counted. */
export function attackSuite(name: string): Suite {
  const tests = suite(name)
  const counted = (title: string, check: (context: Record<string, unknown>) => unknown): void =>
    tests(title, async (context) => {
      await check(context)
      for (const row of /^(\d+(?:\+\d+)*) /.exec(title)?.[1]?.split('+') ?? []) countCase(row)
    })
  return Object.assign(counted, tests) as Suite
}

process.once('exit', () => {
  if (passed.size > 0) process.stdout.write(`\n${LINE} ${[...passed].map(([row, count]) => `${row}×${count}`).join(' ')}\n`)
})

/** What all files together have said. */
export function readCounts(output: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of output.split('\n').filter((text) => text.startsWith(LINE)))
    for (const [, row = '', count] of line.matchAll(/(\d+)×(\d+)/g)) counts.set(row, (counts.get(row) ?? 0) + Number(count))
  return counts
}
