/** What a location may say besides its name: that the headers of 2026-07-28 are believed, and that clients may answer requests. */

import * as assert from '../support/assert.ts'
import { call, type Gateway, message, POLICY, post, startGateway } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { addServers } from './servers.ts'

const policy = `${POLICY}
test/now:
  - server: trusting
    methods: [tools/list, tools/call, resources/read, ping]
    tools: [now, "now, drop", "é😀"]
    resources: ["file:///a.txt"]
  - server: asking
    methods: [ping]
`.replace(/test\/now:\n {2}- server: currenttime\n.*\n.*\n/, '')

const settings = suite('settings of a location')
let gateway: Gateway
let authorization = ''
settings.before(async () => {
  const lines = {
    trusting: 'set $gatehouse_mcp_trust_headers on; set $gatehouse_client_responses off; set $gatehouse_list_filter on;',
    asking: 'set $gatehouse_client_responses on; set $gatehouse_mcp_trust_headers off;',
  }
  gateway = await startGateway({ policy, configure: (conf) => addServers(conf, lines) })
  authorization = await gateway.issuer.token()
})
settings.after(() => gateway.close())
settings.before.each(() => gateway.reset())

interface Outcome {
  status: number
  reason: string
  received: number
  tool: string[]
}
async function send(server: string, body: string, lines: readonly string[]): Promise<Outcome> {
  const bytes = post(`/${server}/mcp`, body, { Authorization: `Bearer ${authorization}` }).toString('latin1')
  const [answer] = await gateway.raw(
    bytes.replace('Host: localhost\r\n', `Host: localhost\r\n${lines.map((line) => `${line}\r\n`).join('')}`),
  )
  const said = answer?.status === 200 ? {} : JSON.parse(answer?.body ?? '{}')
  const reason = said.error?.data.reason ?? said.reason ?? ''
  return { status: answer?.status ?? 0, reason, received: gateway.mcpgw.received.length, tool: gateway.mcpgw.values('x-tool-name') }
}
const NEW = 'MCP-Protocol-Version: 2026-07-28'
const CALL = 'Mcp-Method: tools/call'
const base64 = (text: string | Buffer): string => `=?base64?${Buffer.from(text).toString('base64')}?=`
const passed = (name?: string): Outcome => ({ status: 200, reason: '', received: 1, tool: name === undefined ? [] : [name] })
const refused = (status: number, reason: string): Outcome => ({ status, reason, received: 0, tool: [] })

for (const [name, lines, body, outcome] of [
  ['the headers', [NEW, CALL, 'Mcp-Name: now'], call('now'), passed('now')],
  ['a later version', ['MCP-Protocol-Version: 2027-01-15', CALL, 'Mcp-Name: now'], call('now'), passed('now')],
  ["the headers, and the body is the server's matter", [NEW, CALL, 'Mcp-Name: now'], call('drop'), passed('now')],
  ['the headers over no JSON', [NEW, CALL, 'Mcp-Name: now'], 'no JSON', passed('now')],
  ['another tool in the headers', [NEW, CALL, 'Mcp-Name: drop'], call('now'), refused(403, 'name_not_allowed')],
  ['another method in the headers', [NEW, 'Mcp-Method: prompts/list'], call('now'), refused(403, 'method_not_allowed')],
  ['a method without a name', [NEW, 'Mcp-Method: ping'], message('ping'), passed()],
  ['a resource', [NEW, 'Mcp-Method: resources/read', 'Mcp-Name: file:///a.txt'], '{}', passed('file%3A%2F%2F%2Fa.txt')],
  ['a name in base64', [NEW, CALL, `Mcp-Name: ${base64('é😀')}`], '{}', passed('%C3%A9%F0%9F%98%80')],
  ['a plain name in base64', [NEW, CALL, `Mcp-Name: ${base64('now')}`], '{}', passed('now')],
  ['another name in base64', [NEW, CALL, `Mcp-Name: ${base64('drop')}`], '{}', refused(403, 'name_not_allowed')],
  ['no Mcp-Method', [NEW, 'Mcp-Name: now'], call('now'), refused(400, 'header_mismatch')],
  ['no Mcp-Name', [NEW, CALL], call('now'), refused(400, 'header_mismatch')],
  ['an empty Mcp-Name', [NEW, CALL, 'Mcp-Name:'], call('now'), refused(400, 'name_invalid')],
  ['neither', [NEW], call('now'), refused(400, 'header_mismatch')],
  ['Mcp-Method twice', [NEW, CALL, CALL, 'Mcp-Name: now'], call('now'), refused(400, 'header_mismatch')],
  ['Mcp-Name twice, as one that is allowed', [NEW, CALL, 'Mcp-Name: now', 'Mcp-Name: drop'], call('now'), refused(400, 'header_mismatch')],
  ['Mcp-Name in two spellings', [NEW, CALL, 'Mcp-Name: now', 'mcp-name: drop'], call('now'), refused(400, 'header_mismatch')],
  ['the version twice', [NEW, NEW, CALL, 'Mcp-Name: now'], call('now'), refused(400, 'header_mismatch')],
  ['a bad method', [NEW, 'Mcp-Method: tools/call;x', 'Mcp-Name: now'], call('now'), refused(400, 'method_invalid')],
  ['a name beyond ASCII in its bytes', [NEW, CALL, 'Mcp-Name: \xe9'], call('now'), refused(400, 'header_mismatch')],
  ['a name of 257 characters', [NEW, CALL, `Mcp-Name: ${'n'.repeat(257)}`], call('now'), refused(400, 'name_invalid')],
  ['a control character in base64', [NEW, CALL, `Mcp-Name: ${base64('now\n')}`], call('now'), refused(400, 'name_invalid')],
  ['nothing in base64', [NEW, CALL, 'Mcp-Name: =?base64??='], call('now'), refused(400, 'name_invalid')],
  ['no UTF-8 in base64', [NEW, CALL, `Mcp-Name: ${base64(Buffer.from([0xff]))}`], call('now'), refused(400, 'header_mismatch')],
  ...['=?base64?bm93', '=?base64?bm93==?=', '=?base64?bm9 3?=', '=?base64?bm93', '=?base64?bm9?=', '=?base64?Jm-_?=', '=?base64?='].map(
    (value) => [`base64 that is none: ${value}`, [NEW, CALL, `Mcp-Name: ${value}`], call('now'), refused(400, 'header_mismatch')] as const,
  ),
  ['an older version: the body decides', ['MCP-Protocol-Version: 2025-11-25'], call('now'), passed('now')],
  [
    'an older version: the headers open nothing',
    ['MCP-Protocol-Version: 2025-11-25', CALL, 'Mcp-Name: now'],
    call('drop'),
    refused(400, 'header_mismatch'),
  ],
  ['no version: the headers open nothing', [CALL, 'Mcp-Name: now'], call('drop'), refused(400, 'header_mismatch')],
  ['an older version without headers', ['MCP-Protocol-Version: 2025-11-25'], call('drop'), refused(403, 'name_not_allowed')],
  [
    'a version that is more than a date',
    ['MCP-Protocol-Version: 2026-07-28-draft', CALL, 'Mcp-Name: now'],
    call('drop'),
    refused(400, 'header_mismatch'),
  ],
  ['a version that is no date', ['MCP-Protocol-Version: x9999', CALL, 'Mcp-Name: now'], call('drop'), refused(400, 'header_mismatch')],
] as const) {
  settings(`where headers are trusted: ${name}`, async () => assert.equal(await send('trusting', body, lines), outcome))
}
settings('where headers are trusted, a list is filtered all the same, and an unreadable one has the id that it has', async () => {
  gateway.mcpgw.answer = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"z","result":{"tools":[{"name":"drop"}]}}')
  const headers = { Authorization: `Bearer ${authorization}`, 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/list' }
  const [answer] = await gateway.raw(post('/trusting/mcp', message('tools/list'), headers))
  assert.is(answer?.body, '{"id":"z","result":{"cacheScope":"private","tools":[]}}')
  gateway.mcpgw.answer = (_request, response) => response.writeHead(200).end('{"id":"z","result":{"tools":5}}')
  const [broken] = await gateway.raw(post('/trusting/mcp', message('tools/list'), headers))
  assert.is(JSON.parse(broken?.body ?? '').id, 'z')
})
settings('elsewhere the body decides', async () => {
  assert.equal(await send('asking', call('drop'), [NEW, CALL, 'Mcp-Name: now']), refused(400, 'header_mismatch'))
})

const response = (members: string): string => `{"jsonrpc":"2.0",${members}}`
for (const [name, body, outcome] of [
  ['a result', response('"id":1,"result":{"action":"accept","content":{"a":[1,{"method":"x"}]}}'), passed()],
  ['an error', response('"error":{"code":-1,"message":"declined"},"id":"a"'), passed()],
  ['both', response('"id":1,"result":{},"error":{}'), refused(400, 'response_invalid')],
  ['a result and a method', response('"id":1,"result":{},"method":"ping"'), refused(400, 'response_invalid')],
  ['a result and params', response('"id":1,"result":{},"params":{}'), refused(400, 'response_invalid')],
  ['a result that is no object', response('"id":1,"result":[]'), refused(400, 'response_invalid')],
  ['a result of null', response('"id":1,"result":null'), refused(400, 'response_invalid')],
  ['an error that is a string', response('"id":1,"error":"{"'), refused(400, 'response_invalid')],
  ['no id', response('"result":{}'), refused(400, 'id_invalid')],
  ['an id of null', response('"id":null,"result":{}'), refused(400, 'id_invalid')],
  ['an id of 1.5', response('"id":1.5,"result":{}'), refused(400, 'id_invalid')],
  ['two results', response('"id":1,"result":{},"result":{}'), refused(400, 'member_duplicated')],
  ['an unknown member', response('"id":1,"result":{},"x":1'), refused(400, 'member_unknown')],
  ['other letters', response('"id":1,"Result":{}'), refused(400, 'member_unknown')],
  ['no jsonrpc', '{"id":1,"result":{}}', refused(400, 'jsonrpc_invalid')],
  ['a batch', `[${response('"id":1,"result":{}')}]`, refused(400, 'batch_not_allowed')],
  ['neither', response('"id":1'), refused(400, 'method_invalid')],
  ['a call', call('now'), refused(403, 'name_not_allowed')],
  ['a ping', message('ping'), passed()],
] as const) {
  settings(`where clients may answer: ${name}`, async () => assert.equal(await send('asking', body, []), outcome))
}
const RESULT = response('"id":1,"result":{}')
for (const [name, server, lines, outcome] of [
  ['elsewhere', 'currenttime', [], refused(403, 'server_not_allowed')],
  ['elsewhere for who may use the server', 'trusting', [], refused(400, 'response_not_allowed')],
  ['in a version that has none', 'asking', [NEW, 'Mcp-Method: ping'], refused(400, 'response_not_allowed')],
  ['in two versions', 'asking', ['MCP-Protocol-Version: 2025-11-25, 2026-07-28'], refused(400, 'header_mismatch')],
  ['with Mcp-Method', 'asking', ['Mcp-Method: ping'], refused(400, 'header_mismatch')],
  ['with its version', 'asking', ['MCP-Protocol-Version: 2025-11-25'], passed()],
] as const) {
  settings(`an answer of a client ${name}`, async () => assert.equal(await send(server, RESULT, lines), outcome))
}
settings('an answer of somebody who may not use the server', async () => {
  const authorized = authorization
  authorization = await gateway.issuer.token({ scope: 'test/list' })
  assert.equal(await send('asking', RESULT, []), refused(403, 'server_not_allowed'))
  authorization = authorized
})
settings.run()
