/** The stand-in as a process of its own. */
import { readFile } from 'node:fs/promises'
import { StartError } from '../../start_error.ts'
import { type Environment, runUntilSignal } from '../run.ts'
import type { CognitoOptions } from './pool.ts'
import { parsePool } from './pool_file.ts'
import { startCognito } from './start.ts'

/**
 * Runs the stand-in until SIGTERM or SIGINT. What is wrong with the file or the port goes to stderr, with exit code 1.
 * @param env `GATEHOUSE_DEMO_POOL` names a JSON file that holds the options of startCognito
 */
export function runCognito(env: Environment): Promise<void> {
  return runUntilSignal(async () => {
    const { origin, issuer, close } = await startCognito(await readPool(env.GATEHOUSE_DEMO_POOL))
    return { ready: { origin, issuer }, close }
  })
}

async function readPool(path: string | undefined): Promise<CognitoOptions> {
  if (!path) throw new StartError('GATEHOUSE_DEMO_POOL must name the JSON file that describes the user pool')
  const source = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`cannot read the user pool from ${path}: ${error.code}`)
  })
  const result = parsePool(source)
  if ('problems' in result) throw new StartError(result.problems.map((problem) => `${path}: ${problem}`).join('\n'))
  return result.options
}
