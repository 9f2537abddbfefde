/** The figures of a validator that is running behind NGINX, as Prometheus would read them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REFUSALS } from '../../src/gate/refusal.ts'
import * as assert from '../support/assert.ts'
import { call, type Gateway, POLICY, post, root, SECRET_KEY, startGateway } from '../support/gateway.ts'
import { freePort, start, until } from '../support/process.ts'
import { send } from '../support/raw.ts'
import { suite } from '../support/suite.ts'
import { samplesOf, valueIn } from './exposition.ts'

const metrics = suite('metrics')
let gateway: Gateway
let port = 0
let token = ''

metrics.before(async () => {
  port = await freePort()
  gateway = await startGateway({ env: { METRICS_LISTEN: `127.0.0.1:${port}` } })
  token = await gateway.issuer.token()
})
metrics.after(() => gateway.close())

const read = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
const ask = async (tool: string, headers: Record<string, string>): Promise<number | undefined> =>
  (await gateway.raw(post('/currenttime/mcp', call(tool), headers)))[0]?.status

/** How much each of the named samples grows by what is done. */
async function growth(samples: [name: string, labels?: Record<string, string>][], act: () => Promise<unknown>): Promise<number[]> {
  const before = await read()
  await act()
  const after = await read()
  return samples.map(([name, labels]) => (valueIn(after, name, labels) ?? 0) - (valueIn(before, name, labels) ?? 0))
}

metrics('decisions are counted by result, reason and credential, and by server', async () => {
  const cookie = await gateway.cookie(['callers'], 'rosa.the.user')
  const decisions = 'gatehouse_decisions_total'
  const counted = await growth(
    [
      [decisions, { result: 'allow', reason: '', auth_method: 'jwt' }],
      [decisions, { result: 'allow', reason: '', auth_method: 'session_cookie' }],
      [decisions, { result: 'refuse', reason: 'no_credentials', auth_method: 'none' }],
      [decisions, { result: 'refuse', reason: 'token_malformed', auth_method: 'none' }],
      [decisions, { result: 'refuse', reason: 'name_not_allowed', auth_method: 'session_cookie' }],
      ['gatehouse_server_decisions_total', { server: 'currenttime', result: 'allow' }],
      ['gatehouse_server_decisions_total', { server: 'currenttime', result: 'refuse' }],
      ['gatehouse_decision_seconds_count'],
      ['gatehouse_decision_seconds_bucket', { le: '+Inf' }],
      ['gatehouse_memory_hits_total', { kind: 'token' }],
      ['gatehouse_memory_additions_total', { kind: 'token' }],
      ['gatehouse_memory_additions_total', { kind: 'session' }],
      ['gatehouse_memory_entries', { kind: 'token' }],
      ['gatehouse_memory_entries', { kind: 'session' }],
    ],
    async () => {
      // Each call is let through by what the first question found; only the one that is not in it is asked for again.
      for (const _ of [1, 2, 3]) assert.is(await ask('now', { Authorization: `Bearer ${token}` }), 200)
      assert.is(await ask('now', {}), 401)
      assert.is(await ask('now', { Authorization: 'Bearer nonsense' }), 401)
      assert.is(await ask('delete_all', { Cookie: cookie }), 403)
    },
  )
  assert.equal(counted, [3, 1, 1, 1, 1, 4, 3, 7, 7, 2, 1, 1, 1, 1])
})

metrics('buckets only grow, and their sum is that of the decisions', async () => {
  const text = await read()
  const buckets = samplesOf(text).filter(({ name }) => name === 'gatehouse_decision_seconds_bucket')
  assert.equal([buckets[0]?.labels.le, buckets.at(-2)?.labels.le, buckets.at(-1)?.labels.le], ['0.00002', '0.5', '+Inf'])
  buckets.forEach(({ value }, index) => {
    assert.ok(value >= (buckets[index - 1]?.value ?? 0))
  })
  const decided = samplesOf(text).filter(({ name }) => name === 'gatehouse_decisions_total')
  const sum = decided.reduce((total, { value }) => total + value, 0)
  assert.is(valueIn(text, 'gatehouse_decision_seconds_count'), sum)
  const seconds = valueIn(text, 'gatehouse_decision_seconds_sum') ?? 0
  assert.ok(seconds > 0 && seconds < 10)
})

metrics('no name of a caller, no credential and no invented name of a server becomes part of the figures', async () => {
  const seal = (await gateway.cookie(['callers'], 'rosa.the.user')).split('=')[1] ?? ''
  const invented = 'invented-server'
  const lines = ['GET /validate HTTP/1.1', 'Host: validator', `X-Mcp-Server: ${invented}`, 'X-Mcp-Http-Method: POST']
  const [answer] = await send(gateway.validatorPort, `${lines.join('\r\n')}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  assert.is(answer?.status, 403)
  const text = await read()
  for (const part of ['rosa', token.slice(-20), seal.slice(-20), SECRET_KEY, invented, 'callers', 'test/now', 'agent'])
    assert.not(text.includes(part), part)
  assert.ok((valueIn(text, 'gatehouse_server_decisions_total', { server: '(other)', result: 'refuse' }) ?? 0) >= 1)
  const values = new Map<string, Set<string>>()
  for (const { name, labels } of samplesOf(text).filter(({ name }) => name.startsWith('gatehouse_')))
    for (const [label, value] of Object.entries(labels)) {
      const key = label === 'result' && name.startsWith('gatehouse_keys') ? 'fetched' : label
      values.set(key, (values.get(key) ?? new Set()).add(value))
    }
  const bounds: Record<string, readonly string[]> = {
    result: ['allow', 'refuse'],
    fetched: ['ok', 'failed'],
    reason: ['', ...Object.keys(REFUSALS)],
    auth_method: ['none', 'jwt', 'session_cookie'],
    server: ['currenttime', 'mcpgw', '(other)'],
    kind: ['token', 'session'],
    pool: [gateway.issuer.poolId],
  }
  for (const [label, known] of Object.entries(bounds))
    for (const value of values.get(label) ?? ['missing']) assert.ok(known.includes(value), `${label}="${value}"`)
  assert.equal([...values.keys()].sort(), [...Object.keys(bounds), 'le', 'node', 'version'].sort())
})

metrics('keys, policy, build and process', async () => {
  const text = await read()
  const pool = gateway.issuer.poolId
  const age = valueIn(text, 'gatehouse_keys_age_seconds', { pool }) ?? -1
  assert.ok(age >= 0 && age < 120, String(age))
  assert.is(valueIn(text, 'gatehouse_keys', { pool }), 1)
  assert.is(valueIn(text, 'gatehouse_keys_fetches_total', { pool, result: 'ok' }), 1)
  assert.is(valueIn(text, 'gatehouse_keys_fetches_total', { pool, result: 'failed' }), 0)
  assert.is(valueIn(text, 'gatehouse_ended_sessions'), 0)
  assert.is(valueIn(text, 'gatehouse_session_store_up'), undefined)
  assert.is(valueIn(text, 'gatehouse_faults_total'), 0)
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  assert.is(valueIn(text, 'gatehouse_build_info', { version, node: process.versions.node }), 1)
  for (const name of ['process_start_time_seconds', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds'])
    assert.ok((valueIn(text, name) ?? 0) > 0, name)
})

metrics('a policy file that breaks, and one that is good again', async () => {
  const wait = (what: string, holds: (text: string) => boolean): Promise<void> => until(what, async () => holds(await read()))
  assert.equal([valueIn(await read(), 'gatehouse_policy_broken'), valueIn(await read(), 'gatehouse_policy_loads_total')], [0, 1])
  const first = valueIn(await read(), 'gatehouse_policy_loaded_timestamp_seconds') ?? 0
  writeFileSync(gateway.scopesFile, 'group_mappings: [')
  await wait('it is broken', (text) => valueIn(text, 'gatehouse_policy_broken') === 1)
  const text = await read()
  assert.is(valueIn(text, 'gatehouse_policy_load_failures_total'), 1)
  assert.equal(
    [valueIn(text, 'gatehouse_policy_loads_total'), valueIn(text, 'gatehouse_policy_loaded_timestamp_seconds')],
    [1, first],
    'the old one stays in force',
  )
  writeFileSync(gateway.scopesFile, `${POLICY}\n`)
  await wait('it is good again', (later) => valueIn(later, 'gatehouse_policy_broken') === 0)
  assert.is(valueIn(await read(), 'gatehouse_policy_loads_total'), 2)
  assert.ok((valueIn(await read(), 'gatehouse_policy_loaded_timestamp_seconds') ?? 0) > first)
})

metrics('GET /metrics alone is answered', async () => {
  const at = `http://127.0.0.1:${port}`
  const [head, posted, other] = await Promise.all([
    fetch(`${at}/metrics`, { method: 'HEAD' }),
    fetch(`${at}/metrics`, { method: 'POST', body: 'x' }),
    fetch(`${at}/validate`),
  ])
  assert.equal([head.status, posted.status, other.status, (await fetch(`${at}/metricsx`)).status], [404, 404, 404, 404])
  const answer = await fetch(`${at}/metrics?name[]=x`)
  assert.equal([answer.status, answer.headers.get('content-type')], [200, 'text/plain; version=0.0.4; charset=utf-8'])
})

metrics('there is no way to them through NGINX, nor at the address of the validator', async () => {
  for (const path of ['/metrics', '/oauth2/metrics', '/currenttime/metrics', '/.well-known/oauth-protected-resource/metrics']) {
    const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    const answers = [...(await gateway.raw(head)), ...(await send(gateway.validatorPort, head))]
    for (const { status, body } of answers) {
      assert.ok(status >= 400, `${path}: ${status}`)
      assert.not.match(body, /gatehouse_/)
    }
  }
})

/** A start that fails, to its end. */
async function failing(variables: Record<string, string>): Promise<string> {
  const needed = {
    COGNITO_USER_POOL_ID: 'us-east-1_TestPool1',
    ALLOWED_CLIENT_IDS: 'agent',
    SECRET_KEY,
    REGISTRY_URL: 'http://localhost:8000',
  }
  const env = { ...needed, SCOPES_FILE: gateway.scopesFile, ...variables }
  const program = start(process.execPath, ['--', join(root, 'bin/gatehouse'), 'serve'], env)
  const code = await new Promise((done) => program.child.once('close', done))
  assert.is(code, 1, program.output())
  return program.output()
}

metrics('an address that is taken stops the start, and the message names the setting', async () => {
  const said = await failing({ VALIDATOR_LISTEN: `127.0.0.1:${await freePort()}`, METRICS_LISTEN: `127.0.0.1:${port}` })
  assert.match(said, new RegExp(`127\\.0\\.0\\.1:${port} is in use by another process\\. Stop it, or set METRICS_LISTEN`))
})

metrics('a start that fails ends, though a session store is still looked for', async () => {
  for (const variables of [
    { VALIDATOR_LISTEN: `127.0.0.1:${port}` },
    { VALIDATOR_LISTEN: `127.0.0.1:${await freePort()}`, METRICS_LISTEN: `127.0.0.1:${port}` },
    { VALIDATOR_LISTEN: 'unix:/nowhere/validator.sock' },
  ])
    await failing({ SESSION_STORE_URL: 'redis://127.0.0.1:1', ...variables } as Record<string, string>)
})

metrics.run()
