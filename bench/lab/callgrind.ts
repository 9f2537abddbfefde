/**
 * An NGINX whose instructions are counted: one process under valgrind's callgrind. It counts what runs in user space, to about one in a hundred
 * the same on every machine and however busy it is; of the kernel it knows nothing.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findNginx } from '../../src/demo/nginx.ts'
import { answers, type StartNginx } from './nginx.ts'
import { startProgram, until } from './program.ts'

const run = promisify(execFile)
const PROGRAMS = ['valgrind', 'callgrind_control']

/** @throws Error that says what to install */
export function requireValgrind(path = process.env.PATH ?? ''): void {
  const missing = PROGRAMS.filter((name) => !path.split(':').some((folder) => existsSync(join(folder, name))))
  if (missing.length > 0) throw new Error(`${missing.join(' and ')} not found. On Debian: apt-get install valgrind`)
}

const fileOf = (folder: string, pid: string): string => join(folder, `callgrind.${pid}`)

/** @param counts the folder where what is counted is written */
export const underCallgrind =
  (counts: string, pinned: readonly string[]): StartNginx =>
  async (args, folder, port) => {
    const valgrind = [...pinned, 'valgrind', '--tool=callgrind', `--callgrind-out-file=${fileOf(counts, '%p')}`]
    // A master and its workers would be counted together.
    const alone = [...args.slice(0, -1), `${args.at(-1)} master_process off;`]
    const program = startProgram([...valgrind, findNginx().nginx, ...alone], join(folder, 'logs/output.log'))
    await until(`NGINX answers on port ${port} under valgrind`, () => answers(port), program)
    return { port, worker: program.pid, stop: program.stop }
  }

/** What a process under callgrind does while some work goes on, in instructions. */
export async function countInstructions(counts: string, pid: number, work: () => Promise<void>): Promise<number> {
  // A dump begins the count anew.
  await dump(counts, pid)
  await work()
  return parseInstructions(await dump(counts, pid))
}

/** Lets callgrind write what it has counted since the last time, and gives the text of the file. */
async function dump(counts: string, pid: number): Promise<string> {
  // With few variables, like the process itself: by some of them valgrind finds the way to talk to it.
  const { stdout } = await run('callgrind_control', ['-d', String(pid)], { env: { PATH: process.env.PATH ?? '' } })
  const [name, ...others] = readdirSync(counts).filter((one) => one.startsWith(`callgrind.${pid}.`))
  if (name === undefined || others.length > 0) throw new Error(`callgrind_control says ${stdout.trim()}`)
  const file = join(counts, name)
  const text = readFileSync(file, 'utf8')
  rmSync(file)
  return text
}

/**
 * The instructions of one file of callgrind's (Callgrind Format Specification, "summary").
 * @throws Error when the file counts something else
 */
export function parseInstructions(text: string): number {
  const total = /^summary: (\d+)$/m.exec(text)?.[1]
  if (total === undefined || !/^events: Ir$/m.test(text)) throw new Error('callgrind has written no count of instructions alone')
  return Number(total)
}
