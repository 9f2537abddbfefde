/** `gatehouse policy test`. */
import { dirname, resolve } from 'node:path'
import { askedText } from '../policy/asked.ts'
import type { LineOf } from '../policy/entries.ts'
import { checkExamples, type ExampleProblem, type Examples } from '../policy/examples.ts'
import { type Outcome, runExamples, strangers } from '../policy/run_examples.ts'
import { createLines } from '../scopes/lines.ts'
import { parseYaml } from '../scopes/yaml.ts'
import { CommandError, EXIT } from './exit.ts'
import { harmless, paint } from './policy_paint.ts'
import { loadPolicy, nameOf, placeText, readText } from './policy_source.ts'

/** @throws {CommandError} when a file cannot be used */
export async function test(file: string, options: { policy?: string; json?: true }): Promise<void> {
  const { examples, lineOf } = load(file)
  const source = await loadPolicy(options.policy ?? policyBeside(file, examples.policy))
  const outcomes = await runExamples(examples, source)
  const notes = strangers(examples, source)
  const failed = outcomes.filter(({ passed }) => !passed).length
  const show = options.json ? json : lines
  process.stdout.write(show(file, outcomes, notes, lineOf))
  if (failed > 0) process.exitCode = EXIT.failed
}

function load(file: string): { examples: Examples; lineOf: LineOf } {
  const text = readText(file)
  const parsed = parseYaml(text)
  if ('problems' in parsed) throw unusable(file, parsed.problems.map(harmless))
  const lineOf = createLines(text)
  const examples = checkExamples(parsed.document)
  if (!('problems' in examples)) return { examples, lineOf }
  const show = ({ path, text }: ExampleProblem): string => `${placeText(file, lineOf(path))}${harmless(text)}`
  throw unusable(file, examples.problems.map(show))
}

const unusable = (file: string, problems: readonly string[]): CommandError =>
  new CommandError(EXIT.usage, `${nameOf(file)} cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)

/** The policy that the file names, or the file of the same name without `.test`. */
function policyBeside(file: string, named: string | null): string {
  if (named !== null) return resolve(dirname(file), named)
  const beside = file.replace(/\.test(\.ya?ml)$/, '$1')
  if (beside !== file) return beside
  throw new CommandError(EXIT.usage, `Which policy is ${nameOf(file)} about? Say it by --policy, or in the file as policy: scopes.yml`)
}

const counts = (outcomes: readonly Outcome[]): { passed: number; failed: number } => {
  const passed = outcomes.filter((outcome) => outcome.passed).length
  return { passed, failed: outcomes.length - passed }
}

function lines(file: string, outcomes: readonly Outcome[], notes: readonly string[], lineOf: LineOf): string {
  const { passed, failed } = counts(outcomes)
  const shown = outcomes.flatMap((outcome) => {
    const { subject, asked, allowed, path } = outcome.example
    const what = harmless(`${subject}: ${askedText(asked)}`)
    if (outcome.passed) return [`${paint('green', 'ok')}    ${what} is ${allowed ? 'allowed' : 'denied'}`]
    const verdict = `is ${allowed ? 'denied' : 'allowed'} and should not be`
    return [`${paint('red', 'FAIL')}  ${what} ${verdict} (${nameOf(file)}:${lineOf(path) ?? '?'})`, `      ${harmless(why(outcome))}`]
  })
  const warnings = notes.map((note) => `${paint('yellow', 'note')}  ${harmless(note)}`)
  return `${[...shown, ...warnings, `${passed} passed, ${failed} failed`].join('\n')}\n`
}

/** What opened the call, or the first thing that would. */
function why({ explanation }: Outcome): string {
  const [entry] = explanation.allowed_by
  if (entry !== undefined) return `allowed by ${entry.scope}[${entry.index}]${entry.line === null ? '' : `, line ${entry.line}`}`
  const [remedy] = explanation.remedies
  return [explanation.reason, remedy?.text].filter(Boolean).join(': ')
}

function json(file: string, outcomes: readonly Outcome[], notes: readonly string[], lineOf: LineOf): string {
  const results = outcomes.map((outcome) => {
    const { subject, asked, allowed, path } = outcome.example
    const { server, call } = asked
    const question = { server, method: call?.method ?? null, name: call?.name ?? null }
    return {
      passed: outcome.passed,
      subject,
      ...question,
      expected: allowed,
      allowed: outcome.explanation.allowed,
      line: lineOf(path),
      why: why(outcome),
    }
  })
  return `${JSON.stringify({ file: nameOf(file), ...counts(outcomes), notes, results })}\n`
}
