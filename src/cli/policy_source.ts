/** Policy files as commands read them: from a path, a pipe or standard input, with the lines on which things stand. */
import { readFileSync, statSync } from 'node:fs'
import type { LineOf, PolicyFile } from '../policy/entries.ts'
import { type LoadedScopes, loadScopes, MAX_FILE } from '../scopes/load.ts'
import type { Path } from '../scopes/schema.ts'
import { scopesFileOf } from '../settings.ts'
import { CommandError, EXIT } from './exit.ts'
import { harmless } from './policy_paint.ts'
import { readStdin } from './stdin.ts'

/** How a file is called in messages. */
export const nameOf = (file: string): string => (file === '-' ? 'standard input' : harmless(file))

/** The file that a command is to use. */
export const policyPath = (given: string | undefined): string => given ?? scopesFileOf(process.env)

/**
 * @param file `-` for standard input
 * @throws {CommandError} for what cannot be read
 */
export function readText(file: string): string {
  const refuse = (what: string): CommandError => new CommandError(EXIT.usage, `${nameOf(file)} ${what}`)
  try {
    if (file !== '-' && statSync(file).size > MAX_FILE) throw refuse(`is larger than ${MAX_FILE} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(file === '-' ? readStdin() : readFileSync(file))
  } catch (error) {
    if (error instanceof CommandError) throw error
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw refuse(code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not valid UTF-8' : `cannot be read: ${code}`)
  }
}

export interface Problem {
  line: number | null
  /** Null for what is wrong with the text as YAML. */
  path: Path | null
  text: string
}

/** Every problem of a policy, with its line where it is known. */
export async function problemsIn(text: string, loaded: LoadedScopes): Promise<Problem[]> {
  if (!('problems' in loaded)) return []
  const { problems, places, line = null } = loaded
  if (places === undefined) return problems.map((problem) => ({ line, path: null, text: problem }))
  const { createLines } = await import('../scopes/lines.ts')
  const lineOf = createLines(text)
  return problems.map((problem, index) => {
    const path = places[index] ?? []
    return { line: lineOf(path), path, text: problem }
  })
}

/** `FILE:LINE: `, as compilers write it and editors read it. */
export const placeText = (file: string, line: number | null): string => `${nameOf(file)}:${line === null ? '' : `${line}:`} `

/**
 * A policy that can be used.
 * @throws {CommandError} with every problem of one that cannot
 */
export async function loadPolicy(file: string): Promise<PolicyFile> {
  const text = readText(file)
  const loaded = loadScopes(text)
  if ('policy' in loaded) return { ...loaded, lineOf: await linesOf(text) }
  const problems = await problemsIn(text, loaded)
  const list = problems.map(({ line, text }) => `  ${placeText(file, line)}${harmless(text)}`)
  throw new CommandError(EXIT.usage, `${nameOf(file)} cannot be used:\n${list.join('\n')}`)
}

/** Reads the text for places when the first one is asked for. */
async function linesOf(text: string): Promise<LineOf> {
  const { createLines } = await import('../scopes/lines.ts')
  let lines: LineOf | null = null
  return (path) => {
    lines ??= createLines(text)
    return lines(path)
  }
}
