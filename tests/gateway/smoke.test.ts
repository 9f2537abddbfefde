import * as assert from '../support/assert.ts'
import { call, type Gateway, post, startGateway } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const gate = suite('the gate')
let gateway: Gateway

gate.before(async () => {
  gateway = await startGateway()
})
gate.after(() => gateway.close())
gate.before.each(() => gateway.reset())

gate('lets an allowed call through, with identity and without credentials', async () => {
  const token = await gateway.issuer.token()
  const [answer] = await gateway.raw(post('/currenttime/mcp', call('now'), { Authorization: `Bearer ${token}` }))
  assert.is(answer?.status, 200, JSON.stringify(answer))
  assert.is(gateway.currenttime.received.length, 1)
  assert.equal(gateway.currenttime.values('x-user'), ['agent'])
  assert.equal(gateway.currenttime.values('authorization'), [])
})

gate('refuses another tool with the scope that is missing', async () => {
  const token = await gateway.issuer.token()
  const [answer] = await gateway.raw(post('/currenttime/mcp', call('delete_all'), { Authorization: `Bearer ${token}` }))
  assert.is(answer?.status, 403, JSON.stringify(answer))
  assert.match(answer?.headers['www-authenticate']?.[0] ?? '', /scope="test\/all"/)
  assert.is(gateway.currenttime.received.length, 0)
})

gate('takes a session cookie', async () => {
  const [answer] = await gateway.raw(post('/currenttime/mcp', call('now'), { Cookie: await gateway.cookie(['callers']) }))
  assert.is(answer?.status, 200, JSON.stringify(answer))
  assert.equal(gateway.currenttime.values('x-user'), ['rosa'])
  assert.equal(gateway.currenttime.values('cookie'), [])
})

gate.run()
