import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { type Json, SAMPLE } from './sample_pool.ts'

const processes = suite('demo processes')
let folder: string
let taken: { port: string; close(): void }
processes.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-demo-'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  taken = { port: String((server.address() as { port: number }).port), close: () => server.close() }
})
processes.after(async () => {
  taken.close()
  await rm(folder, { recursive: true })
})

const COGNITO = "import { runCognito } from './src/demo/cognito/main.ts'; await runCognito(process.env)"
const MCP = "import { runCurrentTime } from './src/demo/servers/main.ts'; await runCurrentTime(process.env)"

function start(code: string, env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    output.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    output.err += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return { child, output, ended }
}

async function ready(child: ChildProcess, output: { out: string }): Promise<Json> {
  while (!output.out.includes('\n')) {
    await Promise.race([
      new Promise((resolve) => child.stdout?.once('data', resolve)),
      new Promise((resolve) => child.once('close', resolve)),
    ])
    if (child.exitCode !== null) break
  }
  return JSON.parse(output.out)
}

async function poolFile(content: unknown): Promise<Record<string, string>> {
  const path = join(folder, 'pool.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return { GATEHOUSE_DEMO_POOL: path }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  processes(`the Cognito stand-in says when it is ready, warns loudly and ends at ${signal}`, async () => {
    const { child, output, ended } = start(COGNITO, await poolFile(SAMPLE))
    const line = await ready(child, output)
    assert.is(line.msg, 'ready')
    assert.is(line.issuer, `${line.origin}/us-east-1_GatehouseDemo`)
    assert.match(output.err, 'STAND-IN FOR AMAZON COGNITO, FOR DEVELOPMENT ONLY')
    assert.is((await fetch(`${line.issuer}/.well-known/jwks.json`)).status, 200)
    const began = Date.now()
    child.kill(signal)
    assert.is(await ended, 0)
    assert.ok(Date.now() - began < 2000)
  })
}

processes('an MCP server says when it is ready and ends at SIGTERM, also with an open stream', async () => {
  const { child, output, ended } = start(MCP, { PORT: '0' })
  const { msg, name, url, port } = await ready(child, output)
  assert.equal([msg, name, url], ['ready', 'currenttime', `http://127.0.0.1:${port}/mcp`])
  const stream = await fetch(url.replace(/mcp$/, 'sse'))
  child.kill('SIGTERM')
  assert.is(await ended, 0)
  await stream.text().catch(() => '')
})

const BROKEN = {
  ...SAMPLE,
  port: '1',
  poolId: 'demo',
  extra: true,
  users: [{ username: 'rosa', password: '', email: 'x', groups: ['a b'] }],
  clients: [{ id: 'a', flows: ['implicit'], scopes: ['tools/read'], callbackUrls: ['http://example.test/'], logoutUrls: [] }],
}
const agent = { ...SAMPLE.clients[2], secret: undefined, flows: ['code', 'client_credentials'], scopes: ['openid', 'tools/none'] }

const FAILURES: [string, string, () => Promise<Record<string, string>> | Record<string, string>, RegExp[]][] = [
  ['no pool file', COGNITO, () => ({}), [/^GATEHOUSE_DEMO_POOL must name/]],
  [
    'a missing pool file',
    COGNITO,
    () => ({ GATEHOUSE_DEMO_POOL: '/nowhere.json' }),
    [/cannot read the user pool from \/nowhere\.json: ENOENT/],
  ],
  ['a pool file that is not JSON', COGNITO, () => poolFile('{'), [/pool\.json: not valid JSON/]],
  [
    'a pool file with many problems',
    COGNITO,
    () => poolFile(BROKEN),
    [
      /: port: /,
      /: poolId: must look like us-east-1_Name/,
      /: pool: .*"extra"/,
      /: users\[0\]\.password: /,
      /: users\[0\]\.email: /,
    ].concat([/: users\[0\]\.groups\[0\]: /, /: clients\[0\]\.flows\[0\]: /, /: clients\[0\]\.callbackUrls\[0\]: must be an absolute URL/]),
  ],
  [
    'a machine client that mixes flows, has no secret and unknown scopes',
    COGNITO,
    () => poolFile({ ...SAMPLE, clients: [agent] }),
    [/clients\[0\]\.flows: client_credentials cannot be mixed/, /clients\[0\]\.secret: /, /clients\[0\]\.scopes: .*not openid/],
  ],
  [
    'scopes that nobody defines and names given twice',
    COGNITO,
    () => poolFile({ ...SAMPLE, users: [SAMPLE.users[0], SAMPLE.users[0]], resourceServers: [] }),
    [/clients\[0\]\.scopes\[3\]: no resource server defines "tools\/read"/, /users: named twice: rosa/],
  ],
  ['a host that is not loopback', COGNITO, () => poolFile({ ...SAMPLE, host: '0.0.0.0' }), [/loopback addresses only/]],
  ['a taken port', COGNITO, () => poolFile({ ...SAMPLE, port: Number(taken.port) }), [/^port \d+ on 127\.0\.0\.1 is already in use.*\n$/]],
  ['a taken port of an MCP server', MCP, () => ({ PORT: taken.port }), [/^port \d+ on 127\.0\.0\.1 is already in use.*\n$/]],
  ['a port that is no number', MCP, () => ({ PORT: '80a' }), [/^PORT must be a port number from 0 to 65535, got "80a"\n$/]],
]
for (const [what, code, env, patterns] of FAILURES) {
  processes(`${what} ends the process with code 1 and a message without a stack trace`, async () => {
    const { output, ended } = start(code, await env())
    assert.is(await ended, 1)
    for (const pattern of patterns) assert.match(output.err, pattern)
    assert.not.match(output.err, /\n {4}at /)
    assert.is(output.out, '')
  })
}

processes.run()
