/** Where servers are, and what the gateway's refusals say. */

import { endpointsOf, isServerName, nameOf, readRegistryUrl, serverUrl } from '../../src/agent/address.ts'
import { inWords } from '../../src/agent/failure.ts'
import { readRefusal } from '../../src/agent/refusal.ts'
import { serversIn, toolsIn } from '../../src/agent/registry.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const address = suite('addresses and answers')

for (const [text, streamable, sse] of [
  ['https://a.example/mcpgw/mcp', 'https://a.example/mcpgw/mcp', 'https://a.example/mcpgw/sse'],
  ['https://a.example/mcpgw/sse', 'https://a.example/mcpgw/mcp', 'https://a.example/mcpgw/sse'],
  ['https://a.example/mcpgw/sse/', 'https://a.example/mcpgw/mcp', 'https://a.example/mcpgw/sse'],
  ['http://localhost:8000/x/mcp?a=1', 'http://localhost:8000/x/mcp?a=1', 'http://localhost:8000/x/sse?a=1'],
  ['https://a.example/server', 'https://a.example/server', 'https://a.example/server'],
] as const) {
  address(`the endpoints of ${text}`, () => {
    const endpoints = endpointsOf(new URL(text))
    assert.equal([endpoints.streamable.href, endpoints.sse.href], [streamable, sse])
  })
}

for (const text of [
  '',
  'mcp.example.com/mcpgw/mcp',
  'ftp://a.example/mcp',
  'https://user:pw@a.example/mcp',
  'https://a.example/mcp#x',
  'javascript:1',
]) {
  address(`"${text}" is no address of a registry`, () => assert.is(readRegistryUrl(text), null))
}

address('the gateway is the origin of the registry', () => {
  assert.is(readRegistryUrl('http://localhost:8000/mcpgw/sse')?.gateway, 'http://localhost:8000')
  assert.is(serverUrl('http://localhost:8000', 'currenttime').href, 'http://localhost:8000/currenttime/mcp')
  assert.is(nameOf(new URL('http://localhost:8000/mcpgw/sse')), 'mcpgw')
  assert.is(nameOf(new URL('http://localhost:8000/mcp')), 'localhost:8000')
})

for (const [name, expected] of [
  ['currenttime', true],
  ['a.b-c_d~1', true],
  ['.', false],
  ['..', false],
  ['', false],
  ['a/b', false],
  ['a%2fb', false],
  ['//evil.example', false],
  ['a b', false],
  ['a?b', false],
] as const) {
  address(`"${name}" ${expected ? 'is' : 'is not'} a name`, () => assert.is(isServerName(name), expected))
}

const CHALLENGE = 'Bearer realm="mcp", resource_metadata="https://a.example/x", scope="t/read t/write", error="insufficient_scope"'
for (const [name, status, body, challenge, expected] of [
  ['a refusal in plain JSON', 401, { reason: 'no_credentials', message: 'Send one.' }, null, ['no_credentials', 'Send one.', null]],
  [
    'a refusal as a JSON-RPC error',
    403,
    { jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'No.', data: { reason: 'name_not_allowed' } } },
    CHALLENGE,
    ['name_not_allowed', 'No.', 't/read t/write'],
  ],
  [
    'a refusal that no sign-in helps',
    403,
    {
      reason: 'name_not_allowed',
      message: 'You may not. It takes the scope t/a.b,c, which none of your groups has: no new sign-in helps.',
    },
    'Bearer realm="mcp", error="access_denied", error_description="x"',
    ['name_not_allowed', 'You may not. It takes the scope t/a.b,c, which none of your groups has: no new sign-in helps.', 't/a.b,c'],
  ],
  [
    'a sentence that ends with a scope',
    403,
    { reason: 'x', message: 'It takes the scope t/v1.2.' },
    null,
    ['x', 'It takes the scope t/v1.2.', 't/v1.2'],
  ],
  ['a refusal that nothing helps', 403, { reason: 'x', message: 'No scope opens it: ask.' }, null, ['x', 'No scope opens it: ask.', null]],
  ['an error of a server', 400, { jsonrpc: '2.0', id: 1, error: { code: -32600, message: 'No.' } }, null, null],
  ['a reason that is none', 403, { reason: 'Because\u001b[2J', message: 'x' }, null, null],
  ['a page', 404, '<html>', null, null],
  ['nothing', 502, '', null, null],
  ['a list', 403, [1], null, null],
  ['a very long answer', 403, { reason: 'no_credentials', message: 'x'.repeat(70_000) }, null, null],
  ['a scope in another parameter', 403, { reason: 'x', message: '' }, 'Bearer noscope="a"', ['x', '', null]],
] as Array<[string, number, unknown, string | null, unknown]>) {
  address(`${name} is read as ${JSON.stringify(expected)}`, async () => {
    const headers = new Headers(challenge === null ? {} : { 'www-authenticate': challenge })
    const read = await readRefusal(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers }))
    assert.equal(read && [read.reason, read.message, read.scope], expected)
    if (read !== null) assert.is(read.status, status)
  })
}

address('each failure is one sentence', () => {
  const refusal = { status: 403, reason: 'name_not_allowed', message: 'No.', scope: null }
  assert.is(inWords({ kind: 'refused', refusal }), 'The gateway refused (403 name_not_allowed): No.')
  assert.is(inWords({ kind: 'unreachable', code: 'ECONNREFUSED' }), 'It cannot be reached (ECONNREFUSED).')
  assert.is(inWords({ kind: 'timeout', seconds: 60 }), 'It gave no answer within 60 seconds.')
  assert.is(inWords({ kind: 'status', status: 500 }), 'It gave no answer of an MCP server (status 500).')
  assert.is(inWords({ kind: 'server', message: 'x' }), 'It answered with an error: x')
})

const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] })
const TOOL = { server: 'a', name: 't', description: 'd', inputSchema: { type: 'object' } }

address('what the registry says is read from structured content or text, and what has not the form is left out', () => {
  assert.equal(toolsIn({ content: [], structuredContent: { tools: [TOOL] } }), [TOOL])
  assert.equal(toolsIn(text({ tools: [TOOL, { ...TOOL, server: '../x' }, { ...TOOL, name: '' }, null, 7, { server: 'a' }] })), [TOOL])
  assert.equal(toolsIn(text({ tools: [{ server: 'a', name: 't' }] })), [{ ...TOOL, description: '' }])
  assert.equal(serversIn(text({ servers: [{ name: 'a', description: 7 }, { name: 'https://x' }] })), [{ name: 'a', description: '' }])
  for (const other of [text({ tool: [] }), text([TOOL]), { content: [] }, { ...text({ tools: [TOOL] }), isError: true }]) {
    assert.is(toolsIn(other), null)
  }
})

address.run()
