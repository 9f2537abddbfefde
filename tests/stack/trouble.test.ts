/** What the local stack says when it cannot do what it was told, and that it does no harm then. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive, type Started } from '../../src/demo/processes.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const trouble = suite('trouble with the local stack')
const parent = mkdtempSync(join(tmpdir(), 'gatehouse-trouble-'))
const folder = join(parent, 'demo')
const ALL = 'cognito, validator, currenttime, mcpgw, nginx'
let port = 0

const demo = (command: string | string[], variables: Record<string, string> = {}) => {
  const env = { ...process.env, GATEHOUSE_DEMO_DIR: folder, GATEWAY_PORT: String(port), ...variables }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/demo.js', ...[command].flat()], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  assert.not.match(stderr, /\n {4}at |node:internal/)
  return { status, stdout, stderr }
}
const state = (): { processes: Started[] } => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))

trouble.before(async () => {
  port = await freePort()
})
trouble.after(() => {
  demo('down')
  rmSync(parent, { recursive: true, force: true })
})

for (const [what, variables, message] of [
  ['no port', { GATEWAY_PORT: '0' }, /^GATEWAY_PORT must be a port number from 1 to 65535, got "0"\n$/],
  ['no number', { GATEWAY_PORT: '80a' }, /^GATEWAY_PORT must be a port number from 1 to 65535, got "80a"\n$/],
  ['an nginx that is not there', { NGINX_BIN: '/nowhere/nginx' }, /^NGINX_BIN names \/nowhere\/nginx, which is no program/],
  ['a port at which no client asks', { GATEWAY_PORT: '10080' }, /^port 10080 is one that browsers and MCP clients refuse/],
] as const) {
  trouble(`up says at once that it was given ${what}`, () => {
    const began = Date.now()
    const { status, stderr } = demo('up', variables)
    assert.is(status, 1)
    assert.match(stderr, message)
    assert.ok(Date.now() - began < 5000)
    assert.not(existsSync(folder))
  })
}

trouble('up says that a folder cannot be made, where the system has no place for one', () => {
  const { status, stderr } = demo('up', { GATEHOUSE_DEMO_DIR: '/proc/nowhere' })
  assert.equal(
    [status, stderr],
    [1, '/proc/nowhere cannot be used: mkdir failed. See to it, or name another folder: GATEHOUSE_DEMO_DIR (ENOENT)\n'],
  )
})

trouble('a process of the stack that is started by hand names the settings that it lacks', () => {
  const { status, stdout, stderr } = demo('mcpgw', { REGISTRY_URL: '' })
  assert.equal([status, stdout], [1, ''])
  assert.match(stderr, /^The configuration cannot be used:\n {2}- REGISTRY_URL is missing/)
})

trouble('what is no command is answered with those that are', () => {
  for (const words of [[], ['upp'], ['toString'], ['up', 'down']]) {
    const { status, stdout, stderr } = demo(words)
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, /^usage: demo up\|down\|/)
  }
  assert.equal(demo('--help').status, 0)
  assert.match(demo('--help').stdout, /^usage: demo up\|down\|/)
  assert.not(existsSync(folder))
})

trouble('logs of a stack that never was are none', () => {
  assert.equal(demo('logs'), { status: 1, stdout: '', stderr: `there are no logs in ${folder} yet: nothing was started. make up\n` })
})

trouble('one that is interrupted while it starts leaves nothing behind', async () => {
  const env = { ...process.env, GATEHOUSE_DEMO_DIR: folder, GATEWAY_PORT: String(port) }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const starting = spawn(process.execPath, ['dist/demo.js', 'up'], { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    starting.stderr.on('data', (chunk) => {
      said += chunk
    })
    const ended = once(starting, 'close')
    await until('something is started', () => existsSync(join(folder, 'state.json')))
    const { processes } = state()
    starting.kill(signal)
    assert.equal([(await ended)[0], said], [130, 'interrupted: what was started is stopped again\n'])
    assert.ok(processes.length > 0 && !processes.some(isAlive))
    assert.match(demo('status').stdout, /^nothing is running$/m)
  }
})

trouble('a stack that runs is left alone when the other port is taken', async () => {
  assert.match(demo('up').stdout, /is up/)
  const before = state()
  const other = createServer().listen(await freePort(), '127.0.0.1')
  await new Promise((done) => other.once('listening', done))
  const taken = String((other.address() as { port: number }).port)
  const { status, stderr } = demo('up', { GATEWAY_PORT: taken })
  other.close()
  assert.is(status, 1)
  assert.match(stderr, new RegExp(`^port ${taken} is in use`))
  assert.equal(state(), before)
  assert.is(demo('status').status, 0)
})

trouble('a stack of which only some was started is not up, and what is missing is named', () => {
  const file = join(folder, 'state.json')
  const whole = readFileSync(file, 'utf8')
  const { ports, processes } = JSON.parse(whole)
  writeFileSync(file, JSON.stringify({ ports, processes: processes.slice(0, 2) }))
  const { status, stdout } = demo('status')
  writeFileSync(file, whole)
  assert.is(status, 1)
  assert.match(stdout, /^cognito +up .*\nvalidator +up .*\ncurrenttime +NOT STARTED\nmcpgw +NOT STARTED\nnginx +NOT STARTED\n$/)
})

for (const [what, lose] of [
  ['emptied', (file: string) => writeFileSync(file, '')],
  ['cut off', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, -9))],
  ['removed', (file: string) => rmSync(file)],
] as const) {
  trouble(`a stack whose state was ${what} is found again, and replaced`, () => {
    const { processes } = state()
    const file = join(folder, 'state.json')
    lose(file)
    const found = `${file} is ${what === 'removed' ? 'gone' : 'not whole'}. Of this stack's processes these were found: ${ALL}\n`
    assert.equal(demo('status'), { status: 1, stdout: 'where they listen is not known: make down\n', stderr: found })
    const { status, stdout, stderr } = demo('up')
    assert.equal([status, stderr], [0, found])
    assert.match(stdout, /is up/)
    for (const one of processes) assert.not(isAlive(one), one.name)
  })
}

trouble('a stack whose state is lost can be stopped', () => {
  const { processes } = state()
  writeFileSync(join(folder, 'state.json'), '{"ports":{}')
  assert.is(demo('down').stdout, 'stopped 5 processes\n')
  for (const one of processes) assert.not(isAlive(one), one.name)
  assert.equal(demo('status'), { status: 1, stdout: 'nothing is running\n', stderr: '' })
})

trouble('secrets that were cut off are not made anew behind the back of those who use them', () => {
  const file = join(folder, 'secrets.json')
  const whole = readFileSync(file, 'utf8')
  for (const text of ['', whole.slice(0, -20), 'null']) {
    writeFileSync(file, text)
    const { status, stderr } = demo('up')
    assert.is(status, 1)
    assert.is(stderr, `${file} is not whole. Run make down, remove the folder ${folder}, and try again: its secrets are made anew\n`)
    assert.is(readFileSync(file, 'utf8'), text)
  }
  writeFileSync(file, whole)
})

for (const command of ['up', 'down', 'status', 'logs'] as const) {
  trouble(`a file in the place of the folder is named by ${command}, or no matter to it`, () => {
    const GATEHOUSE_DEMO_DIR = join(parent, 'file')
    writeFileSync(GATEHOUSE_DEMO_DIR, '')
    const { status, stderr, stdout } = demo(command, { GATEHOUSE_DEMO_DIR })
    assert.is(status, 1)
    if (command === 'status') assert.is(stdout, 'nothing is running\n')
    else assert.match(stderr, command === 'logs' ? /^there are no logs in / : /^\S+\/file\S* cannot be there: a file stands where.*\n$/)
  })
}

trouble('a validator that does not start is quoted, and the one before it is not; its log stays one of JSON lines', () => {
  demo('up')
  demo('down')
  const { status, stderr } = demo('up', { CHALLENGE_SCOPES: 'most' })
  assert.is(status, 1)
  assert.match(stderr, /^validator ended at once\. Its last words:\ngatehouse: The configuration cannot be used:\n {2}- CHALLENGE_SCOPES /)
  assert.not.match(stderr, /draining|stopped/)
  const log = readFileSync(join(folder, 'logs/validator.log'), 'utf8').trimEnd().split('\n')
  assert.is(JSON.parse(log.at(-1) as string).msg, 'stopped')
  for (const line of log) assert.type(JSON.parse(line), 'object')
  assert.match(demo('logs').stdout, /^==> .*\/validator\.stderr\.log$[\s\S]*CHALLENGE_SCOPES/m)
})

trouble('an nginx that ends without a word is not given those of an earlier one', () => {
  const nginx = join(parent, 'nginx')
  const words = ['echo some words >&2', ''].map((line) => {
    writeFileSync(nginx, `#!/bin/sh\n${line}\nexit 1\n`, { mode: 0o755 })
    return demo('up', { NGINX_BIN: nginx }).stderr
  })
  assert.equal(words, ['nginx ended at once. Its last words:\nsome words\n', 'nginx ended at once, and said nothing\n'])
  assert.is(demo('status').stdout, 'nothing is running\n')
})

trouble.run()
