/** Headers that are malformed, doubled, or meant to pass for something else. */
import { malformed, untouched } from './odd_headers.ts'
import { type Case, DELIVERED, getFrom, http, NOW, postTo, runTable } from './table.ts'

const LINES = ['Content-Type: application/json', `Content-Length: ${NOW.length}`]

/** Refused without an answer from the gate proper: NGINX does not take the request. */
const SYNTAX: Case[] = [
  ...['X-User : admin', 'X-User\t: admin', ' X-User: admin', '\tfolded', ': admin', 'Authorization : Bearer x'].map((line) =>
    malformed('53', `the line ${JSON.stringify(line)}`, (w) => [w.agent, line]),
  ),
  ...['X-A: a\x00b', 'X-A\x00: b', 'X-A: a\rX-User: admin', '\rX-User: admin'].map((line) =>
    malformed('55', `the line ${JSON.stringify(line)}`, (w) => [w.agent, line]),
  ),
  {
    id: '55',
    name: 'a bare LF ends a line, and what follows is a header like any other',
    send: (w) => postTo('/currenttime/mcp', [w.agent, 'X-A: a\nX-User: admin']),
    status: 200,
    backend: { ...DELIVERED, passes: ['x-a'] },
  },
  {
    id: '55',
    name: 'a bare CR at the end of a line belongs to the line end',
    send: (w) => postTo('/currenttime/mcp', [w.agent, 'X-User: admin\r']),
    status: 200,
    backend: DELIVERED,
  },
  {
    id: '53',
    name: 'a name without a colon is a header without a value',
    send: (w) => postTo('/currenttime/mcp', [w.agent, 'X-User', 'Cookie']),
    status: 200,
    backend: DELIVERED,
  },
]

const host = (name: string, line: string, hosts: readonly string[]): Case => ({
  id: '57',
  name,
  send: (w) => http(line, [...hosts.map((value) => `Host: ${value}`), w.agent, ...LINES], NOW),
  status: [400, 421],
  backend: 'nothing',
  decisions: 0,
})
const LINE = 'POST /currenttime/mcp HTTP/1.1'

const HOSTS: Case[] = [
  host('two different Host', LINE, ['localhost', 'evil']),
  host('two equal Host', LINE, ['localhost', 'localhost']),
  host('no Host in HTTP/1.1', LINE, []),
  host('no Host in HTTP/1.0', 'POST /currenttime/mcp HTTP/1.0', []),
  host('no Host beside an absolute form', 'POST http://localhost/currenttime/mcp HTTP/1.1', []),
  ...[
    'a@b',
    'a:99999',
    'a:65536',
    'a:',
    'a:b',
    'localhost.',
    '.localhost',
    'a b',
    'a,b',
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    '[::1',
    '::1',
    '',
    'a\xe9',
    'a%00',
    '*',
    'a;b',
    '"a"',
    '<a>',
    `${'a'.repeat(300)}`,
  ].map((value) => host(`Host ${JSON.stringify(value)}`, LINE, [value])),
  ...['localhost:8000', '127.0.0.1', '[::1]:65535', 'mcp.example.com'].map(
    (value): Case => ({
      id: '57',
      name: `Host ${value} is one`,
      send: (w) => http(LINE, [`Host: ${value}`, w.agent, ...LINES], NOW),
      status: 200,
      backend: { ...DELIVERED, headers: { 'x-forwarded-host': value } },
    }),
  ),
]

const DISGUISES: Case[] = [
  ...['GoogleHC/1.0', 'kube-probe/1.29', 'ELB-HealthChecker/2.0', 'curl/8', 'Googlebot'].map(
    (agent): Case => ({
      id: '51',
      name: `the health checker ${agent} without a credential`,
      send: getFrom('/currenttime/mcp', [`User-Agent: ${agent}`]),
      status: 401,
      backend: 'nothing',
    }),
  ),
  untouched('52', 'User-Agent:', ['user-agent']),
  untouched('52', 'User-Agent: anything', ['user-agent']),
  ...[
    'X-Forwarded-Uri: /public',
    'X-Rewrite-URL: /currenttime/mcp',
    'X-Original-URL: /currenttime/mcp',
    'X-Envoy-Original-Path: /health',
  ].map(
    (line): Case => ({
      id: '49',
      name: `${line} on the way to another server`,
      send: (w) => postTo('/mcpgw/mcp', [w.agent, line, 'X-Mcp-Server: currenttime', 'X-Server-Name: currenttime']),
      status: 403,
      backend: 'nothing',
    }),
  ),
  ...[
    'X-Mcp-Call: eyJtZXRob2QiOiJwaW5nIn0',
    'X-Mcp-Allow: *',
    'X-Mcp-Method: ping',
    'X-Mcp-Tool: now',
    'X-Body: {}',
    'X-Mcp-Http-Method: GET',
  ].map(
    (line): Case => ({
      id: '48',
      name: `${line} on a call that is forbidden`,
      send: (w) => postTo('/currenttime/mcp', [w.agent, line, 'X-Tool-Name: now'], NOW.replace('now', 'delete_all')),
      status: 403,
      backend: 'nothing',
      decisions: 2,
    }),
  ),
  ...['GET', 'DELETE', 'PUT'].map(
    (method): Case => ({
      id: '50',
      name: `X-HTTP-Method-Override: ${method} on a call that is forbidden`,
      send: (w) => postTo('/currenttime/mcp?_method=GET', [w.agent, `X-HTTP-Method-Override: ${method}`], NOW.replace('now', 'delete_all')),
      status: 403,
      backend: 'nothing',
    }),
  ),
  {
    id: '64',
    name: 'a preflight without a credential',
    send: http('OPTIONS /currenttime/mcp HTTP/1.1', [
      'Host: localhost',
      'Origin: https://evil.example',
      'Access-Control-Request-Method: POST',
    ]),
    status: [204, 401, 403],
    backend: 'nothing',
  },
  {
    id: '64',
    name: 'OPTIONS with a credential',
    send: (w) => http('OPTIONS /currenttime/mcp HTTP/1.1', ['Host: localhost', w.agent]),
    status: [204, 403, 405],
    backend: 'nothing',
  },
  {
    id: '65',
    name: 'a credential of each kind, and none reaches the MCP server',
    send: async (w) => postTo('/currenttime/mcp', [w.agent, `Cookie: mcp_gateway_session=${await w.seal()}; other=1`]),
    status: 200,
    backend: DELIVERED,
  },
]

runTable('headers', [...SYNTAX, ...HOSTS, ...DISGUISES])
