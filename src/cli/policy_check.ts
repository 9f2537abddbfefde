/** `gatehouse policy check`. */
import { pathText, type WarningKind } from '../policy/warning.ts'
import { warningsOf } from '../policy/warnings.ts'
import { loadScopes } from '../scopes/load.ts'
import { EXIT } from './exit.ts'
import { harmless, paint } from './policy_paint.ts'
import { nameOf, type Problem, placeText, policyPath, problemsIn, readText } from './policy_source.ts'

type Finding = Problem & { kind: WarningKind | 'problem' }

const byLine = (a: Finding, b: Finding): number => (a.line ?? 0) - (b.line ?? 0)

/** @throws {CommandError} when the file cannot be read */
export async function check(given: string | undefined, options: { strict?: true; json?: true }): Promise<void> {
  const file = policyPath(given)
  const text = readText(file)
  const loaded = loadScopes(text)
  const problems = (await problemsIn(text, loaded)).map((problem): Finding => ({ kind: 'problem', ...problem })).sort(byLine)
  const warnings = 'file' in loaded ? await findWarnings(text, loaded.file) : []
  process.stdout.write(options.json ? json(file, problems, warnings) : lines(file, problems, warnings))
  if (problems.length > 0 || (options.strict && warnings.length > 0)) process.exitCode = EXIT.failed
}

async function findWarnings(text: string, file: Parameters<typeof warningsOf>[0]): Promise<Finding[]> {
  const { createLines } = await import('../scopes/lines.ts')
  const lineOf = createLines(text)
  const found = warningsOf(file).map((warning): Finding => ({ ...warning, line: lineOf(warning.path) }))
  return found.sort(byLine)
}

function lines(file: string, problems: readonly Finding[], warnings: readonly Finding[]): string {
  const show = ({ kind, line, text }: Finding): string =>
    `${placeText(file, line)}${kind === 'problem' ? paint('red', 'error') : paint('yellow', 'warning')}: ${harmless(text)}`
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
  const summary = `${nameOf(file)}: ${count(problems.length, 'problem')}, ${count(warnings.length, 'warning')}`
  return `${[...problems.map(show), ...warnings.map(show), summary].join('\n')}\n`
}

function json(file: string, problems: readonly Finding[], warnings: readonly Finding[]): string {
  const view = ({ kind, line, path, text }: Finding) => ({ kind, line, path: path && pathText(path), message: text })
  return `${JSON.stringify({ file: nameOf(file), problems: problems.map(view), warnings: warnings.map(view) })}\n`
}
