/** mcpgw in the local stack, through NGINX and the validator, with real tokens and real sessions. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import type { Cognito } from '../../src/demo/cognito/start.ts'
import { isAlive, type Started } from '../../src/demo/processes.ts'
import { cookieOf, signIn, visit } from '../demo/sample_pool.ts'
import * as assert from '../support/assert.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { root } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { type Answers, callTool } from './world.ts'

const run = promisify(execFile)
const stack = suite('mcpgw in the local stack')
let demo: Demo
let callers: Record<'agent' | 'readonly' | 'user' | 'admin', Record<string, string>>

async function bearer(file: string): Promise<Record<string, string>> {
  const { stdout } = await run(join(root, 'bin/gatehouse'), ['token', '--env-file', join(demo.folder, file)])
  return { Authorization: `Bearer ${stdout.trim()}` }
}

/** Signs in at the stand-in's own form, and gives the session that the gateway makes of it. */
async function session(which: 'DEMO_ADMIN' | 'DEMO_USER'): Promise<Record<string, string>> {
  const { username, password } = demo.user(which)
  const begun = await visit(`${demo.url}/oauth2/login/cognito`)
  const authorize = new URL(begun.headers.get('location') ?? '')
  const signedIn = await signIn({ origin: authorize.origin } as Cognito, authorize.searchParams, username, password)
  const cookies = begun.headers.getSetCookie().map((line) => line.split(';')[0])
  const back = await visit(signedIn.headers.get('location') ?? '', cookies.join('; '))
  const cookie = cookieOf(back, 'mcp_gateway_session')
  if (cookie === '') throw new Error(`${username} could not sign in: ${back.status}`)
  return { Cookie: cookie }
}

stack.before(async () => {
  demo = await startDemo()
  const [agent, readonly, user, admin] = await Promise.all([
    bearer('.env.agent'),
    bearer('.env.agent-readonly'),
    session('DEMO_USER'),
    session('DEMO_ADMIN'),
  ])
  callers = { agent, readonly, user, admin }
})
stack.after(() => demo.close())

async function ask<T extends keyof Answers>(who: keyof typeof callers, name: T, args: Record<string, unknown> = {}): Promise<Answers[T]> {
  const { structuredContent, isError } = await callTool(`${demo.url}/mcpgw/mcp`, callers[who], name, args)
  assert.not(isError)
  return structuredContent as Answers[T]
}

const FINDING = ['get_server_details', 'get_service_tools', 'intelligent_tool_finder', 'list_servers']

/** Who sees which tools, by server. Looking is not calling: the read-only ones see what they may call. */
const SEEN: Record<keyof typeof callers, Record<string, string[]>> = {
  agent: { currenttime: ['current_time_by_timezone'], mcpgw: [...FINDING, 'who_am_i'] },
  readonly: { currenttime: [], mcpgw: FINDING },
  user: { currenttime: [], mcpgw: FINDING },
  admin: { currenttime: ['current_time_by_timezone'], mcpgw: [...FINDING, 'who_am_i'] },
}
for (const who of ['agent', 'readonly', 'user', 'admin'] as const) {
  const expected = SEEN[who]
  stack(`"What MCP servers are available?" is answered for ${who}`, async () => {
    const { servers } = await ask(who, 'list_servers')
    assert.equal(
      servers.map(({ name, tools, url, available }) => [name, tools, url, available]),
      Object.entries(expected).map(([name, tools]) => [name, tools.length, `${demo.url}/${name}/mcp`, true]),
    )
  })

  stack(`"What MCP tools are available?" is answered for ${who}`, async () => {
    const { tools } = await ask(who, 'get_service_tools')
    for (const [server, names] of Object.entries(expected)) {
      const seen = tools.filter((tool) => tool.server === server).map(({ name }) => name)
      assert.equal(seen.sort(), names, server)
      assert.equal((await ask(who, 'get_server_details', { server })).toolNames.sort(), names)
    }
  })

  stack(`"What time is it in Tokyo?" finds for ${who} what ${who} may call`, async () => {
    const { tools } = await ask(who, 'intelligent_tool_finder', { query: 'What time is it in Tokyo?' })
    const [best] = tools
    if (expected.currenttime?.length === 0) {
      assert.not(tools.some(({ server }) => server === 'currenttime'))
      const refused = await callTool(`${demo.url}/currenttime/mcp`, callers[who], 'current_time_by_timezone', {}).catch((error) => error)
      assert.match(String(refused), /403|execute|insufficient/i)
      return
    }
    assert.equal([best?.server, best?.name], ['currenttime', 'current_time_by_timezone'])
    const { servers } = await ask(who, 'list_servers')
    const url = servers.find(({ name }) => name === best?.server)?.url ?? ''
    const { content } = await callTool(url, callers[who], best?.name ?? '', { tz_name: 'Asia/Tokyo' })
    assert.match(content[0]?.text ?? '', /JST/)
  })
}

stack('who_am_i stays with those who may execute', async () => {
  assert.is((await ask('admin', 'who_am_i'))['X-User'], 'admin')
  const refused = await callTool(`${demo.url}/mcpgw/mcp`, callers.user, 'who_am_i', {}).catch((error) => error)
  assert.match(String(refused), /name_not_allowed/)
})

stack('scopes that a client makes up are not those that count', async () => {
  const headers = { ...callers.readonly, 'X-Scopes': 'mcp-servers-unrestricted/execute' }
  const { structuredContent } = await callTool(`${demo.url}/mcpgw/mcp`, headers, 'get_service_tools', {})
  const { tools } = structuredContent as Answers['get_service_tools']
  assert.equal(tools.map(({ name }) => name).sort(), FINDING)
})

stack('the old transport, which agents of before use, tells the same', async () => {
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new SSEClientTransport(new URL(`${demo.url}/mcpgw/sse`), { requestInit: { headers: callers.agent } }))
  const result = await client.callTool({ name: 'intelligent_tool_finder', arguments: { query: 'time in Tokyo' } })
  await client.close()
  const { tools } = result.structuredContent as unknown as Answers['intelligent_tool_finder']
  assert.is(tools[0]?.name, 'current_time_by_timezone')
})

stack('another server in servers.yml is seen by those whose scopes open it: here by nobody', async () => {
  const file = join(demo.folder, 'servers.yml')
  const log = (): string => readFileSync(join(demo.folder, 'logs/mcpgw.log'), 'utf8')
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n  - { name: elsewhere, url: "http://127.0.0.1:1/mcp" }\n`)
  await until('it was asked', () => /"server":"elsewhere","problem":"unreachable"/.test(log()))
  for (const who of ['agent', 'admin'] as const) {
    assert.equal(
      (await ask(who, 'list_servers')).servers.map(({ name }) => name),
      ['currenttime', 'mcpgw'],
    )
  }
})

stack('no token and no cookie is in the log', () => {
  const log = readFileSync(join(demo.folder, 'logs/mcpgw.log'), 'utf8')
  assert.not.match(log, /Bearer|eyJ|Fe26|mcp_gateway_session/)
})

stack('currenttime is missed by nobody while it is dead, but marked', async () => {
  const { processes } = JSON.parse(readFileSync(join(demo.folder, 'state.json'), 'utf8')) as { processes: Started[] }
  const victim = processes.find(({ name }) => name === 'currenttime')
  process.kill(victim?.pid ?? 0, 'SIGKILL')
  await until('it is dead', () => victim !== undefined && !isAlive(victim))
  // Another description of it makes the registry ask at once instead of within a minute.
  const file = join(demo.folder, 'servers.yml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('anywhere in the world', 'wherever'))
  const first = async () => (await ask('agent', 'list_servers')).servers[0]
  await until('it is marked', async () => (await first())?.available === false)
  assert.is((await first())?.tools, 1)
  assert.is((await ask('agent', 'intelligent_tool_finder', { query: 'time in Tokyo' })).tools[0]?.name, 'current_time_by_timezone')
})

stack.run()
