/** Processes that outlive the command that started them: written down, recognised again, stopped for good. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Started {
  name: string
  pid: number
  /** When the kernel started it: a pid alone may by now be somebody else's. */
  birth: string
}

/** Starts a program in a session of its own, with its output in a log file. */
export function startDetached(
  name: string,
  command: string,
  args: readonly string[],
  log: string,
  env: Record<string, string | undefined>,
): Started {
  const output = openSync(log, 'a', 0o600)
  const child = spawn(command, args, { detached: true, stdio: ['ignore', output, output], env })
  child.on('error', () => {})
  child.unref()
  closeSync(output)
  const pid = child.pid ?? 0
  return { name, pid, birth: birthOf(pid) ?? '' }
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
