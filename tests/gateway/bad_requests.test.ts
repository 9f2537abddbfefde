/** What a client is told of a request that NGINX itself does not understand, or that is not literal. */
import * as assert from '../support/assert.ts'
import { call, type Gateway, post, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const bad = suite('bad requests')
let gateway: Gateway
bad.before(async () => {
  gateway = await startGateway()
})
bad.after(() => gateway?.close())

const chunked = (body: string, path = '/currenttime/mcp', more = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n${more}\r\n${body}`

const LITERAL: [string, string | Buffer][] = [
  ['a path with an escape', post('/currenttime/%6dcp', call('now'))],
  ['a path with dot segments', post('/currenttime/x/../mcp', call('now'))],
  ['an odd host', post('/currenttime/mcp', call('now'), { Host: 'a_b!' })],
  ['a control character', post('/currenttime/mcp', call('now'), { Cookie: 'a=\x01' })],
]
for (const [what, bytes] of LITERAL) {
  bad(`${what} is not literal`, async () => {
    const [answer] = await gateway.raw(bytes)
    assert.equal([answer?.status, JSON.parse(answer?.body ?? '{}').reason], [400, 'request_not_literal'])
  })
}

for (const body of ['zz\r\n', '0x10\r\n', '-1\r\n', '5\r\nabcdefgh\r\n0\r\n\r\n']) {
  bad(`chunks that are none, ${JSON.stringify(body)}, are malformed`, async () => {
    const authorization = `Authorization: Bearer ${await gateway.issuer.token()}\r\n`
    const [answer] = await gateway.raw(chunked(body, '/currenttime/mcp', authorization))
    const { reason, message } = JSON.parse(answer?.body ?? '{}')
    assert.equal([answer?.status, reason], [400, 'request_malformed'])
    assert.match(message, /body/)
    await until('the access log says why', () => gateway.logs().includes('"reason":"request_malformed"'))
  })
}

bad.run()
