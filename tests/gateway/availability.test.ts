/** When the validator is away, slow or wrong: 503 within a second, and the MCP servers hear nothing. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { call, type Gateway, message, post, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const availability = suite('availability')
let gateway: Gateway
let authorization = ''
let wrong: Gateway
let fake: Server
let answer: (response: ServerResponse) => void = () => {}

availability.before(async () => {
  gateway = await startGateway({ deadlines: 'shipped' })
  authorization = `Bearer ${await gateway.issuer.token()}`
  fake = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1')
  await new Promise((done) => fake.once('listening', done))
  wrong = await startGateway({ validatorAddress: `127.0.0.1:${(fake.address() as AddressInfo).port}`, deadlines: 'shipped' })
})
availability.after(async () => {
  fake.closeAllConnections()
  fake.close()
  await Promise.all([gateway.close(), wrong.close()])
})
availability.before.each(() => {
  gateway.reset()
  wrong.reset()
})

const ask = async (which: Gateway, tool = 'now') => {
  const started = Date.now()
  const [got] = await which.raw(post('/currenttime/mcp', call(tool), { Authorization: authorization }))
  return { status: got?.status, headers: got?.headers ?? {}, body: got?.body ?? '', milliseconds: Date.now() - started }
}

async function refusesWith503(which: Gateway, tool?: string): Promise<void> {
  const { status, headers, body, milliseconds } = await ask(which, tool)
  assert.is(status, 503, body)
  assert.type(JSON.parse(body).reason ?? JSON.parse(body).error?.data?.reason, 'string')
  assert.equal(headers['retry-after'], ['1'])
  assert.ok(milliseconds < 1000, `took ${milliseconds} ms`)
  assert.is(which.currenttime.received.length, 0, 'the MCP server heard something')
}

availability('a stopped validator (SIGSTOP) is a 503 in time, and is used again when it goes on', async () => {
  gateway.validator.child.kill('SIGSTOP')
  await refusesWith503(gateway)
  await refusesWith503(gateway, 'delete_all')
  gateway.validator.child.kill('SIGCONT')
  await until('it answers again', async () => (await ask(gateway)).status === 200, 3000)
})

availability('a killed validator is a 503, and a new one is used at once', async () => {
  await gateway.validator.stop('SIGKILL')
  await refusesWith503(gateway)
  await gateway.restartValidator()
  assert.is((await ask(gateway)).status, 200)
})

const identity = { 'x-user': 'mallory', 'x-server-name': 'currenttime', 'x-mcp-allow': 'tools/call=now' }
for (const [name, respond] of [
  ['200', (response: ServerResponse) => response.writeHead(200, identity).end('{}')],
  ['201 without a body', (response: ServerResponse) => response.writeHead(201, identity).end()],
  ['204 as any service might', (response: ServerResponse) => response.writeHead(204).end()],
  ['204 for another server', (response: ServerResponse) => response.writeHead(204, { ...identity, 'x-server-name': 'mcpgw' }).end()],
  ['204 without a user', (response: ServerResponse) => response.writeHead(204, { ...identity, 'x-user': '' }).end()],
  ['206', (response: ServerResponse) => response.writeHead(206, identity).end('part')],
  ['500', (response: ServerResponse) => response.writeHead(500).end('oops')],
  ['404', (response: ServerResponse) => response.writeHead(404).end()],
  ['302', (response: ServerResponse) => response.writeHead(302, { location: '/' }).end()],
  ['429', (response: ServerResponse) => response.writeHead(429).end()],
  ['a closed connection', (response: ServerResponse) => response.destroy()],
  ['a head that never ends', (response: ServerResponse) => response.socket?.write('HTTP/1.1 204 No Content\r\nX-User: a')],
  ['no HTTP', (response: ServerResponse) => response.socket?.end('hello\r\n\r\n')],
  [
    'a head of 100 KB',
    (response: ServerResponse) => response.socket?.end(`HTTP/1.1 204 No Content\r\nX-User: ${'a'.repeat(100_000)}\r\n\r\n`),
  ],
  ['nothing', () => {}],
] as Array<[string, (response: ServerResponse) => void]>) {
  availability(`a validator that answers ${name} lets nobody through`, async () => {
    answer = respond
    await refusesWith503(wrong)
  })
}

availability('a validator that answers the second question wrongly lets nobody through', async () => {
  for (const second of [200, 206, 302, 404, 500]) {
    let asked = 0
    answer = (response) => {
      asked += 1
      response.writeHead(asked === 1 ? 204 : second, { 'x-user': 'agent', 'x-server-name': 'currenttime', 'x-mcp-allow': 'ping' }).end()
    }
    const { status } = await ask(wrong)
    assert.is(asked, 2)
    assert.is(status, 503, `${second} became ${status}`)
    assert.is(wrong.currenttime.received.length, 0)
  }
})

availability('a port where nobody accepts is a 503 in time', async () => {
  // Accepts at the kernel's level only: what a machine under heavy load looks like.
  const mute = createTcpServer().listen(0, '127.0.0.1')
  await new Promise((done) => mute.once('listening', done))
  const stuck = await startGateway({ validatorAddress: `127.0.0.1:${(mute.address() as AddressInfo).port}`, deadlines: 'shipped' })
  await refusesWith503(stuck)
  mute.close()
  await stuck.close()
})

availability('a stranger costs no byte of the body', async () => {
  const head = 'POST /currenttime/mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n'
  const [got] = await gateway.raw(head, { timeout: 1500 })
  assert.is(got?.status, 401, 'it waited for the body')
  const [known] = await gateway.raw(head.replace('Content-Type', `Authorization: ${authorization}\r\nContent-Type`), { timeout: 500 })
  assert.is(known, undefined, 'a known caller is listened to')
})

availability('a validator on a unix socket serves as well', async () => {
  const socket = join(gateway.folder, 'v.sock')
  const other = await startGateway({ validatorAddress: `unix:${socket}`, env: { VALIDATOR_LISTEN: `unix:${socket}` } })
  const token = await other.issuer.token()
  const ping = post('/currenttime/mcp', message('ping'), { Authorization: `Bearer ${token}` })
  assert.is((await other.raw(ping))[0]?.status, 200)
  await other.validator.stop('SIGKILL')
  await other.restartValidator()
  assert.is((await other.raw(ping))[0]?.status, 200, 'the socket of the killed one was in the way')
  await other.close()
})

availability('a file that is no socket stays where it is', async () => {
  const precious = join(gateway.folder, 'precious.txt')
  writeFileSync(precious, 'precious')
  await startGateway({ env: { VALIDATOR_LISTEN: `unix:${precious}` } }).then(
    () => assert.unreachable('it has started'),
    (error) => assert.match(String(error), 'precious.txt is in use'),
  )
  assert.is(readFileSync(precious, 'utf8'), 'precious')
})

availability('SIGTERM ends the validator with 0 within 5 s, with connections open', async () => {
  assert.is((await ask(gateway)).status, 200)
  const started = Date.now()
  assert.is(await gateway.validator.stop('SIGTERM'), 0)
  assert.ok(Date.now() - started < 5000, `took ${Date.now() - started} ms`)
  await gateway.restartValidator()
})

availability.run()
