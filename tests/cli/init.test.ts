/** `gatehouse init`: with options, with a person at a terminal, and what comes of what it writes. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { findNginx } from '../../src/demo/nginx.ts'
import { examineNginx } from '../../src/doctor/nginx.ts'
import { readNginx } from '../../src/doctor/nginx_source.ts'
import * as assert from '../support/assert.ts'
import { type Backend, startBackend } from '../support/backend.ts'
import { root } from '../support/gateway.ts'
import { type Issuer, startIssuer } from '../support/issuer.ts'
import { freePort, type Program, start, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { executable, makeHome, type Running, run } from './command.ts'

const init = suite('gatehouse init')
const home = makeHome()
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-init-'))
init.after(() => {
  home.remove()
  rmSync(folder, { recursive: true, force: true })
})

const NEEDED = ['--url', 'https://mcp.example.com', '--pool', 'us-east-1_AbCdEfGhI', '--client', '1example23456789']
const SERVER = ['--server', 'currenttime=http://127.0.0.1:9001']
const at = (name: string): string => join(folder, name)
const written = (path: string): string[] => (existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort() : [])
const envOf = (path: string): Record<string, string> => parseEnv(readFileSync(join(path, '.env'), 'utf8')) as Record<string, string>

init('writes everything and says what to do next', async () => {
  const { code, stdout, stderr } = await home.gatehouse(['init', '--dir', at('a'), ...NEEDED, ...SERVER, '--agent', '2example34567890'])
  assert.equal([code, stderr], [0, ''])
  assert.equal(
    written(at('a')).filter((path) => !/^nginx\/gatehouse(?:-dict)?\//.test(path)),
    ['.env', 'nginx', 'nginx/gatehouse', 'nginx/gatehouse-dict', 'nginx/gatehouse-servers.conf', 'scopes.yml'],
  )
  for (const include of ['nginx/gatehouse', 'nginx/gatehouse-dict']) {
    for (const name of readdirSync(join(root, include))) {
      const shipped = readFileSync(join(root, include, name), 'utf8')
      assert.is(readFileSync(join(at('a'), include, name), 'utf8'), shipped, name)
    }
  }
  for (const line of [
    'https://mcp.example.com/oauth2/callback/cognito',
    'https://mcp.example.com/oauth2/callback/mcp',
    'https://mcp.example.com/oauth2/signed-out',
    'gatehouse serve --env-file .env',
    'sudo nginx -t && sudo nginx -s reload',
  ]) {
    assert.match(stdout, line)
  }
  const { SECRET_KEY = '', ALLOWED_CLIENT_IDS } = envOf(at('a'))
  assert.match(SECRET_KEY, /^[0-9a-f]{64}$/)
  assert.is(ALLOWED_CLIENT_IDS, '1example23456789,2example34567890')
  assert.not.match(stdout, SECRET_KEY)
})
init('a key of its own each time; JSON for a script', async () => {
  const args = (name: string): string[] => ['init', '--json', '--dir', at(name), ...NEEDED, ...SERVER]
  const [first, second] = [await home.gatehouse(args('b')), await home.gatehouse(args('c'))]
  assert.is.not(envOf(at('b')).SECRET_KEY, envOf(at('c')).SECRET_KEY)
  const told = JSON.parse(first.stdout) as { dir: string; files: string[]; next: unknown[] }
  assert.equal([told.dir, told.files.slice(0, 2), told.next.length > 3], [at('b'), ['.env', 'scopes.yml'], true])
  assert.not.match(first.stdout + second.stdout, envOf(at('b')).SECRET_KEY as string)
})
init('the policy check and the doctor are content with it', async () => {
  const check = await home.gatehouse(['policy', 'check', '--strict', join(at('a'), 'scopes.yml')])
  assert.is(check.code, 0, check.stdout + check.stderr)
})
init('the secret of the client comes from the environment, and not without its client', async () => {
  const env = { COGNITO_CLIENT_SECRET: 'abc123def456' }
  const { stdout } = await home.gatehouse(['init', '--dir', at('d'), ...NEEDED, ...SERVER], env)
  assert.is(envOf(at('d')).COGNITO_CLIENT_SECRET, 'abc123def456')
  assert.not.match(stdout, 'abc123')
  const agent = ['--url', 'https://mcp.example.com', '--pool', 'us-east-1_AbCdEfGhI', '--agent', '2example34567890']
  const other = await home.gatehouse(['init', '--dir', at('e'), ...agent, ...SERVER], env)
  assert.is(envOf(at('e')).COGNITO_CLIENT_SECRET, undefined)
  assert.match(other.stdout, 'Nobody can log in by a browser, and no MCP client can sign its user in yet')
})
init('never overwrites: nothing is written when one file exists', async () => {
  mkdirSync(at('f'))
  writeFileSync(join(at('f'), 'scopes.yml'), 'mine')
  const { code, stdout, stderr } = await home.gatehouse(['init', '--dir', at('f'), ...NEEDED, ...SERVER])
  assert.equal([code, stdout], [1, ''])
  assert.match(stderr, /These exist already, and nothing was written:\n {2}\S+scopes\.yml\nMove them away/)
  assert.equal([written(at('f')), readFileSync(join(at('f'), 'scopes.yml'), 'utf8')], [['scopes.yml'], 'mine'])
})
for (const [what, args, message] of [
  ['nothing named', [], /--url is missing.*\n.*--pool is missing.*\n.*--client or --agent is missing.*\n.*--server is missing/],
  ['no server', NEEDED, /--server is missing/],
  ['a hostile name', [...NEEDED, '--server', 'a;b=http://127.0.0.1:1'], /"a;b" cannot be a server's name/],
  ['a hostile name with a line break', [...NEEDED, '--server', 'a\nb=http://127.0.0.1:1'], /"a\\nb" cannot be a server's name/],
  ['a hostile place', [...NEEDED, '--server', 'a=http://x;}'], /"http:\/\/x;\}" cannot be where a runs/],
  ['a variable in a place', [...NEEDED, '--server', 'a=http://$host'], /cannot be where a runs/],
  ['a pool that is none', [...NEEDED, ...SERVER, '--pool', 'AbC'], /--pool \(COGNITO_USER_POOL_ID\) must hold pool ids/],
  ['a gateway that is none', [...NEEDED, ...SERVER, '--url', 'mcp.example.com'], /--url \(REGISTRY_URL\) must be/],
  [
    'all of it at once',
    ['--url', 'mcp.example.com', '--pool', 'AbC', '--client', 'a b', '--server', 'x y=1'],
    /:\n {2}- --client \(COGNITO_CLIENT_ID\) must be plain.*\n.*--url.*\n.*--pool.*\n.*"x y" cannot be a server's name[^\n]*\n$/,
  ],
] as [string, string[], RegExp][]) {
  init(`refused with exit code 2, and nothing is written: ${what}`, async () => {
    const { code, stdout, stderr } = await home.gatehouse(['init', '--dir', at('none'), ...args])
    assert.equal([code, stdout], [2, ''], stderr)
    assert.match(stderr, message)
    assert.not.ok(existsSync(at('none')))
    assert.not.match(stderr, /\n {4}at /)
  })
}
init('a file where the folder should be is named', async () => {
  writeFileSync(at('file'), '')
  const { code, stderr } = await home.gatehouse(['init', '--dir', at('file'), ...NEEDED, ...SERVER])
  assert.is(code, 1)
  assert.match(stderr, /\/file cannot be made: a file stands where a folder must be\. No file was left behind\.$/m)
})
init('the address of the gateway is written as Cognito will hear it', async () => {
  const { code, stdout } = await home.gatehouse([
    'init',
    '--dir',
    at('spelt'),
    ...NEEDED,
    ...SERVER,
    '--url',
    'https://MCP.Example.com:443/',
  ])
  assert.is(code, 0)
  assert.is(envOf(at('spelt')).REGISTRY_URL, 'https://mcp.example.com')
  assert.match(stdout, /^ +https:\/\/mcp\.example\.com\/oauth2\/callback\/cognito$/m)
})
init('the way to the folder is told once', async () => {
  const { stdout } = await home.gatehouse(['init', '--dir', at('once'), ...NEEDED, ...SERVER])
  assert.is(stdout.split('\n').filter((line) => /^ +cd /.test(line)).length, 1)
})
init('help with examples', async () => {
  const { code, stdout } = await home.gatehouse(['init', '--help'])
  assert.is(code, 0)
  assert.match(stdout, /Examples:\n {2}gatehouse init\n/)
})

/** A person at a terminal; both outputs of the program are the one of `script`. */
const onTerminal = (...args: string[]): Running =>
  run('script', ['-qec', `'${executable}' init ${args.join(' ')}`, '/dev/null'], { HOME: home.folder, TERM: 'xterm' })
async function answer(running: Running, question: RegExp, text: string, times = 1): Promise<void> {
  const seen = (): number => running.stdout().match(new RegExp(question.source, 'g'))?.length ?? 0
  await until(`it asks ${question}`, () => seen() >= times)
  running.child.stdin.write(`${text}\n`)
}

init('asks a person, says what is wrong with an answer, and shows no secret', async () => {
  const running = onTerminal('--dir', at('asked'))
  await answer(running, /Public URL of the gateway \[http:\/\/localhost:8000\]: /, 'mcp.example.com')
  await answer(running, /REGISTRY_URL must be[^\r]*\r\n[^:]*Public URL[^\]]*\]: /, 'https://mcp.example.com')
  await answer(running, /user pool id[^:]*: /, '')
  await answer(running, /An answer is needed\.\r\n[^:]*user pool id[^:]*: /, 'us-east-1_AbCdEfGhI')
  await answer(running, /domain: [^:]*\[us-east-1abcdefghi\]: /, '')
  await answer(running, /App client by which users log in[^)]*\): /, '1example23456789')
  await answer(running, /Its secret \(not shown[^)]*\): /, 'abc123def456ghi')
  await answer(running, /App clients of agents[^)]*\): /, '2example34567890, 3example')
  await answer(running, /An MCP server[^:]*:\/\/[^:]*:9001: /, 'a}=http://x')
  await answer(running, /cannot be a server's name[^\r]*\r\n[^:]*An MCP server[^:]*:\/\/[^:]*:9001: /, 'currenttime=http://localhost:9001')
  await answer(running, /Another one[^)]*: no more\): /, 'currenttime=http://127.0.0.1:9002')
  await answer(running, /is named already\r\n[^:]*Another one[^)]*: no more\): /, '')
  const { code, stdout } = await running.ended
  assert.is(code, 0, stdout)
  assert.match(stdout, 'Written:')
  assert.not.match(stdout, 'abc123')
  const { SECRET_KEY = '', ...rest } = envOf(at('asked'))
  assert.not.match(stdout, SECRET_KEY)
  assert.equal(rest, {
    COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
    ALLOWED_CLIENT_IDS: '1example23456789,2example34567890,3example',
    REGISTRY_URL: 'https://mcp.example.com',
    COGNITO_CLIENT_ID: '1example23456789',
    COGNITO_CLIENT_SECRET: 'abc123def456ghi',
    COGNITO_DOMAIN: 'us-east-1abcdefghi',
  })
})
init('asks a person only for what no option names', async () => {
  const running = onTerminal('--dir', at('rest'), ...NEEDED, '--domain', 'my-company', ...SERVER)
  await answer(running, /Its secret \(not shown[^)]*\): /, '')
  await answer(running, /App clients of agents[^)]*\): /, '')
  const { code, stdout } = await running.ended
  assert.is(code, 0, stdout)
  assert.not.match(stdout, /Public URL|user pool id|An MCP server/)
  assert.is(envOf(at('rest')).COGNITO_CLIENT_SECRET, undefined)
})
for (const [what, key, expected] of [
  ['Ctrl-C', '\x03', 130],
  ['Ctrl-D', '\x04', 1],
] as const) {
  init(`${what} ends it, and nothing is written`, async () => {
    const running = onTerminal('--dir', at('stopped'))
    await until('it asks', () => running.stdout().includes('Public URL'))
    running.child.stdin.write(key)
    const { code, stdout } = await running.ended
    assert.is(code, expected)
    assert.match(stdout, 'interrupted; nothing was written')
    assert.not.ok(existsSync(at('stopped')))
  })
}

const NAMES = ['currenttime', 'other.server-2']
/** The shipped nginx.conf with what is written instead of its own servers. */
const example = (port: number): string =>
  readFileSync(join(root, 'nginx/example.conf'), 'utf8')
    .replace('load_module /usr/lib/nginx/modules/ngx_http_js_module.so;', `load_module ${findNginx().module};`)
    .replace('listen 127.0.0.1:8000;', `listen 127.0.0.1:${port};`)
    .replace(/ {4}upstream (?:currenttime|mcpgw) .*\n/g, '')
    .replace('include gatehouse/http.conf;', 'include gatehouse/http.conf; include gatehouse-upstreams.conf;')
    .replace(/ {8}location \/(?:currenttime|mcpgw)\/ \{[^}]*\}\n/g, '')
    .replace('include gatehouse/server.conf;', 'include gatehouse/server.conf; include gatehouse-servers.conf;')

const gate = suite('a gate from what gatehouse init writes')
let issuer: Issuer
let backends: Backend[]
let validator: Program
let nginx: Program
let url = ''
gate.before(async () => {
  ;[issuer, backends] = await Promise.all([startIssuer(), Promise.all(NAMES.map((name) => startBackend(name)))])
  const [port, validatorPort] = [await freePort(), await freePort()]
  url = `http://localhost:${port}`
  const [first, second] = backends as [Backend, Backend]
  const named = [first, second].flatMap(({ port: at }, index) => ['--server', `${NAMES[index]}=http://127.0.0.1:${at}`])
  const where = ['--url', url, '--pool', issuer.poolId, '--issuer', issuer.issuer, '--agent', 'agent']
  const { code, stderr } = await home.gatehouse(['init', '--dir', at('gate'), ...where, ...named])
  assert.is(code, 0, stderr)
  const conf = join(at('gate'), 'nginx')
  writeFileSync(join(conf, 'gatehouse-upstreams.conf'), '')
  const file = join(conf, 'gatehouse/validator.conf')
  writeFileSync(file, readFileSync(file, 'utf8').replace('127.0.0.1:8888', `127.0.0.1:${validatorPort}`))
  writeFileSync(join(conf, 'nginx.conf'), example(port))
  for (const name of ['logs', 'tmp']) mkdirSync(join(at('gate'), name))
  const env = { ...envOf(at('gate')), SCOPES_FILE: join(at('gate'), 'scopes.yml'), VALIDATOR_LISTEN: `127.0.0.1:${validatorPort}` }
  validator = start(process.execPath, ['--', executable, 'serve'], env)
  await validator.printed('keys fetched')
  nginx = start(findNginx().nginx, [
    '-p',
    at('gate'),
    '-e',
    join(at('gate'), 'logs/error.log'),
    '-c',
    join(conf, 'nginx.conf'),
    '-g',
    'daemon off;',
  ])
  await until('NGINX answers', () =>
    fetch(`${url}/health`).then(
      ({ status }) => status === 200,
      () => false,
    ),
  )
})
gate.after(async () => {
  await nginx?.stop()
  await validator?.stop()
  for (const one of [issuer, ...(backends ?? [])]) await one?.close()
})

const call = (name: string, token?: string) =>
  fetch(`${url}/${name}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: {} } }),
  })
gate('refuses strangers, lets through who has the scope, and names the scope to who has not', async () => {
  const [execute, read] = await Promise.all(['execute', 'read'].map((name) => issuer.token({ scope: `mcp-servers-unrestricted/${name}` })))
  for (const name of NAMES) {
    assert.is((await call(name)).status, 401)
    assert.is((await call(name, execute)).status, 200)
    const refused = await call(name, read)
    assert.is(refused.status, 403)
    assert.match(refused.headers.get('www-authenticate') ?? '', 'mcp-servers-unrestricted/execute')
  }
})
gate('has no trap in its configuration', async () => {
  const config = await readNginx({ kind: 'file', path: join(at('gate'), 'nginx/nginx.conf') })
  const { findings, servers } = examineNginx(config, NAMES, null, true)
  assert.equal(servers, NAMES)
  assert.equal(
    findings.filter(({ status }) => status !== 'ok'),
    [],
  )
})
gate('a server with a host name passes nginx -t', async () => {
  const path = at('hosts')
  const { code } = await home.gatehouse(['init', '--dir', path, ...NEEDED, '--server', `a=http://${hostname()}:9001/base`])
  assert.is(code, 0)
  for (const name of ['logs', 'tmp']) mkdirSync(join(path, name))
  writeFileSync(join(path, 'nginx/nginx.conf'), example(await freePort()))
  const args = ['-t', '-p', path, '-e', join(path, 'logs/error.log'), '-c', join(path, 'nginx/nginx.conf')]
  const tested = await run(findNginx().nginx, args, {}).ended
  assert.match(tested.stderr, 'test is successful')
})

init.run()
gate.run()
