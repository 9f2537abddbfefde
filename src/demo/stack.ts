/** The local stack: a stand-in for Cognito, the validator, the registry and another MCP server, and NGINX, started, looked at and stopped. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../start_error.ts'
import { writeCredentials } from './credentials.ts'
import { findNginx } from './nginx.ts'
import { choosePorts, mustBeAskable, mustBeFree, originOf, type Ports } from './ports.ts'
import { isAlive, type Launch, type Started, stopAll } from './processes.ts'
import { type Place, prepare } from './programs.ts'

export { freePort, isFree } from './ports.ts'

/** Milliseconds that a process may take until it answers. */
const PATIENCE = 20_000

interface State {
  ports: Ports
  processes: Started[]
}

export interface Stack extends Place {
  gatewayPort: number
}

const stateFile = ({ folder }: Stack): string => join(folder, 'state.json')

function readState(stack: Stack): State | null {
  return existsSync(stateFile(stack)) ? (JSON.parse(readFileSync(stateFile(stack), 'utf8')) as State) : null
}

/** Starts what is not running. Gives the ports, and whether everything was running already. */
export async function up(stack: Stack): Promise<{ ports: Ports; already: boolean }> {
  const before = readState(stack)
  if (before?.processes.length === 5 && before.processes.every(isAlive) && before.ports.gateway === stack.gatewayPort)
    return { ports: before.ports, already: true }
  findNginx()
  mustBeAskable(stack.gatewayPort)
  // A stack that runs is stopped only for one that can take its place.
  if (!Object.values(before?.ports ?? {}).includes(stack.gatewayPort)) await mustBeFree(stack.gatewayPort)
  if (before !== null) await down(stack)
  await mustBeFree(stack.gatewayPort)
  const ports = await choosePorts(stack.gatewayPort)
  mkdirSync(join(stack.folder, 'logs'), { recursive: true, mode: 0o700 })
  const pool = writeCredentials(stack.folder, ports)
  const state: State = { ports, processes: [] }
  try {
    for (const start of prepare(stack, ports, pool)) {
      const launch = await start()
      state.processes.push(launch.started)
      writeFileSync(stateFile(stack), JSON.stringify(state))
      await waitUntilHealthy(healthUrls(ports)[launch.started.name] as string, launch)
    }
  } catch (error) {
    await down(stack)
    throw error
  }
  return { ports, already: false }
}

export async function down(stack: Stack): Promise<number> {
  const state = readState(stack)
  const running = state?.processes.filter(isAlive) ?? []
  await stopAll(running)
  rmSync(stateFile(stack), { force: true })
  return running.length
}

/** What runs where, a line each; `ok` when all of it does. */
export async function status(stack: Stack): Promise<{ ok: boolean; lines: string[] }> {
  const state = readState(stack)
  if (state === null) return { ok: false, lines: ['nothing is running'] }
  const urls = healthUrls(state.ports)
  const answers = await Promise.all(
    state.processes.map(async (one) => {
      const ok = isAlive(one) && (await answers200(urls[one.name] as string))
      return { ok, line: `${one.name.padEnd(12)} ${ok ? 'up  ' : 'DOWN'} pid ${String(one.pid).padEnd(8)} ${urls[one.name]}` }
    }),
  )
  return { ok: answers.every(({ ok }) => ok), lines: answers.map(({ line }) => line) }
}

/** The URL of each process's health check. */
function healthUrls(ports: Ports): Record<string, string> {
  return {
    cognito: `http://localhost:${ports.cognito}/us-east-1_GatehouseDemo/.well-known/jwks.json`,
    validator: `http://127.0.0.1:${ports.validator}/ready`,
    currenttime: `http://127.0.0.1:${ports.currenttime}/health`,
    mcpgw: `http://127.0.0.1:${ports.mcpgw}/health`,
    nginx: `${originOf(ports.gateway)}/health`,
  }
}

/** @throws {StartError} with what the process said last when it ends, or takes too long */
async function waitUntilHealthy(url: string, { started, lastWords }: Launch): Promise<void> {
  const deadline = Date.now() + PATIENCE
  while (!(await answers200(url))) {
    if (!isAlive(started)) throw new StartError(`${started.name} ended at once${told(lastWords())}`)
    if (Date.now() > deadline) throw new StartError(`${started.name} does not answer${told(lastWords())}`)
    await sleep(50)
  }
}

const told = (words: string): string => (words === '' ? ', and said nothing' : `. Its last words:\n${words}`)

async function answers200(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}
