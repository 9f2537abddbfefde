/** The executable as it is typed: help, errors, exit codes, and what never appears on a screen. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { startCognito } from '../../src/demo/cognito/start.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { freePort } from '../support/process.ts'
import { poolKeys } from '../support/rsa_keys.ts'
import { suite } from '../support/suite.ts'
import { executable, run } from './command.ts'

const cli = suite('gatehouse')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'))
const SECRET = 'the-secret-of-the-agent'
let cognito: Awaited<ReturnType<typeof startCognito>>

interface Ended {
  code: number
  stdout: string
  stderr: string
}

function gatehouse(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((done) => {
    const options = { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, ...env }, timeout: 15_000 }
    execFile(join(root, 'bin/gatehouse'), args, options, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

const agent = (changes: Record<string, string> = {}): Record<string, string> => ({
  COGNITO_CLIENT_ID: 'agent',
  COGNITO_CLIENT_SECRET: SECRET,
  COGNITO_USER_POOL_ID: 'us-east-1_CliTest',
  COGNITO_DOMAIN: cognito.origin,
  ...changes,
})

cli.before(async () => {
  const machine = { flows: ['client_credentials' as const], callbackUrls: [], logoutUrls: [] }
  cognito = await startCognito({
    port: 0,
    poolId: 'us-east-1_CliTest',
    keys: poolKeys(),
    users: [],
    clients: [{ id: 'agent', secret: SECRET, scopes: ['tools/read', 'tools/write'], ...machine }],
    resourceServers: [{ identifier: 'tools', scopes: ['read', 'write', 'admin'] }],
  })
})
cli.after(async () => {
  await cognito.close()
  rmSync(folder, { recursive: true, force: true })
})

for (const [args, expected] of [
  [['--help'], /serve[\s\S]*token[\s\S]*login[\s\S]*whoami[\s\S]*logout[\s\S]*sessions[\s\S]*Exit codes[\s\S]*130/],
  [['login', '--help'], /--direct[\s\S]*--gateway[\s\S]*Example/],
  [['whoami', '--help'], /--token-file[\s\S]*Example/],
  [['logout', '--help'], /--local[\s\S]*Example/],
  [['sessions', 'revoke', '--help'], /SESSION_STORE_URL[\s\S]*Example/],
  [['serve', '--help'], /--env-file[\s\S]*Example/],
  [['token', '--help'], /--scopes[\s\S]*Example/],
  [['registry', '--help'], /--config[\s\S]*Example/],
  [['--version'], /^\d+\.\d+\.\d+\n$/],
] as Array<[string[], RegExp]>) {
  cli(`answers ${args.join(' ')}`, async () => {
    const { code, stdout, stderr } = await gatehouse(args)
    assert.is(code, 0, stderr)
    assert.match(stdout, expected)
  })
}

cli('says that its output has no room, in one line and exit code 1', async () => {
  for (const args of [['--help'], ['policy', 'check', join(root, 'scopes.yml')], ['token']]) {
    const { code, stderr } = await run('sh', ['-c', 'exec "$0" "$@" > /dev/full', executable, ...args], { HOME: folder, ...agent() }).ended
    assert.equal([code, stderr], [1, 'gatehouse: Standard output cannot be written to: ENOSPC\n'])
  }
})

for (const command of [
  'init --yes --url http://localhost:8000 --pool us-east-1_CliTest --client a --server x=http://127.0.0.1:1',
  'login --gateway --no-browser --cookie-file session',
]) {
  cli(`says that the working directory is gone: ${command}`, async () => {
    const gone = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"'
    const args = ['-c', gone, join(folder, 'gone'), executable, ...command.split(' ')]
    const { code, stderr } = await run('sh', args, { HOME: folder, REGISTRY_URL: 'http://localhost:8000' }).ended
    assert.equal([code, stderr], [1, 'gatehouse: The working directory is not there any more. Change to another one.\n'])
  })
}

cli('an empty HOME is none: no token is kept, and no session looked for, in the working directory', async () => {
  rmSync(join(folder, '.cache'), { recursive: true, force: true })
  const token = await gatehouse(['token'], agent({ HOME: '' }))
  assert.equal([token.code, token.stderr, existsSync(join(folder, '.cache'))], [0, '', false])
  const logout = await gatehouse(['logout'], { HOME: '', REGISTRY_URL: 'http://localhost:1' })
  assert.equal([logout.code, logout.stderr], [2, 'gatehouse: There is no home folder for the session. Set HOME, or name a file for it.\n'])
})

cli('a folder that cannot be made is an error', async () => {
  const args = [
    '--yes',
    '--url',
    'http://localhost:8000',
    '--pool',
    'us-east-1_CliTest',
    '--client',
    'a',
    '--server',
    'x=http://127.0.0.1:1',
  ]
  const { code, stderr } = await gatehouse(['init', '--dir', '/proc/x', ...args])
  assert.equal([code, stderr], [1, 'gatehouse: /proc/x/.env cannot be written: ENOENT. No file was left behind.\n'])
})

cli('says what is wrong with a command or an option, exit code 2', async () => {
  for (const args of [
    ['serf'],
    ['serve', '--port', '1'],
    ['token', '--env-file'],
    ['sessions', 'revoke'],
    ['sessions', 'revoke', 'a b'],
    ['sessions', 'end', 'x'],
  ]) {
    const { code, stderr } = await gatehouse(args)
    assert.is(code, 2, `${args}: ${stderr}`)
    assert.match(stderr, /error: /)
  }
})

cli('lists every problem of the settings at once, exit code 2, secrets not among them', async () => {
  const { code, stderr, stdout } = await gatehouse(['serve'], { SECRET_KEY: 'short-and-private', AWS_REGION: 'eu-west-1' })
  assert.is(code, 2)
  for (const name of ['COGNITO_USER_POOL_ID', 'ALLOWED_CLIENT_IDS', 'SECRET_KEY', 'REGISTRY_URL'])
    assert.match(stderr, new RegExp(`- ${name} .*Example`))
  assert.not.match(stderr + stdout, /short-and-private|at file:|node:internal/)
})

cli('names settings files that cannot be read, exit code 2', async () => {
  const { code, stderr } = await gatehouse(['serve', '--env-file', 'none.env', '--env-file', 'neither.env'])
  assert.is(code, 2)
  assert.match(stderr, /none\.env cannot be read: ENOENT[\s\S]*neither\.env/)
})

const serve = {
  COGNITO_USER_POOL_ID: 'us-east-1_CliTest',
  ALLOWED_CLIENT_IDS: '*',
  SECRET_KEY: 'a7c1e93b5d2f4860b8e1f7c3a9d50462',
  REGISTRY_URL: 'https://mcp.example.com',
}

cli('does not start without a policy that can be used, exit code 1', async () => {
  const missing = await gatehouse(['serve'], { ...serve, SCOPES_FILE: 'nowhere.yml' })
  assert.is(missing.code, 1)
  assert.match(missing.stderr, /nowhere\.yml cannot be used:\n {2}- the file cannot be read: ENOENT/)
  writeFileSync(join(folder, 'bad.yml'), 'a/b:\n  - server: x y\n    methods: 3\n')
  const bad = await gatehouse(['serve'], { ...serve, SCOPES_FILE: 'bad.yml' })
  assert.is(bad.code, 1)
  assert.match(bad.stderr, /a\/b\[0\]\.server must be[\s\S]*a\/b\[0\]\.methods must be/)
  assert.not.match(bad.stderr, /at file:|node:internal/)
})

cli('says that the address is taken, exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => other.once('listening', done))
  const { port } = other.address() as { port: number }
  const env = { ...serve, SCOPES_FILE: join(root, 'scopes.yml'), VALIDATOR_LISTEN: `127.0.0.1:${port}` }
  const { code, stderr } = await gatehouse(['serve'], env)
  other.close()
  assert.is(code, 1)
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${port} is in use.*VALIDATOR_LISTEN`))
})

cli('says that the folder of a socket is missing, exit code 1', async () => {
  writeFileSync(join(folder, 'file'), '')
  for (const where of [join(folder, 'none'), join(folder, 'file')]) {
    const env = { ...serve, SCOPES_FILE: join(root, 'scopes.yml'), VALIDATOR_LISTEN: `unix:${where}/x.sock` }
    const { code, stderr } = await gatehouse(['serve'], env)
    assert.is(code, 1)
    assert.match(stderr, `The folder ${where} does not exist, or this user may not enter it. Make it, or set VALIDATOR_LISTEN`)
  }
})

cli('prints a token and nothing else', async () => {
  const { code, stdout, stderr } = await gatehouse(['token'], agent())
  assert.is(code, 0, stderr)
  assert.is(stderr, '')
  const { client_id, scope } = decodeJwt(stdout.trim())
  assert.is(client_id, 'agent')
  assert.equal(String(scope).split(' ').sort(), ['tools/read', 'tools/write'])
})

cli('asks for the scopes that are named', async () => {
  const { stdout } = await gatehouse(['token', '--scopes', 'tools/read'], agent())
  assert.is(decodeJwt(stdout.trim()).scope, 'tools/read')
})

cli('the environment goes before a file', async () => {
  const lines = Object.entries(agent({ COGNITO_CLIENT_SECRET: 'wrong' })).map(([name, value]) => `${name}=${value}`)
  writeFileSync(join(folder, '.env.agent'), lines.join('\n'))
  assert.is((await gatehouse(['token', '--env-file', '.env.agent'])).code, 5)
  assert.is((await gatehouse(['token', '--env-file', '.env.agent'], { COGNITO_CLIENT_SECRET: SECRET })).code, 0)
})

for (const [name, changes, args, exitCode, expected] of [
  ['a wrong secret', { COGNITO_CLIENT_SECRET: 'not-this-one' }, [], 5, /invalid_client[\s\S]*COGNITO_CLIENT_SECRET is wrong/],
  ['an unknown client', { COGNITO_CLIENT_ID: 'nobody' }, [], 5, /invalid_client/],
  ['a scope that is not the client’s', {}, ['--scopes', 'tools/admin'], 3, /invalid_scope[\s\S]*Assign it/],
  ['a port that fetch does not use', { COGNITO_DOMAIN: 'http://localhost:1' }, [], 1, /gave no usable answer \(bad port\)/],
  ['a domain where nobody answers', { COGNITO_DOMAIN: `http://127.0.0.1:${await freePort()}` }, [], 1, /ECONNREFUSED[\s\S]*COGNITO_DOMAIN/],
] as Array<[string, Record<string, string>, string[], number, RegExp]>) {
  cli(`explains ${name}, exit code ${exitCode}`, async () => {
    const { code, stdout, stderr } = await gatehouse(['token', ...args], agent(changes))
    assert.is(code, exitCode)
    assert.is(stdout, '')
    assert.match(stderr, expected)
    assert.not.match(stderr, /not-this-one|the-secret|at file:/)
  })
}

cli('lists what an agent’s settings lack, exit code 2', async () => {
  const { code, stderr } = await gatehouse(['token'], { COGNITO_DOMAIN: 'http://example.com' })
  assert.is(code, 2)
  for (const name of ['COGNITO_CLIENT_ID', 'COGNITO_CLIENT_SECRET', 'COGNITO_USER_POOL_ID', 'COGNITO_DOMAIN'])
    assert.match(stderr, new RegExp(`- ${name} `))
})

cli.run()
