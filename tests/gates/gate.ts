/** Another gate than NGINX in front of the validator and two recording MCP servers: its shipped configuration with other addresses. */
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Backend, startBackend } from '../support/backend.ts'
import { root, SECRET_KEY, sealFor } from '../support/gateway.ts'
import { type Issuer, startIssuer } from '../support/issuer.ts'
import { freePort, type Program, start, until } from '../support/process.ts'
import { send } from '../support/raw.ts'

/** `test/here` opens everything on currenttime and nothing on mcpgw, `test/now` a part of currenttime. */
const POLICY = `
group_mappings:
  all_here: [test/here]
test/here:
  - server: currenttime
    methods: "*"
    tools: "*"
    prompts: "*"
    resources: "*"
test/now:
  - server: currenttime
    methods: [initialize, notifications/initialized, ping, tools/list, tools/call]
    tools: [now]
`

export interface OtherGate {
  port: number
  issuer: Issuer
  currenttime: Backend
  mcpgw: Backend
  validator: Program
  program: Program
  /** `Authorization` of the agent that may make every call on currenttime, and of the one that may make some. */
  all: string
  some: string
  cookie(username: string): Promise<string>
  /** Puts something else in the place of the validator, which ends. */
  replaceValidator(answer: (response: ServerResponse) => void): Promise<void>
  /** Nothing is in its place any more. */
  endValidator(): Promise<void>
  close(): Promise<void>
}

/** Where the shipped files say what; each is found at least once, but for the way to the validator, which not all have. */
const SHIPPED = { gateway: 8000, validator: 8888, between: 8889, currenttime: 9001, mcpgw: 9002 }
type Ports = Record<keyof typeof SHIPPED, number>

/** Copies gates/NAME to a folder of its own, with these ports; gives the folder. */
function install(name: string, ports: Ports): string {
  const folder = mkdtempSync(join(tmpdir(), `gatehouse-${name}-`))
  chmodSync(folder, 0o755)
  cpSync(join(root, 'gates', name), folder, { recursive: true })
  const files = readdirSync(folder).map((file) => join(folder, file))
  for (const [what, shipped] of Object.entries(SHIPPED)) {
    const port = new RegExp(`((?:127\\.0\\.0\\.1|localhost):|port_value: )${shipped}\\b`, 'g')
    const holding = files.filter((file) => readFileSync(file, 'utf8').match(port))
    if (holding.length === 0 && what !== 'between') throw new Error(`gates/${name} does not say where the ${what} is`)
    for (const file of holding) writeFileSync(file, readFileSync(file, 'utf8').replace(port, `$1${ports[what as keyof Ports]}`))
  }
  return folder
}

/** @param launch starts the program in the folder of its configuration */
export async function startOtherGate(name: string, launch: (folder: string) => Program): Promise<OtherGate> {
  const [issuer, currenttime, mcpgw] = await Promise.all([startIssuer(), startBackend('currenttime'), startBackend('mcpgw')])
  const [port, validatorPort, between] = await Promise.all([freePort(), freePort(), freePort()])
  const folder = install(name, { gateway: port, validator: validatorPort, between, currenttime: currenttime.port, mcpgw: mcpgw.port })
  writeFileSync(join(folder, 'scopes.yml'), POLICY)
  const validator = start(process.execPath, ['--', join(root, 'bin/gatehouse'), 'serve'], {
    COGNITO_USER_POOL_ID: issuer.poolId,
    COGNITO_ISSUER: issuer.issuer,
    ALLOWED_CLIENT_IDS: 'agent,web',
    SECRET_KEY,
    REGISTRY_URL: `http://localhost:${port}`,
    SCOPES_FILE: join(folder, 'scopes.yml'),
    VALIDATOR_LISTEN: `127.0.0.1:${validatorPort}`,
  })
  const program = launch(folder)
  let standIn: Server | null = null
  const endStandIn = async (): Promise<void> => {
    standIn?.closeAllConnections()
    await new Promise((done) => (standIn === null ? done(null) : standIn.close(done)))
    standIn = null
  }
  await Promise.all([
    validator.printed('"msg":"keys fetched"'),
    until(`${name} answers`, async () => (await send(port, 'GET / HTTP/1.0\r\n\r\n')).length > 0),
  ])
  return {
    port,
    issuer,
    currenttime,
    mcpgw,
    validator,
    program,
    all: `Bearer ${await issuer.token({ scope: 'test/here' })}`,
    some: `Bearer ${await issuer.token({ scope: 'test/now' })}`,
    cookie: async (username) => `mcp_gateway_session=${await sealFor(['all_here'], username, 3600)}`,
    replaceValidator: async (answer) => {
      await validator.stop()
      await endStandIn()
      standIn = createServer((_request, response) => answer(response))
      await new Promise<void>((done) => standIn?.listen(validatorPort, '127.0.0.1', done))
    },
    endValidator: endStandIn,
    close: async () => {
      await Promise.all([program.stop(), validator.stop(), endStandIn(), issuer.close(), currenttime.close(), mcpgw.close()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
