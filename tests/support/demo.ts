/** The local stack for a test: what `make up` starts, in a folder and on ports of its own. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import { root } from './gateway.ts'
import { freePort } from './process.ts'

const run = promisify(execFile)

export interface Demo {
  url: string
  folder: string
  /** What `up` has printed. */
  printed: string
  /** Runs one of the stack's own commands and gives what it prints. */
  command(...args: string[]): Promise<string>
  /** The settings in one of the files that the stack has written. */
  settings(file: string): Record<string, string>
  /** Name and password of a user of the pool. */
  user(which: 'DEMO_ADMIN' | 'DEMO_USER'): { username: string; password: string }
  close(): Promise<void>
}

/** @param variables settings for the stack besides its own; a test asks faster than the shipped limits let anybody */
export async function startDemo(variables: Record<string, string> = {}): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-stack-'))
  const port = await freePort()
  const env = { ...process.env, GATEHOUSE_LIMITS: 'off', ...variables, GATEHOUSE_DEMO_DIR: folder, GATEWAY_PORT: String(port) }
  const command = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, ['dist/demo.js', ...args], { cwd: root, env })).stdout
  const settings = (file: string): Record<string, string> => parseEnv(readFileSync(join(folder, file), 'utf8')) as Record<string, string>
  return {
    url: `http://localhost:${port}`,
    folder,
    printed: await command('up'),
    command,
    settings,
    user: (which) => {
      const [username = '', password = ''] = settings('.env.user')[which]?.split(' ') ?? []
      return { username, password }
    },
    close: async () => {
      await command('down')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
