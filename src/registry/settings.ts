/** Settings of the registry, all problems at once. */
import { readGateway } from '../config.ts'
import { ConfigError, type Environment, SettingsReader } from '../settings.ts'

export interface RegistrySettings {
  host: string
  port: number
  /** Public URL of the gateway, without a final slash. */
  gateway: string
  scopesFile: string
  serversFile: string
  logLevel: string
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
const DEFAULT_LISTEN = '127.0.0.1:9002'

/** @throws {ConfigError} with every problem: the variable, what is wrong, an example */
export function readRegistrySettings(env: Environment): RegistrySettings {
  const reader = new SettingsReader(env)
  const settings = {
    ...readListen(reader),
    gateway: readGateway(reader),
    scopesFile: reader.text('SCOPES_FILE') ?? 'scopes.yml',
    serversFile: reader.text('SERVERS_FILE') ?? 'servers.yml',
    logLevel: reader.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
  }
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return settings
}

function readListen(reader: SettingsReader): { host: string; port: number } {
  const text = reader.text('REGISTRY_LISTEN') ?? DEFAULT_LISTEN
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) }
  reader.wrong('REGISTRY_LISTEN', 'must be ADDRESS:PORT', DEFAULT_LISTEN)
  return { host: '127.0.0.1', port: 0 }
}
