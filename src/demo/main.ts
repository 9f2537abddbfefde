/** The demo's executable: the stack as a whole, and each of its processes. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from '../start_error.ts'
import { originOf, USUAL_GATEWAY } from './ports.ts'
import { portFrom } from './run.ts'
import { down, Interrupted, type Stack, status, up } from './stack.ts'
import { sentenceOf } from './trouble.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { env } = process

const folder = resolve(env.GATEHOUSE_DEMO_DIR || join(root, '.demo'))
const tell = (line: string): void => void process.stderr.write(`${line}\n`)

const stack = (): Stack => ({
  root,
  folder,
  tell,
  gatewayPort: portFrom(env, 'GATEWAY_PORT', USUAL_GATEWAY, 1),
})

const say = (...lines: string[]): void => {
  process.stdout.write(`${lines.join('\n')}\n`)
}

async function runUp(): Promise<void> {
  const { ports, already } = await up(stack())
  const gateway = originOf(ports.gateway)
  const call = (file: string): string =>
    `curl -i ${gateway}/currenttime/mcp -H "Authorization: Bearer $(bin/gatehouse token --env-file ${inShell(file)})"` +
    ` -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'` +
    ` -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"current_time_by_timezone","arguments":{"tz_name":"Asia/Tokyo"}}}'`
  say(
    already ? 'The local stack is running already:' : 'The local stack is up:',
    `  gateway      ${gateway}           NGINX; health: curl -f ${gateway}/health`,
    `  MCP servers  ${gateway}/currenttime/mcp and ${gateway}/mcpgw/mcp (also /sse)`,
    `  Sign in      ${gateway}/oauth2/           as admin or as user; their passwords: ${relativeFolder()}/.env.user`,
    `  Cognito      http://localhost:${ports.cognito}           a stand-in, not Amazon's; users and secrets: ${relativeFolder()}/.env*`,
    '',
    'An agent that may call tools:',
    `  ${call('.env.agent')}`,
    '',
    'An agent that may only look (403, and the scope that it lacks):',
    `  ${call('.env.agent-readonly')}`,
    '',
    'A session for curl and agents, saved to ~/.mcp/session_cookie:',
    `  bin/gatehouse login --env-file ${inShell('.env.user')}`,
    '',
    'An MCP client (Claude Code, VS Code, Cursor, MCP Inspector, …) signs you in by itself; give it the URL of a server:',
    `  claude mcp add --transport http currenttime ${gateway}/currenttime/mcp`,
    '',
    'make status, make logs, make down',
  )
}

function relativeFolder(): string {
  return folder === join(process.cwd(), '.demo') ? '.demo' : folder
}

/** A file of the folder, as a word of a command to paste. */
function inShell(file: string): string {
  const path = join(relativeFolder(), file)
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

async function runStatus(): Promise<void> {
  const { ok, lines } = await status(stack())
  say(...lines)
  if (!ok) process.exitCode = 1
}

async function runDown(): Promise<void> {
  const stopped = await down(stack())
  say(stopped === 0 ? 'nothing was running' : `stopped ${stopped} processes`)
}

function runLogs(): void {
  const logs = join(folder, 'logs')
  if (!existsSync(logs) || !statSync(logs).isDirectory())
    throw new StartError(`there are no logs in ${relativeFolder()} yet: nothing was started. make up`)
  for (const file of readdirSync(logs)) {
    const lines = readFileSync(join(logs, file), 'utf8').trimEnd().split('\n').slice(-20)
    if (lines.join('') !== '') say(`==> ${join(relativeFolder(), 'logs', file)}`, ...lines, '')
  }
}

type Commands = Readonly<Record<string, () => unknown>>
const STACK: Commands = { up: runUp, down: runDown, status: runStatus, logs: runLogs }
/** The stack adds to their command line where it belongs to. */
const PROCESSES: Commands = {
  cognito: async () => (await import('./cognito/main.ts')).runCognito(env),
  pool: async () => (await import('./pool.ts')).runPool(env),
  currenttime: async () => (await import('./servers/main.ts')).runCurrentTime(env),
  mcpgw: async () => (await import('../registry/main.ts')).runRegistry(env),
}
const USAGE = `usage: demo ${Object.keys({ ...STACK, ...PROCESSES }).join('|')}`

const [name = '', ...more] = process.argv.slice(2)
const commands = more.length === 0 ? { ...STACK, ...PROCESSES } : PROCESSES
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (['-h', '--help', 'help'].includes(name)) {
  say(USAGE, '', 'The whole stack: up, down, status, logs. The others are its processes, which get their settings from it.')
} else if (command === undefined) {
  tell(USAGE)
  process.exitCode = 2
} else {
  try {
    await command()
  } catch (error) {
    const sentence = sentenceOf(error, folder)
    if (sentence === null) throw error
    tell(sentence)
    process.exitCode = error instanceof Interrupted ? 130 : 1
  }
}
