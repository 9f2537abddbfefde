/** A Valkey or Redis server of a test's own, on the loopback, which keeps nothing on the disk. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort, type Program, start } from './process.ts'

export interface ValkeyProgram {
  url: string
  port: number
  program: Program
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface ValkeyStart {
  password?: string
  /** A free one when absent; to be given for a server that comes back. */
  port?: number
  /** More of the server's own options, each as `--name value`. */
  args?: string[]
}

const folders = (process.env.PATH ?? '').split(delimiter)
const onPath = (name: string): boolean => folders.some((folder) => existsSync(join(folder, name)))

export async function startValkey({ password, port, args = [] }: ValkeyStart = {}): Promise<ValkeyProgram> {
  const free = port ?? (await freePort())
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-valkey-'))
  const secret = password === undefined ? [] : ['--requirepass', password]
  const quiet = ['--save', '', '--appendonly', 'no', '--dir', folder]
  const command = onPath('valkey-server') ? 'valkey-server' : 'redis-server'
  const program = start(command, ['--port', String(free), '--bind', '127.0.0.1', ...quiet, ...secret, ...args])
  // One that a test has halted would not end by being asked.
  process.on('exit', () => program.child.kill('SIGKILL'))
  await program.printed('Ready to accept connections')
  const account = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  return {
    url: `redis://${account}127.0.0.1:${free}`,
    port: free,
    program,
    stop: async (signal) => {
      program.child.kill('SIGCONT')
      await program.stop(signal)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
