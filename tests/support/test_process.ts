/** A test file in a process of its own, with all that it starts in one group, which ends with it. */
import { spawn } from 'node:child_process'
import { FIRST_PORT, PORTS, PORTS_OF_A_FILE } from './process.ts'
import { describeGroup } from './running.ts'

/** Milliseconds. */
const LONGEST = 180_000
/** Output stays open as long as anything that the file has started holds it. */
const LEFT_OVER = 3000

export interface Ended {
  output: string
  code: number | null
  /** What went wrong besides an exit code. */
  trouble: 'hangs' | 'left a program running' | null
  milliseconds: number
}

/** Groups of the files that are running. */
const groups = new Set<number>()
process.on('exit', () => {
  for (const pid of groups) endGroup(pid)
})

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

/**
 * Runs one until it ends.
 * @param script its JavaScript
 * @param place among those that run at once
 * @param env besides that of this process
 */
export function runTestProcess(script: string, place: number, env: Record<string, string>): Promise<Ended> {
  return new Promise((done) => {
    const started = Date.now()
    const child = spawn(process.execPath, ['--enable-source-maps', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, NO_COLOR: '1', [PORTS]: String(FIRST_PORT + place * PORTS_OF_A_FILE), ...env },
    })
    const pid = child.pid as number
    groups.add(pid)
    let output = ''
    let hangs = false
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const tellWhatRuns = (): void => {
      output += `\n${describeGroup(pid).join('\n')}\n`
    }
    const finish = (code: number | null, trouble: Ended['trouble']): void => {
      if (!groups.has(pid)) return
      clearTimeout(timer)
      if (trouble !== null) tellWhatRuns()
      endGroup(pid)
      groups.delete(pid)
      child.stdout.destroy()
      child.stderr.destroy()
      done({ output, code, trouble: hangs ? 'hangs' : trouble, milliseconds: Date.now() - started })
    }
    const timer = setTimeout(() => {
      hangs = true
      tellWhatRuns()
      // It says which test it is, if it still can.
      child.kill('SIGTERM')
      setTimeout(() => finish(null, null), LEFT_OVER)
    }, LONGEST)
    child.on('exit', (code) => setTimeout(() => finish(code, 'left a program running'), LEFT_OVER).unref())
    child.on('close', (code) => finish(code, null))
  })
}
