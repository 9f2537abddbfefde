/** The programs of the local stack: what each is called with, and how it is started. */
import { join } from 'node:path'
import { asOneself, findNginx, installNginx, nginxArguments } from './nginx.ts'
import { originOf, type Ports } from './ports.ts'
import { type Launch, startDetached } from './processes.ts'
import { writeServersFile } from './servers_file.ts'

/** In an order in which each finds what it needs. */
export const NAMES = ['cognito', 'validator', 'currenttime', 'mcpgw', 'nginx'] as const
export type Name = (typeof NAMES)[number]

export interface Place {
  /** Root of the project: where dist/, nginx/ and scopes.yml are. */
  root: string
  /** Where state, logs and secrets are kept. */
  folder: string
}

/** Arguments of each. The folder is in all of them, also where the program needs none: it tells whose stack a process is of. */
export function argumentsOf({ root, folder }: Place): Record<Name, string[]> {
  const demo = join(root, 'dist/demo.js')
  return {
    cognito: [demo, 'cognito', folder],
    validator: ['--', join(root, 'bin/gatehouse'), 'serve', '--env-file', join(folder, '.env')],
    currenttime: [demo, 'currenttime', folder],
    mcpgw: [demo, 'mcpgw', folder],
    nginx: asOneself(nginxArguments(join(folder, 'nginx'))),
  }
}

/** Writes what they read, and gives what starts each. */
export function prepare(place: Place, ports: Ports, pool: string): Array<() => Promise<Launch>> {
  const { root, folder } = place
  const address = (port: number): string => `127.0.0.1:${port}`
  installNginx(join(root, 'nginx'), join(folder, 'nginx'), {
    gateway: address(ports.gateway),
    validator: address(ports.validator),
    currenttime: address(ports.currenttime),
    mcpgw: address(ports.mcpgw),
  })
  writeServersFile(join(root, 'servers.yml'), join(folder, 'servers.yml'), ports)
  // The one setting of the validator that is worth trying with several clients.
  const { PATH, HOME, NODE_OPTIONS, CHALLENGE_SCOPES } = process.env
  const { nginx } = findNginx()
  const args = argumentsOf(place)
  const settings = settingsOf(place, ports, pool)
  return NAMES.map((name) => () => {
    const env = { PATH, HOME, NODE_OPTIONS, CHALLENGE_SCOPES, ...settings[name] }
    return startDetached(name, name === 'nginx' ? nginx : process.execPath, args[name], join(folder, 'logs'), env)
  })
}

function settingsOf({ root, folder }: Place, ports: Ports, pool: string): Record<Name, Record<string, string>> {
  const scopes = { SCOPES_FILE: join(root, 'scopes.yml') }
  return {
    cognito: { GATEHOUSE_DEMO_POOL: pool },
    validator: scopes,
    currenttime: { PORT: String(ports.currenttime) },
    mcpgw: {
      ...scopes,
      SERVERS_FILE: join(folder, 'servers.yml'),
      REGISTRY_URL: originOf(ports.gateway),
      REGISTRY_LISTEN: `127.0.0.1:${ports.mcpgw}`,
    },
    nginx: {},
  }
}
