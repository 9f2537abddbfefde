/** `gatehouse registry` as it is typed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serversFile } from '../registry/world.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { type Ended, executable, run } from './command.ts'

const command = suite('gatehouse registry')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-registry-'))
const good = join(folder, 'servers.yml')
const env = { REGISTRY_URL: 'https://mcp.example.com', SCOPES_FILE: join(root, 'scopes.yml') }
const gatehouse = (args: string[], changes: Record<string, string> = {}): Promise<Ended> =>
  run(executable, ['registry', ...args], { ...env, ...changes }).ended

command.before(() => writeFileSync(good, serversFile({ name: 'gone', url: 'http://127.0.0.1:1/mcp' })))
command.after(() => rmSync(folder, { recursive: true, force: true }))

command('explains itself', async () => {
  const { code, stdout } = await gatehouse(['--help'])
  assert.is(code, 0)
  assert.match(stdout, /--config[\s\S]*--env-file[\s\S]*Examples:[\s\S]*SERVERS_FILE/)
})

command('lists every problem of its settings, exit code 2', async () => {
  const { code, stderr } = await gatehouse([], { REGISTRY_URL: 'mcp', REGISTRY_LISTEN: 'here', LOG_LEVEL: 'loud' })
  assert.is(code, 2)
  for (const name of ['REGISTRY_URL', 'REGISTRY_LISTEN', 'LOG_LEVEL']) assert.match(stderr, new RegExp(`- ${name} .*Example: ${name}=`))
})

command('lists every problem of servers.yml, exit code 1, without a stack', async () => {
  const bad = join(folder, 'bad.yml')
  writeFileSync(bad, 'servers:\n  - name: "*"\n    url: ftp://user:hunter2@a/\n    extra: 1\n')
  const { code, stderr } = await gatehouse(['--config', bad], { REGISTRY_LISTEN: '127.0.0.1:0' })
  assert.is(code, 1)
  assert.match(
    stderr,
    /bad\.yml cannot be used:\n {2}- servers\[0\]\.extra is not known[\s\S]*servers\[0\]\.name must be[\s\S]*servers\[0\]\.url must/,
  )
  assert.not.match(stderr, /hunter2|at file:|node:internal/)
})

command('names a servers.yml or a scopes.yml that is not there, exit code 1', async () => {
  const servers = await gatehouse(['--config', join(folder, 'none.yml')], { REGISTRY_LISTEN: '127.0.0.1:0' })
  assert.equal([servers.code, /none\.yml cannot be used:\n {2}- the file cannot be read: ENOENT/.test(servers.stderr)], [1, true])
  const scopes = await gatehouse(['--config', good], { SCOPES_FILE: join(folder, 'nowhere.yml') })
  assert.equal([scopes.code, /nowhere\.yml cannot be used:/.test(scopes.stderr)], [1, true])
})

command('listens where it is told, says that a port is taken, and stops at SIGTERM', async () => {
  const port = await freePort()
  const listen = { REGISTRY_LISTEN: `127.0.0.1:${port}` }
  const first = run(executable, ['registry', '--config', good], { ...env, ...listen })
  await until('it listens', () => /"msg":"listening"/.test(first.stdout()))
  assert.is((await fetch(`http://127.0.0.1:${port}/health`)).status, 200)
  await until('the server was asked', () => /"server":"gone","problem":"unreachable"/.test(first.stdout()))
  const second = await gatehouse(['--config', good], listen)
  assert.equal([second.code, /port \d+ on 127\.0\.0\.1 is already in use/.test(second.stderr)], [1, true])
  first.child.kill('SIGTERM')
  assert.equal([(await first.ended).code, first.stderr()], [0, ''])
})

command.run()
