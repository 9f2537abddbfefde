/** The audit trail: what NGINX and the validator write about a request, and what they never write. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { call, type Gateway, post, SECRET_KEY, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const audit = suite('audit trail')
let gateway: Gateway
let token = ''

audit.before(async () => {
  gateway = await startGateway()
  token = await gateway.issuer.token()
})
audit.after(() => gateway.close())
audit.before.each(() => gateway.reset())

type Line = Record<string, unknown>
const accessLines = (): Line[] => {
  const text = readFileSync(join(gateway.folder, 'logs/access.json'), 'utf8').trim()
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Line)
}
const decisionLines = (): Line[] => {
  // The last one may not have come whole yet.
  const lines = gateway.validator.output().split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === 'decision')
}

/** Sends a call and gives its line in the access log. */
async function trace(id: string, tool: string, headers: Record<string, string>): Promise<Line> {
  await gateway.raw(post('/currenttime/mcp?access_token=hidden', call(tool), { 'X-Request-Id': id, ...headers }))
  await until('the line is written', () => accessLines().some(({ request_id }) => request_id === id))
  return accessLines().find(({ request_id }) => request_id === id) as Line
}
const pick = (line: Line, ...names: string[]): Line => Object.fromEntries(names.map((name) => [name, line[name]]))

audit('an allowed call: who, where, what, and that it was allowed', async () => {
  const line = await trace('allowed-1', 'now', { Authorization: `Bearer ${token}` })
  assert.equal(
    pick(line, 'user', 'client_id', 'auth_method', 'server', 'http_method', 'path', 'method', 'name', 'decision', 'reason', 'status'),
    {
      user: 'agent',
      client_id: 'agent',
      auth_method: 'jwt',
      server: 'currenttime',
      http_method: 'POST',
      path: '/currenttime/mcp',
      method: 'tools/call',
      name: 'now',
      decision: 'allow',
      reason: '',
      status: 200,
    },
  )
})

audit('a refused call: the same, and why not', async () => {
  const line = await trace('refused-1', 'delete_all', { Cookie: await gateway.cookie(['callers']) })
  assert.equal(pick(line, 'user', 'auth_method', 'name', 'decision', 'reason', 'status'), {
    user: 'rosa',
    auth_method: 'session_cookie',
    name: 'delete_all',
    decision: 'refuse',
    reason: 'name_not_allowed',
    status: 403,
  })
  const find = (): Line | undefined => decisionLines().find(({ request_id, name }) => request_id === 'refused-1' && name === 'delete_all')
  await until('the validator has written its line', () => find() !== undefined)
  const verdict = find()
  assert.equal(pick(verdict ?? {}, 'user', 'server', 'decision', 'reason'), {
    user: 'rosa',
    server: 'currenttime',
    decision: 'refuse',
    reason: 'name_not_allowed',
  })
})

audit('a stranger', async () => {
  const line = await trace('stranger-1', 'now', {})
  assert.equal(pick(line, 'user', 'decision', 'reason', 'status'), { user: '', decision: 'refuse', reason: 'no_credentials', status: 401 })
})

audit("a browser's preflight is neither allowed nor refused; one with a credential is", async () => {
  const preflight = async (id: string, ...more: string[]): Promise<Line> => {
    const lines = ['Host: localhost', `Origin: ${gateway.url}`, 'Access-Control-Request-Method: POST', `X-Request-Id: ${id}`, ...more]
    await gateway.raw(`OPTIONS /currenttime/mcp HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    await until('the line is written', () => accessLines().some(({ request_id }) => request_id === id))
    return accessLines().find(({ request_id }) => request_id === id) as Line
  }
  const names = ['server', 'decision', 'reason', 'status']
  assert.equal(pick(await preflight('preflight-1'), ...names), { server: 'currenttime', decision: '', reason: 'preflight', status: 204 })
  const odd = await preflight('preflight-2', `Authorization: Bearer ${token}`)
  assert.equal(pick(odd, ...names), { server: 'currenttime', decision: 'refuse', reason: 'method_not_allowed', status: 405 })
})

audit('a request id is taken over, or made, and handed on to everybody', async () => {
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const headers = { Authorization: `Bearer ${token}`, traceparent: trace }
  const [taken] = await gateway.raw(post('/currenttime/mcp', call('now'), { ...headers, 'X-Request-Id': 'mine-12345' }))
  assert.equal(taken?.headers['x-request-id'], ['mine-12345'])
  assert.equal(gateway.currenttime.values('x-request-id'), ['mine-12345'])
  assert.equal(gateway.currenttime.values('traceparent'), [trace])
  const [made] = await gateway.raw(post('/currenttime/mcp', call('now'), { ...headers, 'X-Request-Id': 'a b"\\', traceparent: 'nonsense' }))
  assert.match(made?.headers['x-request-id']?.[0] ?? '', /^[0-9a-f]{32}$/)
  assert.equal(gateway.currenttime.values('x-request-id'), made?.headers['x-request-id'])
  assert.equal(gateway.currenttime.values('traceparent'), [])
  const [refused] = await gateway.raw(post('/currenttime/mcp', call('no'), { ...headers, 'X-Request-Id': 'refused-12345' }))
  assert.equal(refused?.headers['x-request-id'], ['refused-12345'])
})

audit('no credential is written anywhere, and control characters stay inside their line', async () => {
  const cookie = await gateway.cookie(['callers'])
  const seal = cookie.split('=')[1] ?? ''
  await gateway.raw(post('/currenttime/mcp?access_token=hidden', call('now'), { Authorization: `Bearer ${token}`, Cookie: cookie }))
  await gateway.raw(post('/currenttime/mcp', call('now'), { Authorization: `Bearer ${token}x` }))
  await gateway.raw(post('/currenttime/mcp', call('now'), { Cookie: `${cookie}x` }))
  await gateway.raw(post('/currenttime/mcp', call('now'), { Authorization: `Basic ${token}` }))
  await gateway.raw(post('/currenttime/mcp', call('line\u2028end"}'), { Authorization: `Bearer ${token}` }))
  await until('the lines are written', () => accessLines().some(({ name }) => String(name).startsWith('line')))
  const logs = gateway.logs()
  for (const secret of [token, token.split('.')[2] ?? '', seal, SECRET_KEY, 'hidden'])
    assert.not.ok(logs.includes(secret), 'a credential is in a log')
})

audit('a validator that is away', async () => {
  await gateway.validator.stop('SIGKILL')
  const line = await trace('away-12345', 'now', { Authorization: `Bearer ${token}` })
  assert.equal(pick(line, 'decision', 'reason', 'status'), { decision: 'refuse', reason: 'validator_unavailable', status: 503 })
})

audit.run()
