/** The local stack as a newcomer meets it: `make up` without make, its printed commands, real MCP clients, `make down`. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client as Client2, StreamableHTTPClientTransport as Streamable2 } from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { isAlive, type Started } from '../../src/demo/processes.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const run = promisify(execFile)
const stack = suite('the local stack')
// As somebody may call theirs: nginx and the shell must be told of it in quotes.
const folder = mkdtempSync(join(tmpdir(), "gatehouse's stack-"))
let port = 0
let printed = ''

const env = (): NodeJS.ProcessEnv => ({ ...process.env, GATEHOUSE_DEMO_DIR: folder, GATEWAY_PORT: String(port) })
async function demo(...args: string[]): Promise<string> {
  try {
    return (await run(process.execPath, ['dist/demo.js', ...args], { cwd: root, env: env() })).stdout
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string }
    throw new Error(`${message}\n${stdout}${stderr}`)
  }
}
const token = async (file: string): Promise<string> =>
  (await run('bin/gatehouse', ['token', '--env-file', join(folder, file)], { cwd: root })).stdout.trim()
const url = (path: string): URL => new URL(path, `http://localhost:${port}`)
const processes = (): Started[] => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')).processes
const authorised = async (file = '.env.agent') => ({ requestInit: { headers: { Authorization: `Bearer ${await token(file)}` } } })

async function withClient<T>(
  transport: 'streamable' | 'sse',
  path: string,
  use: (client: Client) => Promise<T>,
  file?: string,
): Promise<T> {
  const options = await authorised(file)
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(
    transport === 'sse' ? new SSEClientTransport(url(path), options) : new StreamableHTTPClientTransport(url(path), options),
  )
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

const text = (result: unknown): string => (result as { content: Array<{ text: string }> }).content[0]?.text ?? ''

stack.before(async () => {
  port = await freePort()
  printed = await demo('up')
})
stack.after(async () => {
  await demo('down')
  rmSync(folder, { recursive: true, force: true })
})

stack('answers health checks and says what runs where', async () => {
  assert.is((await fetch(url('/health'))).status, 200)
  const lines = (await demo('status')).trim().split('\n')
  assert.is(lines.length, 5, lines.join('\n'))
  for (const line of lines) assert.match(line, / up /)
})

stack('prints two commands that do what they say', async () => {
  const [allowed = '', refused = ''] = printed.split('\n').filter((line) => line.includes('curl -i'))
  const answer = (command: string): string => execFileSync('bash', ['-c', `${command.trim()} -s`], { cwd: root, encoding: 'utf8' })
  assert.match(answer(allowed), /^HTTP\/1\.1 200[\s\S]*JST/)
  assert.match(answer(refused), /^HTTP\/1\.1 403[\s\S]*scope="mcp-servers-unrestricted\/execute"/)
})

stack('answers a stranger with 401 and a challenge that leads to the metadata', async () => {
  const answer = await fetch(url('/currenttime/mcp'), { method: 'POST', body: '{}' })
  assert.is(answer.status, 401)
  const challenge = answer.headers.get('www-authenticate') ?? ''
  const metadata = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? ''
  const document = (await (await fetch(metadata)).json()) as { resource: string }
  assert.is(document.resource, url('/currenttime/mcp').href)
})

for (const transport of ['streamable', 'sse'] as const) {
  const path = (server: string): string => `/${server}/${transport === 'sse' ? 'sse' : 'mcp'}`
  stack(`serves an SDK client over ${transport}: list, call, who am I`, async () => {
    await withClient(transport, path('currenttime'), async (client) => {
      const { tools } = await client.listTools()
      assert.equal(
        tools.map(({ name }) => name),
        ['current_time_by_timezone'],
      )
      assert.match(text(await client.callTool({ name: 'current_time_by_timezone', arguments: { tz_name: 'Asia/Tokyo' } })), /JST/)
    })
    await withClient(transport, path('mcpgw'), async (client) => {
      const me = JSON.parse(text(await client.callTool({ name: 'who_am_i', arguments: {} })))
      assert.is(me['X-User'], 'demoagent')
      assert.equal(me['X-Scopes'], ['mcp-servers-unrestricted/read', 'mcp-servers-unrestricted/execute'])
      assert.is(me['X-Server-Name'], 'mcpgw')
      assert.is(me['X-Tool-Name'], 'who_am_i')
      assert.equal(me.arrived, { Authorization: false, Cookie: false })
    })
  })

  stack(`lets the read-only agent look but not call over ${transport}`, async () => {
    const work = withClient(
      transport,
      path('currenttime'),
      async (client) => {
        // Lists show what may be called; on the old transport they are not filtered.
        assert.is((await client.listTools()).tools.length, transport === 'sse' ? 1 : 0)
        return client.callTool({ name: 'current_time_by_timezone', arguments: { tz_name: 'UTC' } }).then(
          () => 'allowed',
          (error: Error) => `${error.message} ${(error as { code?: number }).code}`,
        )
      },
      '.env.agent-readonly',
    )
    assert.match(await work, /403|insufficient|execute/i)
  })
}

for (const mode of ['auto', 'legacy', { pin: '2026-07-28' }] as const) {
  stack(`serves the 2.x SDK client (${JSON.stringify(mode)})`, async () => {
    const client = new Client2({ name: 'test', version: '1' }, { versionNegotiation: { mode } } as never)
    await client.connect(new Streamable2(url('/currenttime/mcp'), await authorised()))
    assert.is((await client.listTools()).tools.length, 1)
    assert.match(text(await client.callTool({ name: 'current_time_by_timezone', arguments: { tz_name: 'Europe/Paris' } })), /CE[S]?T/)
    await client.close()
  })
}

stack('keeps credentials to the owner', () => {
  for (const name of readdirSync(folder).filter((file) => file.startsWith('.env') || file.endsWith('.json'))) {
    if (name !== 'state.json') assert.is(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  }
})

stack('started twice changes nothing', async () => {
  const before = processes()
  assert.match(await demo('up'), /already/)
  assert.equal(processes(), before)
})

stack('says which port is taken', async () => {
  const other = createServer().listen(await freePort(), '127.0.0.1')
  await new Promise((done) => other.once('listening', done))
  const taken = String((other.address() as { port: number }).port)
  const failed = await run(process.execPath, ['dist/demo.js', 'up'], {
    cwd: root,
    env: { ...env(), GATEHOUSE_DEMO_DIR: join(folder, 'other'), GATEWAY_PORT: taken },
  }).catch((error) => error)
  other.close()
  assert.is(failed.code, 1)
  assert.match(failed.stderr, new RegExp(`^port ${taken} is in use`))
})

stack('refuses everything with 503 when the validator is killed, known callers after five seconds at the latest', async () => {
  const headers = {
    ...(await authorised()).requestInit.headers,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  const validator = processes().find(({ name }) => name === 'validator')
  process.kill(validator?.pid ?? 0, 'SIGKILL')
  await new Promise((done) => setTimeout(done, 200))
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const ask = (more: Record<string, string> = {}): Promise<Response> =>
    fetch(url('/currenttime/mcp'), { method: 'POST', headers: { ...headers, ...more }, body })
  assert.is((await ask({ authorization: 'Bearer x.y.z' })).status, 503)
  let answer = await ask()
  for (const end = Date.now() + 5_000; answer.status === 200 && Date.now() < end; answer = await ask()) await sleep(100)
  assert.is(answer.status, 503)
  assert.is(((await answer.json()) as { reason: string }).reason, 'validator_unavailable')
  // NGINX runs, and cannot say that all is well.
  assert.match(await demo('status').catch((error) => error.message), /validator +DOWN[\s\S]*nginx +ILL/)
})

stack('comes up again after a part of it has died, and down leaves nothing', async () => {
  assert.match(await demo('up'), /is up/)
  assert.is((await fetch(url('/health'))).status, 200)
  const running = processes()
  assert.match(await demo('down'), /stopped 5/)
  for (const one of running) assert.not(isAlive(one), `${one.name} is still running`)
  assert.is(await demo('down'), 'nothing was running\n')
})

stack.run()
