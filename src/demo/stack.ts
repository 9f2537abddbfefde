/** The local stack: a stand-in for Cognito, the validator, the registry and another MCP server, and NGINX, started, looked at and stopped. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../start_error.ts'
import { writeCredentials } from './credentials.ts'
import { asOneself, findNginx, installNginx } from './nginx.ts'
import { choosePorts, mustBeAskable, mustBeFree, originOf, type Ports } from './ports.ts'
import { isAlive, type Started, startDetached, stopAll } from './processes.ts'
import { writeServersFile } from './servers_file.ts'

export { freePort, isFree } from './ports.ts'

/** Milliseconds that a process may take until it answers. */
const PATIENCE = 20_000

interface State {
  ports: Ports
  processes: Started[]
}

export interface Stack {
  /** Root of the project: where dist/, nginx/ and scopes.yml are. */
  root: string
  /** Where state, logs and secrets are kept. */
  folder: string
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
    for (const start of programs(stack, ports, pool)) {
      const started = start()
      state.processes.push(started)
      writeFileSync(stateFile(stack), JSON.stringify(state))
      await waitUntilHealthy(stack, ports, started)
    }
  } catch (error) {
    await down(stack)
    throw error
  }
  return { ports, already: false }
}

/** What starts each process, in an order in which each finds what it needs. */
function programs({ root, folder }: Stack, ports: Ports, pool: string): Array<() => Started> {
  // The one setting of the validator that is worth trying with several clients.
  const { PATH, HOME, NODE_OPTIONS, CHALLENGE_SCOPES } = process.env
  const base = { PATH, HOME, NODE_OPTIONS, CHALLENGE_SCOPES }
  const node = (name: string, args: string[], env: Record<string, string> = {}) => {
    return () => startDetached(name, process.execPath, args, join(folder, 'logs', `${name}.log`), { ...base, ...env })
  }
  const demo = join(root, 'dist/demo.js')
  const address = (port: number): string => `127.0.0.1:${port}`
  const nginx = installNginx(join(root, 'nginx'), join(folder, 'nginx'), {
    gateway: address(ports.gateway),
    validator: address(ports.validator),
    currenttime: address(ports.currenttime),
    mcpgw: address(ports.mcpgw),
  })
  const scopes = { SCOPES_FILE: resolve(root, 'scopes.yml') }
  const servers = join(folder, 'servers.yml')
  writeServersFile(join(root, 'servers.yml'), servers, ports)
  const registry = {
    ...scopes,
    SERVERS_FILE: servers,
    REGISTRY_URL: originOf(ports.gateway),
    REGISTRY_LISTEN: address(ports.mcpgw),
  }
  return [
    node('cognito', [demo, 'cognito'], { GATEHOUSE_DEMO_POOL: pool }),
    node('validator', ['--', join(root, 'bin/gatehouse'), 'serve', '--env-file', join(folder, '.env')], scopes),
    node('currenttime', [demo, 'currenttime'], { PORT: String(ports.currenttime) }),
    node('mcpgw', [demo, 'mcpgw'], registry),
    () => startDetached('nginx', findNginx().nginx, asOneself(nginx), join(folder, 'logs/nginx.log'), base),
  ]
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

async function waitUntilHealthy(stack: Stack, ports: Ports, started: Started): Promise<void> {
  const { name } = started
  const url = healthUrls(ports)[name] as string
  const deadline = Date.now() + PATIENCE
  while (!(await answers200(url))) {
    if (!isAlive(started)) throw new StartError(`${name} ended at once. Its last words:\n${lastWords(stack, name)}`)
    if (Date.now() > deadline) throw new StartError(`${name} does not answer. Its last words:\n${lastWords(stack, name)}`)
    await sleep(50)
  }
}

function lastWords({ folder }: Stack, name: string): string {
  const text = readFileSync(join(folder, 'logs', `${name}.log`), 'utf8').trimEnd()
  return text.split('\n').slice(-5).join('\n')
}

async function answers200(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}
