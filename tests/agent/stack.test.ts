/** Agents against the local stack: real tokens, real sessions, NGINX, the registry and its servers. Only the model's judgement is made up. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { saveCookie } from '../../src/cli/cookie_file.ts'
import { createSealer } from '../../src/session/seal.ts'
import { sealSession } from '../../src/session/session.ts'
import { type Ended, makeHome } from '../cli/command.ts'
import * as assert from '../support/assert.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { suite } from '../support/suite.ts'
import { type ModelEndpoint, startModelEndpoint } from './model_endpoint.ts'

const stack = suite('agents at the local stack')
const home = makeHome()
let demo: Demo
let endpoint: ModelEndpoint
/** Nothing of these may ever be printed. */
const secrets: string[] = []

stack.before(async () => {
  demo = await startDemo()
  endpoint = await startModelEndpoint()
  await signIn('admin', 'mcp-registry-admin')
  await signIn('user', 'mcp-registry-user')
  const files = ['.env', '.env.agent', '.env.agent-readonly'].map((file) => demo.settings(file))
  secrets.push(
    ...files.flatMap(({ COGNITO_CLIENT_SECRET, SECRET_KEY }) => [COGNITO_CLIENT_SECRET, SECRET_KEY]).filter((one) => one !== undefined),
  )
})
stack.after(async () => {
  await endpoint?.close()
  await demo?.close()
  home.remove()
})

const cookieOf = (user: string): string => join(home.folder, `session_of_${user}`)

async function signIn(username: string, group: string): Promise<void> {
  const { SECRET_KEY = '' } = demo.settings('.env')
  const sealed = await sealSession(createSealer([SECRET_KEY]), { username, clientId: 'democli', groups: [group] }, Date.now() / 1000, 3600)
  const value = sealed?.seal ?? ''
  secrets.push(value)
  saveCookie(cookieOf(username), { gateway: demo.url, name: 'mcp_gateway_session', value, expiresAt: Date.now() / 1000 + 3600 })
}

type Who = '.env.agent' | '.env.agent-readonly' | 'admin' | 'user'

async function gatehouse(who: Who, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const identity = who.startsWith('.env') ? ['--env-file', join(demo.folder, who)] : ['--session-cookie-file', cookieOf(who)]
  const ended = await home.gatehouse([...args, ...identity], { REGISTRY_URL: demo.url, ...env })
  for (const secret of secrets) assert.not((ended.stdout + ended.stderr).includes(secret))
  assert.not.match(ended.stderr, /Bearer |eyJ|at file:|Warning/)
  return ended
}

const TIME = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d JST\+0900/
const MISSING = /Missing scope: mcp-servers-\w+\/execute/

for (const provider of ['bedrock', 'anthropic', 'openai'] as const) {
  for (const who of ['.env.agent', 'admin'] as const) {
    stack(`What time is it in Tokyo? ${provider} answers as ${who}, by way of the registry`, async () => {
      endpoint.asked.length = 0
      const { code, stdout, stderr } = await gatehouse(who, ['agent', '--message', 'What time is it in Tokyo?'], endpoint.env[provider])
      assert.is(code, 0, stderr)
      assert.match(stdout, TIME)
      const calls = stderr.split('\n').filter((line) => line.startsWith('→'))
      assert.equal(calls, [
        '→ mcpgw intelligent_tool_finder query=What time is it in Tokyo?',
        '→ currenttime current_time_by_timezone tz_name=Asia/Tokyo',
      ])
      assert.equal([...new Set(endpoint.asked.map(({ format }) => format))], [provider])
      const sent = JSON.stringify(endpoint.asked)
      for (const secret of secrets) assert.not(sent.includes(secret), 'the model hears no credential')
    })
  }
}

for (const who of ['.env.agent-readonly', 'user'] as const) {
  stack(`as ${who} the model sees no tool that it may not call`, async () => {
    const { code, stderr } = await gatehouse(who, ['agent', '--message', 'What time is it in Tokyo?'], endpoint.env.anthropic)
    assert.is(code, 0, stderr)
    assert.match(stderr, '→ currenttime tools/list server=currenttime\n  ✓ {"tools":[]}')
    assert.not.match(JSON.stringify(endpoint.asked.at(-1)?.body.messages), 'current_time_by_timezone')
  })

  stack(`as ${who} a call is refused with the missing scope, exit code 3`, async () => {
    const { code, stdout, stderr } = await gatehouse(who, ['call', 'currenttime', 'current_time_by_timezone', 'tz_name=UTC'])
    assert.equal([code, stdout], [3, ''])
    assert.match(stderr, MISSING)
  })
}

stack('What MCP servers are available? What MCP tools are available?', async () => {
  const servers = await gatehouse('user', ['agent', '--message', 'What MCP servers are available?'], endpoint.env.openai)
  assert.is(servers.code, 0, servers.stderr)
  assert.match(servers.stderr, '→ mcpgw list_servers')
  assert.match(servers.stderr, /currenttime/)
  const tools = await gatehouse('.env.agent', ['agent', '--message', 'What MCP tools are available?'], endpoint.env.openai)
  assert.is(tools.code, 0, tools.stderr)
  assert.match(tools.stdout, /current_time_by_timezone[\s\S]*who_am_i/)
})

stack('--json tells the whole run', async () => {
  const args = ['agent', '--json', '--message', 'What time is it in Tokyo?', '--mcp-registry-url', `${demo.url}/mcpgw/sse`]
  const { stdout } = await gatehouse('admin', args, endpoint.env.openai)
  const run = JSON.parse(stdout)
  assert.equal(Object.keys(run), ['answer', 'provider', 'model', 'turns', 'calls'])
  assert.equal([run.provider, run.model, run.turns], ['openai', 'some-local-model', 3])
  assert.equal(run.calls[1], {
    server: 'currenttime',
    tool: 'current_time_by_timezone',
    arguments: { tz_name: 'Asia/Tokyo' },
    refusal: null,
    outcome: 'done',
  })
})

stack('any MCP server of the gateway can be the first one', async () => {
  const args = ['agent', '--message', 'What time is it in Tokyo?', '--mcp-registry-url', `${demo.url}/currenttime/mcp`]
  const { code, stdout, stderr } = await gatehouse('.env.agent', args, endpoint.env.openai)
  assert.equal([code, stderr.split('\n').filter((line) => line.startsWith('→')).length], [0, 1])
  assert.match(stdout, TIME)
})

stack('a model that takes too long is not waited for', async () => {
  const args = ['agent', '--message', 'x', '--timeout', '1']
  const slow = { OPENAI_BASE_URL: 'http://10.255.255.1:9/v1', OPENAI_MODEL: 'm' }
  const begun = Date.now()
  const { code, stderr } = await gatehouse('.env.agent', args, slow)
  assert.is(code, 1)
  assert.match(stderr, /no answer within 1 seconds|cannot be reached/)
  assert.ok(Date.now() - begun < 5000)
})

stack('tools lists what the registry shows, what a server has, and both as JSON', async () => {
  const all = await gatehouse('.env.agent', ['tools'])
  assert.is(all.code, 0, all.stderr)
  assert.match(
    all.stdout,
    /^currenttime: .*\n {2}current_time_by_timezone: .*\n {6}tz_name \(string, default "America\/New_York"\): IANA time zone/m,
  )
  assert.match(all.stdout, /^mcpgw: .*\n[\s\S]*query \(string, required\)/m)
  const one = await gatehouse('admin', ['tools', '--server', 'currenttime', '--json'])
  const { tools } = JSON.parse(one.stdout)
  assert.equal(Object.keys(tools[0]), ['server', 'name', 'description', 'inputSchema'])
  assert.equal([tools.length, tools[0].server, tools[0].name], [1, 'currenttime', 'current_time_by_timezone'])
  const byUrl = await gatehouse('.env.agent', ['tools', '--json', '--mcp-registry-url', `${demo.url}/currenttime/sse`])
  assert.is(byUrl.stdout, one.stdout)
  assert.equal(JSON.parse((await gatehouse('user', ['tools', '--server', 'currenttime', '--json'])).stdout).tools, [])
  assert.match((await gatehouse('user', ['tools'])).stdout, /^currenttime.*\n {2}no tools that you may call$/m)
})

stack('call gives the text, or the whole result', async () => {
  const call = ['call', 'currenttime', 'current_time_by_timezone']
  const text = await gatehouse('.env.agent', [...call, 'tz_name=Asia/Tokyo'])
  assert.is(text.code, 0, text.stderr)
  assert.match(text.stdout, TIME)
  const json = await gatehouse('admin', [...call, '--json', '{"tz_name":"Asia/Tokyo"}', '--output', 'json'])
  const { structuredContent } = JSON.parse(json.stdout)
  assert.is(structuredContent.tz_name, 'Asia/Tokyo')
  const me = JSON.parse((await gatehouse('admin', ['call', 'mcpgw', 'who_am_i'])).stdout)
  assert.equal([me['X-User'], me['X-Auth-Method'], me['X-Tool-Name']], ['admin', 'session_cookie', 'who_am_i'])
})

for (const [what, args, code, expected] of [
  [
    'a tool that fails',
    ['current_time_by_timezone', 'tz_name=Mars/Base'],
    1,
    /"current_time_by_timezone" says that it failed: Unknown time zone "Mars\/Base"/,
  ],
  [
    'a wrong argument',
    ['current_time_by_timezone', 'tz=UTC'],
    2,
    /was not called:\n {2}- "tz" is no argument of this tool; it has: tz_name/,
  ],
  ['a tool that there is not', ['tell_the_future'], 2, /has no tool "tell_the_future". It has: current_time_by_timezone/],
] as Array<[string, string[], number, RegExp]>) {
  stack(`${what} is told, exit code ${code}`, async () => {
    const ended = await gatehouse('.env.agent', ['call', 'currenttime', ...args])
    assert.equal([ended.code, ended.stdout], [code, ''])
    assert.match(ended.stderr, expected)
  })
}

stack('a server that there is not is told', async () => {
  const { code, stderr } = await gatehouse('.env.agent', ['call', 'nosuch', 'tool'])
  assert.is(code, 2)
  assert.match(stderr, /404 not_found[\s\S]*Is it a server of this gateway\?/)
})

stack('a kept token that the gateway does not take any more is replaced, once', async () => {
  await gatehouse('.env.agent', ['token'])
  const folder = join(home.folder, '.cache/gatehouse')
  for (const name of readdirSync(folder)) {
    const entry = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    // A signature of a time before the keys were changed.
    const accessToken = entry.accessToken.replace(/\.[^.]+$/, `.${'A'.repeat(342)}`)
    writeFileSync(join(folder, name), JSON.stringify({ ...entry, accessToken }))
  }
  const { code, stderr } = await gatehouse('.env.agent', ['tools', '--server', 'currenttime'])
  assert.equal([code, stderr.replace('Asking for tools …\n', '')], [0, ''])
})

stack('a session that is no good is told, with what to do', async () => {
  const file = join(home.folder, 'broken')
  writeFileSync(file, 'Fe26.2*1*nonsense~2', { mode: 0o600 })
  const { code, stderr } = await home.gatehouse(['tools', '--session-cookie-file', file], { REGISTRY_URL: demo.url })
  assert.is(code, 3)
  assert.match(stderr, /401 session_malformed[\s\S]*Log in again: gatehouse login/)
})

stack.run()
