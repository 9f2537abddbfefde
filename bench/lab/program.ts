/** Programs that a run starts. They write to files, as in production, and end with the run, by pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Program {
  pid: number
  hasEnded(): boolean
  /** The end of what it wrote. */
  tail(): string
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  // Not SIGKILL: the workers of nginx would stay.
  for (const child of running) child.kill('SIGTERM')
})

/** @param log file that takes both outputs; appended to, so that it can be emptied meanwhile */
export function startProgram(command: readonly string[], log: string, env: Record<string, string> = {}): Program {
  const output = openSync(log, 'a', 0o600)
  const [name, ...args] = command as [string, ...string[]]
  const child = spawn(name, args, { env: { PATH: process.env.PATH ?? '', ...env }, stdio: ['ignore', output, output] })
  closeSync(output)
  running.add(child)
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done())
    child.once('error', () => done())
  })
  ended.then(() => running.delete(child))
  const hasEnded = (): boolean => !running.has(child)
  return {
    pid: child.pid ?? 0,
    hasEnded,
    tail: () => readFileSync(log, 'utf8').slice(-2000),
    stop: async () => {
      if (!hasEnded()) child.kill('SIGTERM')
      const patience = setTimeout(() => child.kill('SIGKILL'), 6000)
      await ended
      clearTimeout(patience)
    },
  }
}

/**
 * Waits until something holds.
 * @param program whose end ends the waiting too
 * @throws Error with what the program wrote last
 */
export async function until(what: string, holds: () => Promise<boolean>, program?: Program, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!(await holds().catch(() => false))) {
    if (program?.hasEnded()) throw new Error(`it ended before ${what}\n${program.tail()}`)
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain until ${what}\n${program?.tail() ?? ''}`)
    await sleep(5)
  }
}
