/** `gatehouse tools`, `call` and `agent` as they are typed: help, what is missing, what is wrong; nothing here reaches a server. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { saveCookie } from '../../src/cli/cookie_file.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { makeHome } from './command.ts'

const cli = suite('gatehouse tools, call and agent')
const home = makeHome()
cli.after(() => home.remove())

const port = await freePort()
const URL_OF_NOBODY = `http://localhost:${port}/mcpgw/mcp`
const SEAL = 'Fe26.2*1*the-seal~2'
const agent = {
  COGNITO_CLIENT_ID: 'agent',
  COGNITO_CLIENT_SECRET: 'the-secret-of-the-agent',
  COGNITO_USER_POOL_ID: 'us-east-1_CliTest',
  COGNITO_DOMAIN: `http://127.0.0.1:${port}`,
  MCP_REGISTRY_URL: URL_OF_NOBODY,
}
const model = { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_MODEL: 'm' }
const ASK = ['agent', '--message', 'What time is it?']

for (const [name, expected] of [
  ['tools', /--mcp-registry-url[\s\S]*--use-session-cookie[\s\S]*--no-cache[\s\S]*--server[\s\S]*--json[\s\S]*Examples:/],
  ['call', /key=value[\s\S]*--json <object>[\s\S]*--output <form>[\s\S]*Examples:/],
  ['agent', /--message <text>[\s\S]*--model <id>[\s\S]*--provider <name>[\s\S]*Bedrock[\s\S]*OPENAI_BASE_URL[\s\S]*Examples:/],
] as Array<[string, RegExp]>) {
  cli(`${name} --help tells how`, async () => {
    const { code, stdout } = await home.gatehouse([name, '--help'])
    assert.is(code, 0)
    assert.match(stdout, expected)
  })
}

for (const [what, args, env, expected] of [
  ['no question', ['agent'], {}, /required option '--message <text>'/],
  ['an empty question', ['agent', '--message', ' '], { ...agent, ...model }, /--message is empty/],
  ['an unknown provider', [...ASK, '--provider', 'mine'], {}, /Allowed choices are bedrock, anthropic, openai/],
  ['no time', [...ASK, '--timeout', '0'], {}, /A whole number from 1 to 3600/],
  [
    'no model',
    ASK,
    agent,
    /No model is configured[\s\S]*BEDROCK_MODEL_ID[\s\S]*ANTHROPIC_API_KEY[\s\S]*OPENAI_BASE_URL[\s\S]*"gatehouse call" need no model/,
  ],
  [
    'a provider without a model',
    [...ASK, '--provider', 'anthropic'],
    agent,
    /ANTHROPIC_API_KEY is missing[\s\S]*ANTHROPIC_MODEL is missing/,
  ],
  ['no registry', ASK, { ...agent, ...model, MCP_REGISTRY_URL: '' }, /MCP_REGISTRY_URL is missing\. Example: MCP_REGISTRY_URL=https/],
  ['a registry that is no URL', [...ASK, '--mcp-registry-url', 'mcpgw'], { ...agent, ...model }, /--mcp-registry-url must be an http/],
  ['a registry with a password', ['tools', '--mcp-registry-url', 'https://me:my-password@x/mcp'], agent, /--mcp-registry-url must be/],
  ['no identity', ['tools'], { MCP_REGISTRY_URL: URL_OF_NOBODY }, /COGNITO_CLIENT_ID is missing[\s\S]*COGNITO_CLIENT_SECRET is missing/],
  ['nothing at all', ['tools'], {}, /MCP_REGISTRY_URL is missing[\s\S]*COGNITO_CLIENT_ID is missing[\s\S]*COGNITO_USER_POOL_ID is missing/],
  ['no tool', ['call', 'currenttime'], agent, /missing required argument 'tool'/],
  ['a name that is none', ['call', '../admin', 'x'], agent, /is no name of a server/],
  ['another name that is none', ['tools', '--server', 'http://evil.example'], agent, /is no name of a server/],
  ['arguments twice', ['call', 'a', 'b', 'x=1', '--json', '{}'], agent, /key=value or by --json, not both/],
  ['an output that there is not', ['call', 'a', 'b', '--output', 'xml'], agent, /Allowed choices are text, json/],
] as Array<[string, string[], Record<string, string>, RegExp]>) {
  cli(`${what} is said, exit code 2`, async () => {
    const { code, stdout, stderr } = await home.gatehouse(args, env)
    assert.is(code, 2, stderr)
    assert.is(stdout, '')
    assert.match(stderr, expected)
    assert.not.match(stderr, /the-secret-of-the-agent|my-password|at file:|node:internal/)
  })
}

const asUser = { MCP_REGISTRY_URL: URL_OF_NOBODY }

cli('without a saved session the user is nobody, exit code 1', async () => {
  for (const args of [['tools'], ['call', 'a', 'b'], ASK]) {
    const { code, stderr } = await home.gatehouse([...args, '--use-session-cookie'], { ...asUser, ...model })
    assert.is(code, 1)
    assert.match(stderr, /Nobody is signed in: .*\.mcp\/session_cookie does not exist\. Run: gatehouse login/)
  }
})

cli('a session is not shown to another gateway', async () => {
  saveCookie(home.cookieFile, { gateway: 'https://mcp.example.com', name: 'a_session', value: SEAL, expiresAt: 2e9 })
  const { code, stderr } = await home.gatehouse(['tools', '--use-session-cookie'], asUser)
  assert.is(code, 1)
  assert.match(stderr, /session is for mcp\.example\.com, and the gateway is http:\/\/localhost:\d+, so it was not sent/)
  assert.not.match(stderr, 'the-seal')
})

cli('a file that holds no session is told, without what it holds', async () => {
  writeFileSync(join(home.folder, 'other'), 'my private notes')
  const { code, stderr } = await home.gatehouse(['tools', '--session-cookie-file', join(home.folder, 'other')], asUser)
  assert.is(code, 1)
  assert.match(stderr, /does not hold a session cookie/)
  assert.not.match(stderr, 'private')
})

cli('a gateway that is away is told as such, exit code 1', async () => {
  saveCookie(home.cookieFile, { gateway: `http://localhost:${port}`, name: 'a_session', value: SEAL, expiresAt: 2e9 })
  for (const args of [['tools'], ['tools', '--server', 'x'], ['call', 'x', 'y'], ASK]) {
    const { code, stdout, stderr } = await home.gatehouse([...args, '--use-session-cookie'], { ...asUser, ...model })
    assert.equal([code, stdout], [1, ''])
    assert.match(stderr, /The MCP server "(?:mcpgw|x)": It cannot be reached \(ECONNREFUSED\)\. Check MCP_REGISTRY_URL/)
  }
})

cli('REGISTRY_URL alone says where the registry is', async () => {
  const { stderr } = await home.gatehouse(['tools', '--use-session-cookie'], { REGISTRY_URL: `http://localhost:${port}` })
  assert.match(stderr, /The MCP server "mcpgw": It cannot be reached/)
})

cli.run()
