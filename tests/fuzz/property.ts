/**
 * Runs fast-check's properties as tests. Every run has a seed of its own, and a failure says how to repeat it:
 *
 *   FUZZ_SEED=… FUZZ_PATH=… FUZZ_ONLY=… node --import tsx tests/fuzz/….test.ts     the same values again, or one of them
 *   FUZZ_RUNS=50 node --import tsx tests/fuzz/….test.ts                             fifty times as many
 */
import { inspect } from 'node:util'
import fc from 'fast-check'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { RUNS } from './runs.ts'

const { FUZZ_PATH: PATH, FUZZ_ONLY: ONLY } = process.env
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const FACTOR = Number(process.env.FUZZ_RUNS ?? 1)

/** Gives '' or what is wrong; `note` is for values that went the longer way, so that a generator which has gone astray is seen. */
type Objection<T, Answer> = (value: T, note: () => void) => Answer

interface Common<T> {
  from: fc.Arbitrary<T>
  /** Tried first, in every run: values that have failed once, and those that nearly do. */
  kept?: readonly T[]
  /** The least share of the values that must be noted. */
  noted?: number
  /** How many cases are in one value. */
  size?: number
}
type Property<T> = Common<T> & ({ objection: Objection<T, string> } | { objectionLater: Objection<T, Promise<string>> })

export interface Fuzzing<Name> {
  property<T>(name: Name, property: Property<T>): void
  before(work: () => Promise<void>): void
  after(work: () => Promise<void>): void
  run(): void
}

/** A suite of properties, each with as many runs as the table in runs.ts says. */
export function fuzzing<File extends keyof typeof RUNS>(file: File): Fuzzing<keyof (typeof RUNS)[File] & string> {
  const table: Readonly<Record<string, number>> = RUNS[file]
  const tests = suite(`fuzzing: ${file}`)
  const done = new Map<string, number>()
  console.log(`seed ${SEED}`)
  return {
    property: (name, property) => {
      if (ONLY !== undefined && ONLY !== name) return
      tests(name, async () => {
        const { size = 1 } = property
        const runs = Math.ceil(((table[name] as number) / size) * FACTOR)
        done.set(name, (await runProperty(file, name, property, runs)) * size)
      })
    },
    before: (work) => void tests.before(work),
    after: (work) => void tests.after(work),
    run: () => {
      if (ONLY === undefined && PATH === undefined) tests('as many as runs.ts says', () => assertAll(table, done))
      tests.run()
    },
  }
}

function assertAll(table: Readonly<Record<string, number>>, done: ReadonlyMap<string, number>): void {
  for (const [name, cases] of Object.entries(table)) {
    assert.ok((done.get(name) ?? 0) >= cases * FACTOR, `${name}: ${done.get(name)} of ${cases} cases`)
  }
  console.log(`${[...done.values()].reduce((sum, cases) => sum + cases, 0)} cases`)
}

/** How many values were tried, without those that are kept. */
async function runProperty<T>(file: string, name: string, property: Property<T>, runs: number): Promise<number> {
  const kept = property.kept ?? []
  let noted = 0
  const note = (): void => {
    noted += 1
  }
  const fail = (wrong: string): void => {
    if (wrong !== '') throw new Error(wrong)
  }
  const settings = { seed: SEED, numRuns: runs + kept.length, examples: kept.map((value): [T] => [value]) }
  const parameters = PATH === undefined ? settings : { ...settings, path: PATH, endOnFailure: true }
  const details =
    'objection' in property
      ? fc.check(
          fc.property(property.from, (value) => fail(property.objection(value, note))),
          parameters,
        )
      : await fc.check(
          fc.asyncProperty(property.from, async (value) => fail(await property.objectionLater(value, note))),
          parameters,
        )
  if (details.failed) assert.unreachable(explained(file, name, details))
  if (PATH !== undefined) return 0
  assert.is(details.numRuns, runs + kept.length)
  const least = Math.floor((property.noted ?? 0) * runs)
  assert.ok(noted >= least, `only ${noted} of ${runs} went the longer way: the generator has gone astray`)
  return runs
}

function explained<T>(file: string, name: string, { seed, counterexamplePath, counterexample, errorInstance }: fc.RunDetails<[T]>): string {
  const [value] = counterexample ?? []
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance))
  const isOurs = error.stack?.split('\n').at(1)?.includes('at fail ') ?? false
  return [
    `${name} does not hold: ${isOurs ? error.message : error.stack}`,
    `  for     ${shown(value)}`,
    `  repeat  FUZZ_SEED=${seed} FUZZ_PATH=${counterexamplePath} FUZZ_ONLY=${JSON.stringify(name)} node --import tsx tests/fuzz/${file}.test.ts`,
    '  keep    add the value to `kept` of this property',
  ].join('\n')
}

/** As it can be written into a test. */
function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `Buffer.from(${JSON.stringify(Buffer.from(value).toString('latin1'))}, 'latin1')`
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  return typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: null, maxStringLength: null, maxArrayLength: null })
}

/** Whether the work is done in so many milliseconds. Other programs take their time too, so it has three tries. */
export function isQuick(milliseconds: number, work: () => unknown): boolean {
  return [1, 2, 3].some(() => {
    const started = performance.now()
    work()
    return performance.now() - started < milliseconds
  })
}
