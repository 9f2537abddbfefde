/** The registry as a process: environment in, a listening server out, signals obeyed. */
import { createLog } from '../log.ts'
import type { Environment } from '../settings.ts'
import { end, toldToStop } from '../stopping.ts'
import { readRegistrySettings } from './settings.ts'
import { startRegistry } from './start.ts'

/**
 * Runs the registry until SIGTERM or SIGINT, then ends the process.
 * @throws {ConfigError} for an unusable environment; {StartError} when a file cannot be used or the address cannot be opened
 */
export async function runRegistry(env: Environment): Promise<void> {
  const settings = readRegistrySettings(env)
  const log = createLog(settings.logLevel)
  const stopped = toldToStop()
  const { port, close } = await startRegistry(settings, log)
  log.info({ listen: `${settings.host}:${port}`, gateway: settings.gateway }, 'listening')
  await stopped
  await close()
  log.info('stopped')
  end()
}
