/** What NGINX asks the validator: its own words, each once, whatever the client says under the same names. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as assert from '../support/assert.ts'
import { call, message } from '../support/gateway.ts'
import { attackSuite } from './attack_suite.ts'
import { http, NOW, postTo } from './table.ts'
import { startWorld, type World } from './world.ts'

interface Question {
  line: string
  /** Names in lower case, with every value. */
  headers: Record<string, string[]>
}

const questions = attackSuite('questions to the validator')
let asked: Question[] = []
let validator: Server
let world: World

questions.before(async () => {
  validator = createServer(({ method, url, rawHeaders }, response) => {
    const headers: Question['headers'] = {}
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]?.toLowerCase() ?? ''
      headers[name] = [...(headers[name] ?? []), rawHeaders[at + 1] ?? '']
    }
    asked.push({ line: `${method} ${url}`, headers })
    const [server = ''] = headers['x-mcp-server'] ?? []
    const isYes = server === 'currenttime' && headers['x-mcp-call'] === undefined
    const yes = { 'x-user': 'agent', 'x-client-id': 'agent', 'x-server-name': server, 'x-mcp-allow': 'tools/call=now ping' }
    const no = { 'x-gatehouse-reason': 'name_not_allowed', 'x-gatehouse-message': 'No.', 'www-authenticate': 'Bearer realm="mcp"' }
    response.writeHead(isYes ? 204 : 403, isYes ? yes : no).end()
  })
  await new Promise<void>((done) => validator.listen(0, '127.0.0.1', done))
  world = await startWorld({ validatorAddress: `127.0.0.1:${(validator.address() as AddressInfo).port}` })
})
questions.after(async () => {
  await world?.gateway.close()
  validator.closeAllConnections()
  validator.close()
})
questions.before.each(() => {
  asked = []
  world.gateway.reset()
})

/** What is looked at by itself, or is for the log. */
const UNSAID = ['authorization', 'x-request-id', 'x-original-url']
const saidBy = ({ headers }: Question): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, values]) => (UNSAID.includes(name) ? [] : [[name, values.join(' | ')]])))

function assertAsked(bodies: readonly (object | null)[], { server = 'currenttime', method = 'POST' } = {}): void {
  assert.equal(
    asked.map(({ line }) => line),
    bodies.map(() => 'GET /validate'),
  )
  for (const [index, body] of bodies.entries()) {
    const expected = { host: 'validator', 'x-mcp-transport': 'mcp', 'x-mcp-server': server, 'x-mcp-http-method': method }
    const { 'x-mcp-call': text, ...rest } = saidBy(asked[index] as Question) as Record<string, string>
    assert.equal(rest, expected)
    assert.equal(text === undefined ? null : JSON.parse(Buffer.from(text, 'base64url').toString()), body)
    assert.equal(asked[index]?.headers.authorization, [world.agent.slice('Authorization: '.length)])
  }
}

const FORGED = [
  'X-Mcp-Server: mcpgw',
  'X-Mcp-Http-Method: GET',
  'X-Mcp-Call: eyJtZXRob2QiOiJwaW5nIn0',
  'X-Mcp-Transport: sse',
  'X-Mcp-Method: ping',
  'X-Mcp-Tool: now',
  'X-Mcp-Allow: *',
  'X-Original-URL: /health',
  'X-Original-URI: /health',
  'X-Body: {}',
  'X-User: admin',
  'X_Mcp_Server: mcpgw',
  'x-mcp-SERVER: mcpgw',
  'Transfer-Coding: x',
  'Connection: X-Mcp-Server, X-Mcp-Http-Method, Host',
]
for (const line of FORGED) {
  questions(`48 ${line} is not passed on`, async () => {
    await world.gateway.raw(http('DELETE /currenttime/mcp HTTP/1.1', ['Host: localhost', world.agent, line, line]))
    assertAsked([null], { method: 'DELETE' })
    assert.not.match(JSON.stringify(asked[0]?.headers['x-original-url']), 'health')
  })
  questions(`48 ${line} says nothing of a call that is asked about`, async () => {
    await world.gateway.raw(postTo('/currenttime/mcp', [world.agent, line], call('delete_all')))
    assertAsked([null, { method: 'tools/call', name: 'delete_all' }])
  })
}

const NAMES = [
  'now ',
  ' now',
  'a: b',
  'X-Mcp-Server: mcpgw',
  '"',
  '\\',
  '%0d%0aX-User: admin',
  '%',
  '$host',
  '$' + '{host}',
  "';--",
  'a,b;c=d',
  'é€\u{1f600}',
  '\u2028',
  'n'.repeat(256),
  '\u{1f600}'.repeat(256),
]
for (const name of NAMES) {
  questions(`105 the name ${JSON.stringify(name.slice(0, 24))} is asked about to the letter`, async () => {
    const [answer] = await world.gateway.raw(postTo('/currenttime/mcp', [world.agent], call(name)))
    assert.is(answer?.status, 403)
    assertAsked([null, { method: 'tools/call', name }])
  })
}

for (const [row, body] of [
  ['90', NOW.replace('tools/call', 'tools/list\\r\\nX-Mcp-Call: x')],
  ['90', NOW.replace('tools/call', 'ping\\u0000')],
  ['91', NOW.replace('now', 'now\\r\\nAuthorization: Bearer x\\r\\n\\r\\nGET /validate')],
  ['91', NOW.replace('now', 'now\\nX-User: admin')],
] as const) {
  questions(`${row} ${body.slice(33, 90)} is refused before it is asked about`, async () => {
    const [answer] = await world.gateway.raw(postTo('/currenttime/mcp', [world.agent], body))
    assert.is(answer?.status, 400)
    assertAsked([null])
  })
}

for (const [row, path] of [
  ['1', '/currenttime/../mcpgw/mcp'],
  ['2', '/currenttime/%2e%2e/mcpgw/mcp'],
  ['4', '/currenttime/..%2fmcpgw/mcp'],
  ['6', '//mcpgw/mcp'],
  ['12', '/currenttime/..\\mcpgw/mcp'],
  ['14', '/mcpgw/mcp#/currenttime/'],
  ['24', '/_gatehouse/validate'],
  ['24', '/_gatehouse/unremembered'],
] as const) {
  questions(`${row} ${path} is no question`, async () => {
    await world.gateway.raw(postTo(path, [world.agent]))
    assertAsked([])
  })
}
for (const path of ['/mcpgw/mcp?server=currenttime', '/mcpgw/currenttime/mcp', '/mcpgw/?/currenttime/mcp']) {
  questions(`16 ${path} is asked about as mcpgw`, async () => {
    await world.gateway.raw(postTo(path, [world.agent, 'X-Mcp-Server: currenttime'], message('ping')))
    assertAsked([null], { server: 'mcpgw' })
  })
}

questions('no MCP server has been reached where the validator said no', () => assert.equal(world.gateway.mcpgw.received, []))
questions.run()
