/** The whole gate for a test: issuer, validator, NGINX from the shipped files, two recording MCP servers, all on free ports. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNginx, type Install, installNginx } from '../../src/demo/nginx.ts'
import { createSealer } from '../../src/session/seal.ts'
import { sealSession } from '../../src/session/session.ts'
import { type Backend, startBackend } from './backend.ts'
import { type Issuer, startIssuer } from './issuer.ts'
import { freePort, type Program, start, until } from './process.ts'
import { type Answer, type RawOptions, send } from './raw.ts'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const SECRET_KEY = '5f1d7a0c93be4826d1f0a7c4e8b29360'

/** The agent `agent` and the group `callers` may use `now` on currenttime, and nothing on mcpgw. */
export const POLICY = `
group_mappings:
  callers: [test/now]
  admins: [test/all]
  listers: [test/list]
test/now:
  - server: currenttime
    methods: [initialize, notifications/initialized, ping, tools/list, tools/call]
    tools: [now]
test/list:
  - server: currenttime
    methods: [initialize, notifications/initialized, ping, tools/list]
test/all:
  - server: "*"
    methods: "*"
    tools: "*"
    prompts: "*"
    resources: "*"
`

export interface Gateway {
  port: number
  url: string
  folder: string
  issuer: Issuer
  currenttime: Backend
  mcpgw: Backend
  validator: Program
  validatorPort: number
  nginx: Program
  scopesFile: string
  /** Starts another validator on the same address, after the first one was stopped. */
  restartValidator(): Promise<void>
  /** A sealed session cookie: `name=seal`. */
  cookie(groups: readonly string[], username?: string, ttlSeconds?: number): Promise<string>
  /** Sends bytes to NGINX. */
  raw(bytes: string | Buffer, options?: RawOptions): Promise<Answer[]>
  /** Everything that NGINX and the validator have written. */
  logs(): string
  /** Forgets what the MCP servers have received. */
  reset(): void
  close(): Promise<void>
}

export interface GatewayOptions {
  policy?: string
  env?: Record<string, string>
  /** Address of the validator for NGINX when it is not the one that is started. */
  validatorAddress?: string
  /** Where NGINX remembers decisions, and whether it limits its callers: it does not, unless a test is about that. */
  install?: Install
  /** For tests of what happens when the validator is slow. In all others it may be: how busy the machine is says nothing of the gate. */
  deadlines?: 'shipped'
  /** Changes the installed NGINX files before the start; gets their folder. */
  configure?(conf: string): void
}

/** Starts the whole gate; what was started ends again when the rest of it does not start. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const cleanups: Array<() => unknown> = []
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  }
  try {
    return await startAll(options, (cleanup) => cleanups.push(cleanup), close)
  } catch (error) {
    await close()
    throw error
  }
}

async function startAll(
  options: GatewayOptions,
  finallyDo: (cleanup: () => unknown) => void,
  close: () => Promise<void>,
): Promise<Gateway> {
  const folder = makeFolder()
  finallyDo(() => rmSync(folder, { recursive: true, force: true }))
  const [issuer, currenttime, mcpgw] = await Promise.all([startIssuer(), startBackend('currenttime'), startBackend('mcpgw')])
  for (const server of [issuer, currenttime, mcpgw]) finallyDo(() => server.close())
  const [port, validatorPort] = await Promise.all([freePort(), freePort()])
  const scopesFile = join(folder, 'scopes.yml')
  writeFileSync(scopesFile, options.policy ?? POLICY)
  const url = `http://localhost:${port}`
  const env = settings(issuer, {
    REGISTRY_URL: url,
    SCOPES_FILE: scopesFile,
    VALIDATOR_LISTEN: `127.0.0.1:${validatorPort}`,
    ...options.env,
  })
  const addresses = {
    gateway: `127.0.0.1:${port}`,
    validator: options.validatorAddress ?? (env.VALIDATOR_LISTEN as string),
    currenttime: `127.0.0.1:${currenttime.port}`,
    mcpgw: `127.0.0.1:${mcpgw.port}`,
  }
  const nginxArgs = installNginx(join(root, 'nginx'), folder, addresses, { limits: 'off', ...options.install })
  if (options.deadlines === undefined) becomePatient(join(folder, 'conf/gatehouse/question.conf'))
  options.configure?.(join(folder, 'conf'))
  // Workers are another user when the tests run as root; what they keep in tmp/ would else be a fault of its own.
  chmodSync(join(folder, 'tmp'), 0o777)
  const validator = await startValidator(env)
  finallyDo(() => self.validator.stop('SIGKILL'))
  const nginx = start(findNginx().nginx, nginxArgs)
  finallyDo(() => nginx.stop('SIGTERM'))
  const parts = { port, url, folder, issuer, currenttime, mcpgw, validator, validatorPort, nginx, scopesFile }
  const self: Gateway = { ...parts, ...abilities(() => self, env), close }
  await until('NGINX answers', async () => (await send(port, 'GET / HTTP/1.0\r\n\r\n')).length > 0)
  return self
}

/** Gives the validator five seconds to answer. */
function becomePatient(file: string): void {
  const text = readFileSync(file, 'utf8')
  const patient = text.replace(/^(proxy_(?:connect|read)_timeout) \d+ms;$/gm, '$1 5s;')
  if (patient.match(/ 5s;$/gm)?.length !== 2) throw new Error(`${file} must hold two deadlines:\n${text}`)
  writeFileSync(file, patient)
}

/** NGINX's workers are another user when the tests run as root, and a unix socket may lie in here. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'))
  chmodSync(folder, 0o755)
  return folder
}

function settings(issuer: Issuer, changes: Record<string, string>): Record<string, string> {
  return {
    COGNITO_USER_POOL_ID: issuer.poolId,
    COGNITO_ISSUER: issuer.issuer,
    ALLOWED_CLIENT_IDS: 'agent,web',
    SECRET_KEY,
    DECISION_CACHE_SECONDS: '0',
    ...changes,
  }
}

async function startValidator(env: Record<string, string>): Promise<Program> {
  const program = start(process.execPath, ['--', join(root, 'bin/gatehouse'), 'serve'], env)
  await program.printed('"msg":"listening"')
  await program.printed('keys ')
  return program
}

function abilities(
  self: () => Gateway,
  env: Record<string, string>,
): Pick<Gateway, 'restartValidator' | 'cookie' | 'raw' | 'logs' | 'reset'> {
  return {
    restartValidator: async () => {
      self().validator = await startValidator(env)
    },
    cookie: async (groups, username = 'rosa', ttlSeconds = 3600) => {
      return `mcp_gateway_session=${await sealFor(groups, username, ttlSeconds)}`
    },
    raw: (bytes, rawOptions) => send(self().port, bytes, rawOptions),
    logs: () => {
      const logs = join(self().folder, 'logs')
      const files = readdirSync(logs).filter((name) => !name.endsWith('.pid'))
      return [self().validator.output(), self().nginx.output(), ...files.map((name) => readFileSync(join(logs, name), 'utf8'))].join('\n')
    },
    reset: () => {
      self().currenttime.reset()
      self().mcpgw.reset()
    },
  }
}

/** The processes of NGINX that serve requests: beside them is one that keeps its cache in order. */
export function workersOf({ child: { pid } }: Program): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return children.filter((child) => titleOf(child).startsWith('nginx: worker process')).map(Number)
}

function titleOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}

/** A session's seal. */
export async function sealFor(groups: readonly string[], username: string, ttlSeconds: number): Promise<string> {
  const made = await sealSession(
    createSealer([SECRET_KEY]),
    { username, clientId: 'web', groups: [...groups] },
    Date.now() / 1000,
    ttlSeconds,
  )
  return made?.seal ?? ''
}

/** The bytes of a tool call, or of whatever else is asked for. */
export function post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Buffer {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body)
  const all = { Host: 'localhost', 'Content-Type': 'application/json', 'Content-Length': String(bytes.length), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), bytes])
}

/** A JSON-RPC request. */
export const message = (method: string, params?: Record<string, unknown>, id: number | string = 1): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) })

export const call = (tool: string): string => message('tools/call', { name: tool, arguments: {} })
