/** The registry as a process: environment in, a listening server out, signals obeyed. */
import { createLog } from '../log.ts'
import type { Environment } from '../settings.ts'
import { readRegistrySettings } from './settings.ts'
import { startRegistry } from './start.ts'

/**
 * Runs the registry until SIGTERM or SIGINT.
 * @throws {ConfigError} for an unusable environment; {StartError} when a file cannot be used or the address cannot be opened
 */
export async function runRegistry(env: Environment): Promise<void> {
  const settings = readRegistrySettings(env)
  const log = createLog(settings.logLevel)
  // Heard from the beginning, so that a stop during the start is orderly too.
  const stopped = new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve())
  })
  const { port, close } = await startRegistry(settings, log)
  log.info({ listen: `${settings.host}:${port}`, gateway: settings.gateway }, 'listening')
  await stopped
  await close()
  log.info('stopped')
}
