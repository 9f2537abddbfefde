/** The local stack: a stand-in for Cognito, the validator, the registry and another MCP server, and NGINX, started, looked at and stopped. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder } from '../make_folder.ts'
import { StartError } from '../start_error.ts'
import { writeCredentials } from './credentials.ts'
import { findNginx } from './nginx.ts'
import { choosePorts, mustBeAskable, mustBeFree, originOf, type Ports } from './ports.ts'
import { isAlive, type Launch, type Started, stopAll } from './processes.ts'
import { NAMES, type Name, type Place, prepare } from './programs.ts'
import { findStack, removeState, writeState } from './state.ts'

/** Milliseconds that a process may take until it answers after its start, and that one answer may take. */
const PATIENCE = 20_000
const ANSWER = 5000

/** By a signal, such as that of Ctrl-C. */
export class Interrupted extends StartError {
  constructor() {
    super('interrupted: what was started is stopped again')
  }
}

export interface Stack extends Place {
  gatewayPort: number
  /** Told what whoever gave the command should know besides. */
  tell(line: string): void
}

/** Starts what is not running. Gives the ports, and whether everything was running already. */
export async function up(stack: Stack): Promise<{ ports: Ports; already: boolean }> {
  const { gatewayPort } = stack
  const before = findStack(stack)
  if (before.state?.ports.gateway === gatewayPort && NAMES.every((name) => before.running.some((one) => one.name === name)))
    return { ports: before.state.ports, already: true }
  findNginx()
  mustBeAskable(gatewayPort)
  // A stack that runs is stopped only for one that can take its place. Where its ports are not known, this may be one of them.
  const isOwn = before.state === null ? before.running.length > 0 : Object.values(before.state.ports).includes(gatewayPort)
  if (!isOwn) await mustBeFree(gatewayPort)
  if (before.running.length > 0 && before.state !== null && before.state.ports.gateway !== gatewayPort)
    stack.tell(
      `the stack at ${originOf(before.state.ports.gateway)} is stopped: ${stack.folder} holds one. Another folder: GATEHOUSE_DEMO_DIR`,
    )
  await down(stack)
  await mustBeFree(gatewayPort)
  const ports = await choosePorts(gatewayPort)
  makeFolder(join(stack.folder, 'logs'), 0o700)
  await startAll(stack, ports)
  return { ports, already: false }
}

/** Starts one after the other, or none: also where it is told to end meanwhile. */
async function startAll(stack: Stack, ports: Ports): Promise<void> {
  const pool = writeCredentials(stack.folder, ports)
  const processes: Started[] = []
  const end = watchEnd()
  try {
    for (const start of prepare(stack, ports, pool)) {
      const launch = await start()
      processes.push(launch.started)
      writeState(stack, { ports, processes })
      await waitUntilHealthy(healthUrls(ports)[launch.started.name as Name], launch, end)
    }
  } catch (error) {
    await stopAll(processes)
    removeState(stack)
    throw error
  } finally {
    end.forget()
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Whether this process is told to end, which it does not until `forget`. */
function watchEnd(): { isTold(): boolean; forget(): void } {
  let told = false
  const tell = (): void => {
    told = true
  }
  for (const signal of SIGNALS) process.on(signal, tell)
  return {
    isTold: () => told,
    forget: () => {
      for (const signal of SIGNALS) process.off(signal, tell)
    },
  }
}

/** Stops what runs, and gives how many processes that were. */
export async function down(stack: Stack): Promise<number> {
  const { running, note } = findStack(stack)
  if (note !== null) stack.tell(note)
  await stopAll(running)
  removeState(stack)
  return running.length
}

/** What runs where, a line each; `ok` when all of it does. */
export async function status(stack: Stack): Promise<{ ok: boolean; lines: string[] }> {
  const { state, running, note } = findStack(stack)
  if (note !== null) stack.tell(note)
  if (state === null)
    return { ok: false, lines: [running.length === 0 ? 'nothing is running' : 'where they listen is not known: make down'] }
  const urls = healthUrls(state.ports)
  const answers = await Promise.all(
    NAMES.map(async (name) => {
      const one = state.processes.find((process) => process.name === name)
      if (one === undefined) return { ok: false, line: `${name.padEnd(12)} NOT STARTED` }
      const ok = isAlive(one) && (await answers200(urls[name]))
      // NGINX answers for the validator too.
      return {
        ok,
        line: `${name.padEnd(12)} ${ok ? 'up  ' : isAlive(one) ? 'ILL ' : 'DOWN'} pid ${String(one.pid).padEnd(8)} ${urls[name]}`,
      }
    }),
  )
  return { ok: answers.every(({ ok }) => ok), lines: answers.map(({ line }) => line) }
}

/** The URL of each process's health check. */
function healthUrls(ports: Ports): Record<Name, string> {
  return {
    cognito: `http://localhost:${ports.cognito}/us-east-1_GatehouseDemo/.well-known/jwks.json`,
    validator: `http://127.0.0.1:${ports.validator}/ready`,
    currenttime: `http://127.0.0.1:${ports.currenttime}/health`,
    mcpgw: `http://127.0.0.1:${ports.mcpgw}/health`,
    nginx: `${originOf(ports.gateway)}/health`,
  }
}

/** @throws {StartError} with what the process said last when it ends, or takes too long; {Interrupted} */
async function waitUntilHealthy(url: string, { started, lastWords }: Launch, end: { isTold(): boolean }): Promise<void> {
  const deadline = Date.now() + PATIENCE
  while (!(await answers200(url))) {
    if (end.isTold()) throw new Interrupted()
    if (!isAlive(started)) throw new StartError(`${started.name} ended at once${told(lastWords())}`)
    if (Date.now() > deadline) throw new StartError(`${started.name} does not answer${told(lastWords())}`)
    await sleep(50)
  }
  if (end.isTold()) throw new Interrupted()
}

const told = (words: string): string => (words === '' ? ', and said nothing' : `. Its last words:\n${words}`)

async function answers200(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}
