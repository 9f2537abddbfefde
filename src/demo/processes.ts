/** Processes that outlive the command that started them: written down, recognised again, stopped for good. */
import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../start_error.ts'

const LAST_LINES = 5

export interface Started {
  name: string
  pid: number
  /** When the kernel started it: a pid alone may by now be somebody else's. */
  birth: string
}

/** What a program writes to, beside each other: lines of its log, and what else it says. */
export const logFiles = (folder: string, name: string): string[] => [join(folder, `${name}.log`), join(folder, `${name}.stderr.log`)]

export interface Launch {
  started: Started
  /** The end of what it has written since this start. */
  lastWords(): string
}

/**
 * Starts a program in a session of its own, with its output in log files.
 * @param logs folder that they are in
 * @throws {StartError} that names the program when it cannot be started
 */
export async function startDetached(
  name: string,
  command: string,
  args: readonly string[],
  logs: string,
  env: Record<string, string | undefined>,
): Promise<Launch> {
  const outputs = logFiles(logs, name).map(openLog)
  const child = spawn(command, args, { detached: true, stdio: ['ignore', ...outputs.map(({ file }) => file)], env })
  for (const { file } of outputs) closeSync(file)
  await new Promise<void>((done, fail) => {
    child.once('spawn', done)
    child.once('error', ({ code }: NodeJS.ErrnoException) => fail(new StartError(`${name} cannot be started: ${command} (${code})`)))
  })
  child.unref()
  const pid = child.pid as number
  const words = (): string[] => outputs.flatMap(({ path, from }) => readFileSync(path).subarray(from).toString().split('\n'))
  return { started: { name, pid, birth: birthOf(pid) ?? '' }, lastWords: () => words().filter(Boolean).slice(-LAST_LINES).join('\n') }
}

/** Opens a log for appending; what an earlier start wrote ends at `from`. */
function openLog(path: string): { path: string; file: number; from: number } {
  const file = openSync(path, 'a', 0o600)
  return { path, file, from: fstatSync(file).size }
}

/** The start time of a process in clock ticks since boot (proc_pid_stat(5), field 22), or null when there is none. */
function birthOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended; only its parent has not noticed.
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

/** What was called with these arguments, whatever program runs it: nginx calls itself otherwise, but tells them too. */
export function findRunning(name: string, args: readonly string[]): Started[] {
  const ending = ` ${args.join(' ')}`
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && commandLineOf(entry).endsWith(ending))
  return pids.map((pid) => ({ name, pid: Number(pid), birth: birthOf(Number(pid)) ?? '' })).filter(isAlive)
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}

export function isAlive({ pid, birth }: Started): boolean {
  return pid > 0 && birth !== '' && birthOf(pid) === birth
}

/** Asks each to end, and after `patience` milliseconds ends what is left. Resolves when all are gone. */
export async function stopAll(processes: readonly Started[], patience = 6000): Promise<void> {
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const one of processes) if (isAlive(one)) process.kill(one.pid, signal)
  }
  signalAll('SIGTERM')
  const deadline = Date.now() + patience
  while (processes.some(isAlive)) {
    if (Date.now() > deadline) signalAll('SIGKILL')
    await sleep(50)
  }
}
