/** Settings of a command: the environment and the files named by --env-file. */
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { ConfigError, type Environment } from '../settings.ts'

/**
 * Reads settings files. As in Node and Docker the environment goes before files, and the first file before later ones.
 * @throws {ConfigError} naming every file that cannot be read
 */
export function readEnvironment(files: readonly string[], environment: Environment): Environment {
  const problems: string[] = []
  let result: Environment = environment
  for (const file of files) {
    try {
      result = { ...parseEnv(readFileSync(file, 'utf8')), ...result }
    } catch (error) {
      problems.push(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return result
}
