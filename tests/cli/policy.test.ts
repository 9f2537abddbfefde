/** `gatehouse policy check|test|diff|table`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { type Ended, executable, makeHome, run as start } from './command.ts'

const policy = suite('gatehouse policy')
const home = makeHome()
policy.after(() => home.remove())

const shipped = join(root, 'scopes.yml')
const run = (args: string[], env: Record<string, string> = {}, input = ''): Promise<Ended> =>
  home.gatehouse(['policy', ...args], env, input)

function save(name: string, text: string): string {
  const file = join(home.folder, name)
  writeFileSync(file, text)
  return file
}

const GOOD = `group_mappings:
  dev: [t/read]
t/read:
  - server: now
    methods: [ping, tools/call]
    tools: [tick]
`

policy('check: a good file, exit code 0', async () => {
  const { code, stdout, stderr } = await run(['check', shipped])
  assert.equal([code, stdout, stderr], [0, `${shipped}: 0 problems, 0 warnings\n`, ''])
  assert.is((await run(['check'], { SCOPES_FILE: shipped })).stdout, stdout)
})

policy('check: every problem with its line, exit code 1', async () => {
  const file = save('bad.yml', GOOD.replace('[tick]', '7').replace('server: now', 'server: a b').replace('[t/read]', 'x'))
  const { code, stdout } = await run(['check', file])
  assert.is(code, 1)
  assert.equal(
    stdout.split('\n').map((line) => line.replace(file, 'FILE').slice(0, 45)),
    [
      'FILE:2: error: group_mappings.dev must be a l',
      'FILE:4: error: t/read[0].server must be "*" o',
      'FILE:6: error: t/read[0].tools must be "*" or',
      'FILE: 3 problems, 0 warnings',
      '',
    ],
  )
})

policy('check: warnings, exit code 0, with --strict 1', async () => {
  const file = save('odd.yml', GOOD.replace('[t/read]', '[t/read, t/raed]'))
  const { code, stdout } = await run(['check', file])
  assert.is(code, 0)
  assert.match(stdout, `${file}:2: warning: group_mappings.dev[1] "t/raed" is no scope of this file\n`)
  assert.is((await run(['check', '--strict', file])).code, 1)
  assert.is((await run(['check', '--strict', shipped])).code, 0)
  const json = JSON.parse((await run(['check', '--json', file])).stdout)
  assert.equal(json.problems, [])
  assert.equal(
    json.warnings.map(({ kind, line, path }: Record<string, unknown>) => [kind, line, path]),
    [['unknown_scope', 2, 'group_mappings.dev[1]']],
  )
})

policy('check: what is no YAML is a problem with line and column', async () => {
  const { code, stdout } = await run(['check', '-'], {}, 'a/b:\n\t- server: x\n')
  assert.is(code, 1)
  assert.match(stdout, /^standard input:2: error: line 2, column 1: tab characters.*\nstandard input: 1 problem, 0 warnings\n$/)
})

policy('test: one line each and a sum, exit code 0', async () => {
  const { code, stdout } = await run(['test', join(root, 'scopes.test.yml')])
  assert.is(code, 0, stdout)
  const lines = stdout.trimEnd().split('\n')
  assert.is(lines.at(-1), `${lines.length - 1} passed, 0 failed`)
  assert.ok(lines.length > 100)
  assert.ok(lines.includes('ok    user: currenttime tools/call current_time_by_timezone is denied'))
})

const TESTS = `subjects:
  dev: { groups: [dev] }
  Dev: { groups: [Dev] }
tests:
  - who: [dev, Dev]
    allowed: [now ping]
  - who: dev
    denied:
      - now ping
      - now tools/call tock
`

policy('test: what fails, where and why, exit code 1', async () => {
  save('good.yml', GOOD)
  const file = save('good.test.yml', TESTS)
  const { code, stdout } = await run(['test', file])
  assert.is(code, 1)
  assert.is(
    stdout.replaceAll(file, 'FILE'),
    `${[
      'ok    dev: now ping is allowed',
      'FAIL  Dev: now ping is denied and should not be (FILE:6)',
      '      server_not_allowed: In Cognito, put Dev into the group dev, and log in again.',
      'FAIL  dev: now ping is allowed and should not be (FILE:9)',
      '      allowed by t/read[0], line 4',
      'ok    dev: now tools/call tock is denied',
      'note  Dev: the policy does not map the group "Dev"',
      '2 passed, 2 failed',
    ].join('\n')}\n`,
  )
  const json = JSON.parse((await run(['test', '--json', file])).stdout)
  assert.equal([json.passed, json.failed, json.results.length, json.results[1].line], [2, 2, 4, 6])
})

policy('test: the policy by option, by the file, or of the same name', async () => {
  const wide = save('wide.yml', GOOD.replace('[tick]', '"*"'))
  const file = save('good.test.yml', TESTS)
  assert.match((await run(['test', file, '--policy', wide])).stdout, 'FAIL  dev: now tools/call tock is allowed')
  const named = save('other.test.yml', `policy: wide.yml\n${TESTS}`)
  assert.match((await run(['test', named])).stdout, 'FAIL  dev: now tools/call tock is allowed')
  const lost = await run(['test', save('examples.yml', TESTS)])
  assert.is(lost.code, 2)
  assert.match(lost.stderr, 'Say it by --policy')
})

policy('test: files that cannot be used, exit code 2', async () => {
  const file = save(
    'bad.test.yml',
    'subjects: {a: {groups: [x]}}\ntests:\n  - who: b\n    allowed:\n      - now ping\n      - now ping x\n',
  )
  const { code, stderr } = await run(['test', file, '--policy', shipped])
  assert.is(code, 2)
  assert.match(
    stderr,
    /bad\.test\.yml:3: tests\[0\]\.who: there is no subject "b"\n.*bad\.test\.yml:6: tests\[0\]\.allowed\[1\]: ping takes/,
  )
  const broken = await run(['test', save('x.test.yml', '[')])
  assert.equal([broken.code, broken.stdout], [2, ''])
})

policy('diff: nobody, exit code 0', async () => {
  const other = save('other.yml', GOOD.replace('[ping, tools/call]', '[tools/call, ping]'))
  const { code, stdout } = await run(['diff', save('good.yml', GOOD), other])
  assert.equal([code, stdout], [0, 'Nobody gains or loses anything.\n'])
})

policy('diff: who gains and who loses, exit code 1', async () => {
  const other = save('other.yml', GOOD.replace('[ping, tools/call]', '[tools/call]').replace('[tick]', '"*"'))
  const { code, stdout } = await run(['diff', '-', other], {}, GOOD)
  assert.is(code, 1)
  const change = '    + now: every tool\n    - now: method ping\n'
  assert.is(stdout, `Users, by group\n  dev\n${change}\nAgents, by scope\n  t/read\n${change}`)
  const json = JSON.parse((await run(['diff', '--json', '-', other], {}, GOOD)).stdout)
  assert.equal(json.changes[0], {
    who: { kind: 'group', name: 'dev' },
    since: 'both',
    server: 'now',
    except: [],
    gained: [{ kind: 'tool', name: '*', except: [] }],
    lost: [{ kind: 'method', name: 'ping', except: [] }],
  })
})

policy('diff: files that cannot be used, exit code 2', async () => {
  for (const args of [
    ['-', '-'],
    [shipped, '/nowhere.yml'],
    [save('bad.yml', 'x: 7'), shipped],
  ]) {
    const { code, stdout, stderr } = await run(['diff', ...args], {}, GOOD)
    assert.equal([code, stdout], [2, ''])
    assert.not.match(stderr, /at file:|node:internal/)
  }
})

policy('table: in each format, by group and by scope', async () => {
  const file = save('good.yml', GOOD)
  assert.match((await run(['table', file])).stdout, /dev\n\nnow\n {2}connect \(GET, DELETE\) {2}x\n/)
  assert.match((await run(['table', file, '--format', 'markdown'])).stdout, '| now | tool tick | ✓ |\n')
  assert.match((await run(['table', file, '--format', 'csv', '--by', 'scope'])).stdout, /^server,kind,name,t\/read\r\n/)
  const json = JSON.parse((await run(['table', file, '--format', 'json'])).stdout)
  assert.equal([json.by, json.holders, json.rows[0]], ['group', ['dev'], { server: 'now', kind: 'server', name: '', allowed: [true] }])
  assert.is((await run(['table', file, '--format', 'xml'])).code, 2)
})

for (const name of ['check', 'test', 'diff', 'table']) {
  policy(`${name} --help shows examples`, async () => {
    const { code, stdout } = await run([name, '--help'])
    assert.is(code, 0)
    assert.match(stdout, new RegExp(`Examples:\n  gatehouse policy ${name}`))
  })
}

policy('a reader that has seen enough is no trouble', async () => {
  const entries = Array.from({ length: 20_000 }, (_, at) => `  - {server: s${at % 50}, methods: [tools/call], tools: [t${at}]}`)
  const file = save('huge.yml', `group_mappings: {dev: [t/x]}\nt/x:\n${entries.join('\n')}\n`)
  const { stderr } = await start('sh', ['-c', '"$0" policy table "$1" | head -c 1', executable, file], { HOME: home.folder }).ended
  assert.is(stderr, '')
})

policy('and what was found is in the exit code all the same', async () => {
  const file = save('wrong.yml', `t/x:\n${'  - {server: now, methods: 3}\n'.repeat(20_000)}`)
  const { code, stderr } = await start('bash', ['-o', 'pipefail', '-c', '"$0" policy check "$1" | head -c 1', executable, file], {
    HOME: home.folder,
  }).ended
  assert.equal([code, stderr], [1, ''])
})

policy('files that hurt a terminal or the reader come out harmless', async () => {
  const odd = save('odd.yml', GOOD.replace('tools: [tick]', 'tools: ["t\\e[2Jick"]'))
  assert.not.match((await run(['table', odd])).stdout, '\x1b')
  for (const text of ['\xff\xfe', `a: ${'['.repeat(50_000)}`, 'a/b: &a [*a]', '']) {
    const ended = await run(['check', save('hurt.yml', text)])
    assert.is(ended.code, 1)
    assert.not.match(ended.stderr, /at file:|node:internal/)
  }
})

policy.run()
