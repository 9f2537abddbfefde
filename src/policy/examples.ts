/** The shape of `scopes.test.yml`: callers by name, and what each must and must not be allowed. */
import type { Path } from '../scopes/schema.ts'
import { askedFromLine } from './asked.ts'
import type { Caller } from './assumed.ts'
import type { Asked } from './explanation.ts'

export interface Example {
  subject: string
  caller: Caller
  asked: Asked
  allowed: boolean
  /** Where it stands in the document. */
  path: Path
}

export interface Examples {
  /** The policy that they are about, as the file names it. */
  policy: string | null
  examples: Example[]
  subjects: Map<string, Caller>
}

export interface ExampleProblem {
  path: Path
  text: string
}

type Mapping = Record<string, unknown>
type Report = (path: Path, text: string) => void
/** Aliases and lists of subjects can make a small file stand for very many. */
const MAX_EXAMPLES = 20_000
const KEYS = ['policy', 'subjects', 'tests']
const TEST_KEYS = ['who', 'allowed', 'denied']

const isMapping = (value: unknown): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value)
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && item.trim() !== '')

/** Checks the whole document; all problems come at once. */
export function checkExamples(document: unknown): Examples | { problems: ExampleProblem[] } {
  const problems: ExampleProblem[] = []
  const report: Report = (path, text) => problems.push({ path, text })
  if (!isMapping(document)) return { problems: [{ path: [], text: 'the file must be a mapping with subjects and tests' }] }
  for (const key of Object.keys(document)) if (!KEYS.includes(key)) report([key], `${key} is not known; known are ${KEYS.join(', ')}`)
  const { policy = null } = document
  if (policy !== null && typeof policy !== 'string') report(['policy'], 'policy must be the path of a policy file')
  const subjects = checkSubjects(document.subjects, report)
  const examples = checkTests(document.tests, subjects, report)
  if (problems.length === 0 && examples.length === 0) report(['tests'], 'tests hold no example, so nothing would be tested')
  return problems.length > 0 ? { problems } : { policy: policy as string | null, examples, subjects }
}

function checkSubjects(value: unknown, report: Report): Map<string, Caller> {
  const subjects = new Map<string, Caller>()
  if (!isMapping(value)) {
    report(['subjects'], 'subjects must map names to {groups: […]} or {scopes: […]}')
    return subjects
  }
  for (const [name, subject] of Object.entries(value)) {
    const caller = callerOf(name, subject)
    if (caller === null)
      report(['subjects', name], `subjects.${name} must have a list of groups (a user), of scopes (an agent) or both (a user's token)`)
    else subjects.set(name, caller)
  }
  return subjects
}

function callerOf(name: string, subject: unknown): Caller | null {
  if (!isMapping(subject) || Object.keys(subject).some((key) => key !== 'groups' && key !== 'scopes')) return null
  const { groups, scopes } = subject
  if (isTexts(groups) && isTexts(scopes)) return { kind: 'user_token', user: name, groups, scopes }
  if (isTexts(groups) && scopes === undefined) return { kind: 'session', user: name, groups }
  return isTexts(scopes) && groups === undefined ? { kind: 'agent', client: name, scopes } : null
}

function checkTests(value: unknown, subjects: ReadonlyMap<string, Caller>, report: Report): Example[] {
  if (!Array.isArray(value)) {
    report(['tests'], 'tests must be a list of {who, allowed, denied}')
    return []
  }
  const examples: Example[] = []
  for (const [index, test] of value.entries()) {
    if (examples.length <= MAX_EXAMPLES) examples.push(...checkTest(test, ['tests', index], subjects, report))
  }
  if (examples.length > MAX_EXAMPLES) report(['tests'], `tests hold more than ${MAX_EXAMPLES} examples`)
  return examples
}

function checkTest(test: unknown, path: Path, subjects: ReadonlyMap<string, Caller>, report: Report): Example[] {
  const place = `tests[${path.at(-1)}]`
  const known = isMapping(test) && Object.keys(test).every((key) => TEST_KEYS.includes(key))
  const who = known && typeof test.who === 'string' ? [test.who] : known ? test.who : undefined
  if (!known || !isTexts(who) || who.length === 0) {
    report(path, `${place} must be {who, allowed, denied}, with one subject or a list of them`)
    return []
  }
  for (const name of who) if (!subjects.has(name)) report([...path, 'who'], `${place}.who: there is no subject "${name}"`)
  const lines = [...checkLines(test, 'allowed', path, report), ...checkLines(test, 'denied', path, report)]
  return who.flatMap((subject) => {
    const caller = subjects.get(subject)
    return caller === undefined ? [] : lines.map((line) => ({ subject, caller, ...line }))
  })
}

function checkLines(test: Mapping, key: 'allowed' | 'denied', path: Path, report: Report): Pick<Example, 'asked' | 'allowed' | 'path'>[] {
  const lines = test[key] ?? []
  const place = `tests[${path.at(-1)}].${key}`
  if (!isTexts(lines)) {
    report([...path, key], `${place} must be a list of lines: SERVER METHOD [NAME]`)
    return []
  }
  return lines.flatMap((line, index) => {
    const asked = askedFromLine(line)
    const at = [...path, key, index]
    if (!('problem' in asked)) return [{ asked, allowed: key === 'allowed', path: at }]
    report(at, `${place}[${index}]: ${asked.problem}`)
    return []
  })
}
