/** Every command of docs/observability.md, run on the logs of a gateway that was really used. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { call, type Gateway, post, root, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const recipes = suite('recipes for the logs')
const commands = [...readFileSync(join(root, 'docs/observability.md'), 'utf8').matchAll(/^```sh\n(jq [\s\S]*?)^```$/gm)].map(
  ([, command]) => command as string,
)
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
let gateway: Gateway
let files: Record<string, string> = {}

recipes.before(async () => {
  gateway = await startGateway({ env: { DECISION_CACHE_SECONDS: '10' } })
  const Authorization = `Bearer ${await gateway.issuer.token()}`
  const Cookie = await gateway.cookie(['callers'], 'rosa')
  const ask = (tool: string, headers: Record<string, string>) => gateway.raw(post('/currenttime/mcp', call(tool), headers))
  const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`
  for (const _ of [1, 2, 3, 4, 5, 6]) await ask('now', { Authorization })
  await ask('now', { Cookie })
  await ask('delete_all', { Cookie, traceparent, 'X-Request-Id': 'followed-1' })
  for (const _ of [1, 2]) await ask('now', {})
  writeFileSync(gateway.scopesFile, 'group_mappings: [')
  files = { LOG: join(gateway.folder, 'logs/access.json'), VALIDATOR_LOG: join(gateway.folder, 'validator.json') }
  const lines = (text: string, what: RegExp): number => text.match(what)?.length ?? 0
  await until('all is written', () => {
    const told = lines(gateway.validator.output(), /"decision":"/g) >= 5 && gateway.validator.output().includes('policy refused')
    return told && lines(readFileSync(files.LOG as string, 'utf8'), /\n/g) >= 10
  })
  writeFileSync(files.VALIDATOR_LOG as string, gateway.validator.output())
})
recipes.after(() => gateway.close())

/** The output of the one command that holds the word, as rows of columns. */
function run(word: string): string[][] {
  const found = commands.filter((command) => command.includes(word))
  assert.is(found.length, 1, word)
  const env = { ...process.env, ...files, REQUEST_ID: 'followed-1', TRACE_ID: TRACE, TZ: 'UTC' }
  const { status, stdout, stderr } = spawnSync('sh', ['-c', found[0] as string], { env, encoding: 'utf8' })
  assert.equal([status, stderr], [0, ''])
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
}

recipes('who was refused in the last hour, and why', () => {
  assert.equal(run('now - 3600'), [
    ['2', 'stranger', '127.0.0.1', 'currenttime', 'no_credentials', '', ''],
    ['1', 'rosa', '127.0.0.1', 'currenttime', 'name_not_allowed', 'tools/call', 'delete_all'],
  ])
})

recipes('the hour is an hour in every time zone', () => {
  const at = (offset: number, ago: number): string => {
    const local = new Date(Date.now() - ago * 60_000 + offset * 60_000).toISOString().slice(0, 19)
    const digits = (value: number): string => String(value).padStart(2, '0')
    return `${local}${offset < 0 ? '-' : '+'}${digits(Math.trunc(Math.abs(offset) / 60))}:${digits(Math.abs(offset) % 60)}`
  }
  const line = (user: string, time: string): string => JSON.stringify({ decision: 'refuse', user, time, server: 's', reason: 'r' })
  const real = files
  files = { ...real, LOG: join(gateway.folder, 'zones.json') }
  const lines = [0, 330, -480].flatMap((offset) => [line(`in${offset}`, at(offset, 55)), line(`out${offset}`, at(offset, 65))])
  writeFileSync(files.LOG as string, lines.join('\n'))
  const users = run('now - 3600').map(([, user]) => user)
  files = real
  assert.equal(users.sort(), ['in-480', 'in0', 'in330'])
})

recipes('the 99th of a hundred, by server', () => {
  const [[server, seconds, requests] = [], ...others] = run('.request_time')
  assert.equal([server, requests, others], ['currenttime', '7', []])
  assert.ok(Number(seconds) >= 0 && Number(seconds) < 5)
  const [[of, half, most, decisions] = []] = run('rank(0.99)')
  assert.is(of, 'currenttime')
  assert.ok(Number(half) > 0 && Number(half) <= Number(most) && Number(decisions) >= 5)
})

recipes('who calls the most', () => {
  assert.equal(run('sort_by(-.[0])[:20]'), [
    ['6', 'agent', 'currenttime', 'tools/call', 'now'],
    ['1', 'rosa', 'currenttime', 'tools/call', 'now'],
  ])
})

recipes('how often NGINX remembered', () => {
  // Each of two callers is asked for once, and a stranger each time: four of ten requests.
  assert.equal(run('slurpfile'), [['10 requests, 4 asked for, 60 % remembered']])
})

recipes('one request, and one trace, through both logs', () => {
  const found = run('$id').map(([line]) => JSON.parse(line as string) as Record<string, unknown>)
  assert.equal(
    found.map(({ user, name, reason }) => [user, name, reason]),
    [
      ['rosa', 'delete_all', 'name_not_allowed'],
      ['rosa', 'delete_all', 'name_not_allowed'],
    ],
  )
  assert.equal([found[0]?.traceparent, found[1]?.trace_id], [`00-${TRACE}-00f067aa0ba902b7-01`, TRACE])
  assert.equal(run('$trace'), run('$id'))
})

recipes('what happened besides', () => {
  assert.match(run('.level != "info"').join('\n'), /policy refused/)
})

recipes('no command of the document is left out', () => {
  assert.is(commands.length, 8)
})

recipes.run()
