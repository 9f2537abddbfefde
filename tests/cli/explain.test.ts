/** `gatehouse explain`. */
import { join } from 'node:path'
import { saveCookie } from '../../src/cli/cookie_file.ts'
import { createSealer } from '../../src/session/seal.ts'
import { sealSession } from '../../src/session/session.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { type Issuer, now, startIssuer } from '../support/issuer.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { makeHome } from './command.ts'

const explain = suite('gatehouse explain')
const SECRET_KEY = '0b7e2d9c4a61f835e0d7c2b9a4f81635'
const SCOPES_FILE = join(root, 'scopes.yml')
const TOOL = ['currenttime', 'tools/call', 'current_time_by_timezone']
let issuer: Issuer
const home = makeHome()

explain.before(async () => {
  issuer = await startIssuer()
})
explain.after(async () => {
  home.remove()
  await issuer.close()
})

const run = (args: string[], env: Record<string, string> = {}, input = '') =>
  home.gatehouse(['explain', ...args], { SCOPES_FILE, ...env }, input)
const pool = (): Record<string, string> => ({ COGNITO_USER_POOL_ID: issuer.poolId, COGNITO_ISSUER: issuer.issuer })

explain('a call that is allowed, with its entry and line, exit code 0', async () => {
  const { code, stdout, stderr } = await run(['--user', 'rosa', '--groups', 'mcp-registry-operator', ...TOOL])
  assert.is(code, 0, stderr)
  assert.match(stdout, /^allowed\nAsked {6}currenttime tools\/call current_time_by_timezone\nCaller {5}the user rosa, by a session\n/)
  assert.match(stdout, /^Allowed by mcp-servers-restricted\/execute\[0\], line \d+, from mcp-registry-operator$/m)
  assert.not.match(stdout, /\x1b\[|What to do/)
})

explain('a call that is refused, with what is nearest and what to add, exit code 3', async () => {
  const { code, stdout } = await run(['--user', 'rosa', '--groups', 'mcp-registry-user,payroll', ...TOOL])
  assert.is(code, 3)
  assert.match(
    stdout,
    /^refused: 403 name_not_allowed\n.*It takes the scope mcp-servers-restricted\/execute, which none of your groups has: .*\n/,
  )
  assert.match(stdout, /payroll → not in scopes\.yml\n/)
  assert.match(stdout, /^Nearest {4}mcp-servers-restricted\/read\[0\], line \d+: names the server, but neither .* nor the name/m)
  assert.match(stdout, /^Challenge {2}Bearer realm="mcp", resource_metadata="[^"]*", error="access_denied", /m)
  assert.match(stdout, /put rosa into the group mcp-registry-developer or mcp-registry-operator/)
  assert.match(stdout, /^ {7}group_mappings:\n {9}mcp-registry-user:\n {11}- mcp-servers-restricted\/execute$/m)
})

explain('JSON has the same, under stable names', async () => {
  const { code, stdout } = await run(['--json', '--agent', 'robot', '--scopes', 'mcp-servers-restricted/read', ...TOOL])
  assert.is(code, 3)
  const json = JSON.parse(stdout)
  assert.equal(Object.keys(json), [
    'allowed',
    'server',
    'method',
    'name',
    'status',
    'reason',
    'message',
    'challenge',
    'challenge_scope',
    'identity',
    'groups',
    'token_scopes',
    'narrowed',
    'scopes',
    'allowed_by',
    'nearest',
    'would_open',
    'remedies',
    'hints',
    'notes',
  ])
  assert.equal(json.identity, { kind: 'agent', user: 'robot', client_id: 'robot', auth_method: 'jwt' })
  assert.equal([json.allowed, json.reason, json.challenge_scope], [false, 'name_not_allowed', 'mcp-servers-restricted/execute'])
})

explain("a user's token that carries scopes narrows what the groups give", async () => {
  const scopes = ['--scopes', 'mcp-servers-restricted/read']
  const { code, stdout } = await run(['--user', 'rosa', '--groups', 'mcp-registry-operator', ...scopes, ...TOOL])
  assert.is(code, 3)
  assert.match(stdout, /narrows what the groups give to these\nScopes {5}mcp-servers-restricted\/read\n/)
  assert.match(stdout, 'The groups give mcp-servers-restricted/execute, but the scopes of the token leave it out')
  assert.match(
    stdout,
    /^Challenge {2}Bearer .*scope="mcp-servers-restricted\/read mcp-servers-restricted\/execute", error="insufficient_scope"/m,
  )
})

explain('whether a server may be used at all', async () => {
  assert.is((await run(['--user', 'rosa', '--groups', 'mcp-registry-user', 'mcpgw'])).code, 0)
  const { code, stdout } = await run(['--user', 'rosa', 'mcpgw'])
  assert.is(code, 3)
  assert.match(stdout, /^refused: 403 server_not_allowed[\s\S]*no scope that is held has an entry for this server/)
})

explain('a token is verified with the keys of the pool, and the settings of the gateway count', async () => {
  const token = await issuer.token({ scope: 'mcp-servers-unrestricted/execute openid', client_id: 'agent' })
  const good = await run(['--token-file', '-', ...TOOL], pool(), token)
  assert.is(good.code, 0, good.stderr)
  assert.match(good.stdout, /Caller {5}the agent agent, by an access token\nToken {6}carries mcp-servers-unrestricted\/execute\n/)
  assert.match(good.stdout, 'carries besides, not in scopes.yml: openid')
  assert.match(good.stdout, 'ALLOWED_CLIENT_IDS is not set')
  const other = await run(['--token-file', '-', ...TOOL], { ...pool(), ALLOWED_CLIENT_IDS: 'web' }, token)
  assert.is(other.code, 3)
  assert.match(other.stdout, /^refused: 401 token_client\n[\s\S]*the credential is not good/)
  assert.not.match(good.stdout + other.stdout + other.stderr, token.slice(0, 20))
})

explain('what MCP clients may be asked for counts for their app client, and for no other one', async () => {
  const claims = { username: 'rosa', 'cognito:groups': ['mcp-registry-operator'], scope: 'mcp-servers-restricted/read' }
  const env = { ...pool(), COGNITO_MCP_CLIENT_ID: 'mcp', MCP_SCOPES: 'mcp-servers-restricted/read' }
  const limited = await run(['--token-file', '-', ...TOOL], env, await issuer.token({ ...claims, client_id: 'mcp' }))
  assert.match(limited.stdout, /^Challenge {2}Bearer [^\n]*error="access_denied"/m)
  assert.match(limited.stdout, 'The groups give mcp-servers-restricted/execute, but MCP_SCOPES keeps MCP clients from asking for it')
  const other = await run(['--token-file', '-', ...TOOL], env, await issuer.token({ ...claims, client_id: 'web' }))
  assert.match(
    other.stdout,
    /^Challenge {2}Bearer [^\n]*scope="mcp-servers-restricted\/read mcp-servers-restricted\/execute", error="insufficient_scope"/m,
  )
  const stranger = await run(['--token-file', '-', ...TOOL], { ...env, CHALLENGE_SCOPES: 'server' }, await issuer.token({ exp: 1, iat: 0 }))
  assert.match(stranger.stdout, /^Challenge {2}Bearer [^\n]*scope="mcp-servers-restricted\/read", error="invalid_token"/m)
  assert.is((await run(['--user', 'rosa', ...TOOL], { CHALLENGE_SCOPES: 'some' })).code, 2)
})

explain('a token that has expired, or is bound elsewhere, is refused as the gate would', async () => {
  const expired = await issuer.token({ exp: now() - 5, iat: now() - 3605 })
  assert.match((await run(['--token-file', '-', ...TOOL], pool(), expired)).stdout, /^refused: 401 token_expired\n/)
  const bound = await issuer.token({ aud: 'https://other.example.com' })
  const { code, stdout } = await run(['--token-file', '-', ...TOOL], { ...pool(), REGISTRY_URL: 'https://mcp.example.com' }, bound)
  assert.is(code, 3)
  assert.match(stdout, /^refused: 401 token_audience\n/)
})

explain('keys that cannot be had say nothing about the call, exit code 1', async () => {
  const away = { ...pool(), COGNITO_JWKS_URL: `http://127.0.0.1:${await freePort()}/` }
  const { code, stdout, stderr } = await run(['--token-file', '-', ...TOOL], away, await issuer.token())
  assert.equal([code, stdout], [1, ''])
  assert.match(stderr, 'nothing is known about the call')
})

explain('a session is opened with SECRET_KEY; one of another key is refused as the gate would', async () => {
  const rosa = { username: 'rosa', clientId: 'web', groups: ['mcp-registry-operator'] }
  const made = await sealSession(createSealer([SECRET_KEY]), rosa, now(), 3600)
  const value = made?.seal ?? ''
  saveCookie(home.cookieFile, { gateway: 'http://localhost:1', name: 'a_session', value, expiresAt: now() + 3600 })
  const good = await run(['--cookie-file', home.cookieFile, ...TOOL], { SECRET_KEY })
  assert.is(good.code, 0, good.stderr)
  assert.match(good.stdout, 'the user rosa, by a session of the app client web')
  assert.match(good.stdout, 'Whether the session was ended before its time, only the gateway knows.')
  const other = await run(['--cookie-file', home.cookieFile, ...TOOL], { SECRET_KEY: 'f3a81d2b0bf72f96c5e4d1a07b2c8e94' })
  assert.is(other.code, 3)
  assert.match(other.stdout, /^refused: 401 session_malformed\n.*sealed with another SECRET_KEY/)
  assert.not.match(good.stdout + other.stdout, value.slice(0, 20))
  assert.match((await run(['--cookie-file', home.cookieFile, ...TOOL])).stderr, '- SECRET_KEY is missing')
})

for (const [what, args, expected] of [
  ['nobody', ['mcpgw'], /Who is calling\?/],
  ['two callers', ['--user', 'a', '--agent', 'b', 'mcpgw'], /cannot be used with/],
  ['groups of an agent', ['--agent', 'a', '--groups', 'b', 'mcpgw'], /cannot be used with/],
  ['groups of nobody', ['--groups', 'b', 'mcpgw'], /add --user NAME/],
  ['scopes of nobody', ['--scopes', 'b', 'mcpgw'], /add --agent CLIENT or --user NAME/],
  ['a session and scopes', ['--cookie-file', 'x', '--scopes', 'b', 'mcpgw'], /cannot be used with/],
  ['no server', ['--user', 'a'], /missing required argument 'server'/],
  ['a tool without a name', ['--user', 'a', 'mcpgw', 'tools/call'], /takes the name of one of the tools/],
  ['a name too many', ['--user', 'a', 'mcpgw', 'ping', 'x'], /ping takes no name/],
  ['a server that cannot be one', ['--user', 'a', '../x', 'ping'], /cannot be a server's name/],
  ['a policy that is not there', ['--user', 'a', '--scopes-file', '/nowhere.yml', 'mcpgw'], /\/nowhere\.yml cannot be read: ENOENT/],
  ['a policy that is none', ['--user', 'a', '--scopes-file', join(root, 'biome.json'), 'mcpgw'], /cannot be used:\n.*biome\.json:\d+: /],
] as [string, string[], RegExp][]) {
  explain(`${what}: exit code 2`, async () => {
    const { code, stdout, stderr } = await run(args)
    assert.equal([code, stdout], [2, ''])
    assert.match(stderr, expected)
    assert.not.match(stderr, /at file:|node:internal/)
  })
}

explain('names that would write over the terminal come out harmless', async () => {
  const { stdout } = await run(['--user', 'ro\x1b[2Jsa', '--groups', 'x\u202ey', ...TOOL])
  assert.match(stdout, 'the user ro[2Jsa')
  assert.not.match(stdout, /[\x1b\u202e]/)
})

explain('--help shows examples', async () => {
  const { code, stdout } = await run(['--help'])
  assert.is(code, 0)
  assert.match(stdout, /Exit code 0[\s\S]*Examples:[\s\S]*--token-file -/)
})

explain.run()
