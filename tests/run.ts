/**
 * Runs every *.test.ts below tests/, each in a process of its own, and adds up what uvu says. uvu alone reports success for a file
 * that forgot `.run()`; here such a file fails the run, as does one that runs no test, hangs, or leaves something running.
 *
 *   node --import tsx tests/run.ts [WORD…]      only files whose path holds one of the words
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCounts } from './attacks/attack_suite.ts'
import { rowProblems, summary } from './attacks/rows.ts'
import { KEYS_OF_RUN, writeKeys } from './support/rsa_keys.ts'
import { type Ended, runTestProcess } from './support/test_process.ts'
import { transpile } from './support/transpile.ts'

/** Begun first, so that none of them is left over when all others are done. */
const LONGEST = [
  'conformance/server_2025',
  'conformance/server_2026',
  'browser/looks',
  'nginx/glance',
  'agent/stack',
  'cli/doctor_mistakes',
  'clients/sdk',
  'clients/mcp_remote',
  'demo/processes',
  'conformance/authorization_server',
  'browser/login',
  'attacks/decision_cache_flood',
  'stack/stack',
  'faults/reload',
  'stack/trouble',
  'attacks/login_redirect',
]
/** They wait for moments that come, and leave the processors to the others: one of them at a time beside these. */
const WAITING =
  /attacks\/(?:decision_cache_time|late_body)|faults\/(?:policy|keys|validator)|gateway\/availability|session\/ended_valkey|cognito\/login/
/** They measure times of their own work: last, and with a processor for each. */
const MEASURING = /nginx\/\w+_timing|gate\/policy_cost|cognito\/verifier_structure|attacks\/(?:\w+_script|decision_cache_flood)/

/** Sessions and tokens of whoever runs the tests are theirs. */
const home = mkdtempSync(join(tmpdir(), 'gatehouse-home-'))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

interface Outcome {
  file: string
  passed: number
  failed: number
  problem: string | null
  output: string
  milliseconds: number
}

const root = dirname(fileURLToPath(import.meta.url))
const words = process.argv.slice(2)
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && (words.length === 0 || words.some((word) => path.includes(word))))
  .sort()
  .map((path) => join(root, path))

/** Suites that are made but never run would pass unseen. */
function forgottenRuns(file: string): string | null {
  const source = readFileSync(file, 'utf8')
  const suites = [...source.matchAll(/const (\w+) = (?:suite|attackSuite)(?:<[^>]*>)?\(/g)].map(([, name]) => name as string)
  const forgotten = suites.filter((name) => !new RegExp(`\\b${name}\\.run\\(\\)`).test(source))
  if (forgotten.length > 0) return `never run: ${forgotten.join(', ')}`
  return /\.(?:skip|only)\(/.test(source) ? 'holds skipped or exclusive tests' : null
}

const count = (output: string, label: string): number =>
  [...output.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'gm'))].reduce((sum, [, number]) => sum + Number(number), 0)

function judge(file: string, { output, code, trouble, milliseconds }: Ended): Outcome {
  const passed = count(output, 'Passed')
  const total = count(output, 'Total')
  const forgotten = forgottenRuns(file)
  const problem = forgotten ?? trouble ?? (code === 0 ? null : `exit code ${code}`) ?? (total === 0 ? 'ran no test' : null)
  const failed = total - passed
  return { file, passed, failed: failed === 0 && problem !== null ? 1 : failed, problem, output, milliseconds }
}

const ATTACKS = join(root, 'attacks')
const isAttack = (path: string): boolean => path.startsWith(ATTACKS)

/** A run of every file of attacks must have had cases of every row of their list. */
function attackProblems(): string[] {
  const all = readdirSync(ATTACKS).filter((name) => name.endsWith('.test.ts'))
  if (files.filter(isAttack).length < all.length) return []
  const ran = outcomes.filter(({ file }) => isAttack(file))
  const counts = readCounts(ran.map(({ output }) => output).join('\n'))
  console.log(`\n${summary(counts).join('\n')}`)
  return rowProblems(counts)
}

const javaScriptOf = await transpile(dirname(root))
const keys = join(home, 'keys')
writeKeys(keys)

/** @param place among those that run at once */
const runFile = async (file: string, place: number): Promise<Outcome> =>
  judge(file, await runTestProcess(javaScriptOf(file), place, { HOME: home, [KEYS_OF_RUN]: keys }))

function report({ file, passed, problem, failed, output, milliseconds }: Outcome): void {
  const name = relative(root, file)
  if (failed === 0 && problem === null) {
    console.log(`ok    ${name} (${passed}, ${(milliseconds / 1000).toFixed(1)} s)`)
    return
  }
  console.log(`FAIL  ${name}${problem === null ? '' : ` (${problem})`}`)
  console.log(output.trimEnd().replace(/^/gm, '      '))
}

/** One line for each test that failed, or for the file if it is none of them. */
function failures({ file, failed, problem, output }: Outcome): string[] {
  if (failed === 0 && problem === null) return []
  const named = [...output.matchAll(/^ +FAIL +(.*)$/gm)].map(([, test]) => test as string)
  return (named.length > 0 ? named : [problem]).map((what) => `FAIL  ${relative(root, file)}: ${what}`)
}

const outcomes: Outcome[] = []

/** @param from the first of their places */
async function runAll(queue: string[], atOnce: number, from = 0): Promise<void> {
  const worker = async (_: unknown, index: number): Promise<void> => {
    const place = from + index
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const outcome = await runFile(file, place)
      outcomes.push(outcome)
      report(outcome)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const rank = (file: string): number => {
  const at = LONGEST.findIndex((name) => file === join(root, `${name}.test.ts`))
  return at === -1 ? LONGEST.length : at
}
files.sort((one, other) => rank(one) - rank(other))
const upToFour = (count: number): number => Math.max(2, Math.min(4, count))
// Many of them wait for other programs now and then.
const places = upToFour(availableParallelism() + 2)
await Promise.all([
  runAll(
    files.filter((file) => !MEASURING.test(file) && !WAITING.test(file)),
    places,
  ),
  runAll(
    files.filter((file) => WAITING.test(file)),
    1,
    places,
  ),
])
await runAll(
  files.filter((file) => MEASURING.test(file)),
  upToFour(availableParallelism()),
)
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
const missing = attackProblems()
for (const problem of missing) console.log(`FAIL  ${problem}`)
// Again, where whoever looks at the end of a long log sees them.
for (const line of outcomes.flatMap(failures)) console.log(line)
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || missing.length > 0 || passed === 0 ? 1 : 0
