/** Programs that a test starts and must end, by pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { BLOCKED, isFree } from '../../src/demo/ports.ts'

export interface Program {
  child: ChildProcess
  /** Everything that it printed so far. */
  output(): string
  /** Resolves when it printed this. */
  printed(text: string, timeout?: number): Promise<void>
  /** Ends it and resolves with its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const running = new Set<ChildProcess>()
// A failed test must not leave programs behind, nor wait for them.
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM')
})

/** Starts a program whose environment is only what is given, and PATH. */
export function start(command: string, args: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(command, args, { env: { PATH: process.env.PATH ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  running.add(child)
  const ended = new Promise<number | null>((done) => child.once('close', done))
  child.once('close', () => running.delete(child))
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk
    })
  }
  const printed = async (text: string, timeout = 10_000): Promise<void> => {
    const deadline = Date.now() + timeout
    while (!output.includes(text)) {
      if (child.exitCode !== null) throw new Error(`${command} ended (${child.exitCode}) before it printed ${text}:\n${output}`)
      if (Date.now() > deadline) throw new Error(`${command} did not print ${text}:\n${output}`)
      await new Promise((done) => setTimeout(done, 10))
    }
  }
  return {
    child,
    output: () => output,
    printed,
    stop: (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    },
  }
}

/** The variable that names the first port of those that are a test file's own among all that run beside it. */
export const PORTS = 'GATEHOUSE_TEST_PORTS'
/** How many these are. */
export const PORTS_OF_A_FILE = 2000
/** Below the ports that systems hand out by themselves, and below those that a stack chooses. */
export const FIRST_PORT = 10_000

const first = Number(process.env[PORTS] ?? FIRST_PORT)
let next = randomInt(PORTS_OF_A_FILE)

/** A port of the loopback that is free now, that nobody else is given, neither by the system nor in this run, and that clients do ask at. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS_OF_A_FILE; tries += 1) {
    next = (next + 1) % PORTS_OF_A_FILE
    const port = first + next
    if (!BLOCKED.has(port) && (await isFree(port))) return port
  }
  throw new Error(`no port from ${first} on is free`)
}

/** Waits until a condition holds; throws with `what` when it does not in time. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, timeout = 10_000): Promise<void> {
  const deadline = Date.now() + timeout
  // What has arrived while this process was busy is read before it is judged.
  for (let late = false; !(await condition()); ) {
    if (late) throw new Error(`waited in vain until ${what}`)
    late = Date.now() > deadline
    await new Promise((done) => setTimeout(done, 20))
  }
}
