/** Settings of a command: the environment and the files named by --env-file. */
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { ConfigError, type Environment, LINE } from '../settings.ts'

/**
 * Reads settings files. As in Node and Docker the environment goes before files, and the first file before later ones.
 * @throws {ConfigError} naming every file that cannot be read, and every line that says nothing
 */
export function readEnvironment(files: readonly string[], environment: Environment): Environment {
  const read = readEach(files, readEnvFile)
  return Object.assign({}, ...read.reverse(), environment) as Environment
}

/** @throws {ConfigError} with the problems of all files at once */
export function readEach<T>(files: readonly string[], read: (file: string) => T): T[] {
  const problems: string[] = []
  const found = files.flatMap((file): T[] => {
    try {
      return [read(file)]
    } catch (error) {
      if (error instanceof ConfigError) problems.push(...error.problems)
      else if (file === '') problems.push('--env-file names no file: what it is given is empty')
      else problems.push(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`)
      return []
    }
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return found
}

/** A value in quotes, which may go over lines. */
const QUOTED = /^([ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*)(["'`])[\s\S]*?\2/gm
const GOES_ON = '\x01'
const SETTING = new RegExp(`^(?:${GOES_ON}|[ \\t]*(?:export[ \\t]+)?[A-Za-z_][\\w.-]*[ \\t]*=(?![ \\t]*["'\`]))`)
const NOTHING = /^[ \t]*(?:#.*)?\r?$/
/**
 * The variables of one file. What says nothing is taken out before Node 20 sees it: it would take a line without "=", and a comment that is
 * indented, for a part of the next one's name.
 * @throws {ConfigError} for lines that are nothing known, which it does not quote; as `readFileSync` does where the file cannot be read
 */
export function readEnvFile(file: string): Environment {
  const text = readFileSync(file, 'utf8').replace(/^\ufeff/, '')
  // A quote that only closes behind another setting's line was not meant to.
  const hide = (all: string, head: string): string => (LINE.test(all) ? all : head + all.split('\n').fill(GOES_ON).join('\n'))
  const plain = text.replace(QUOTED, hide).split('\n')
  const wrong = plain.flatMap((line, at) => (SETTING.test(line) || NOTHING.test(line) ? [] : [at + 1]))
  if (wrong.length > 0) {
    const others = wrong.length > 1 ? `, and ${wrong.length - 1} more,` : ''
    throw new ConfigError([`${file}: line ${wrong[0]}${others} is neither a comment nor NAME=value, or its quote is not closed`])
  }
  const lines = text.split('\n').filter((_, at) => SETTING.test(plain[at] as string))
  return parseEnv(lines.join('\n'))
}
