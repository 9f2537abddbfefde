/** Headers that are doubled, malformed, huge, or meant for somebody else. */
import { createServer } from 'node:net'
import { startIssuer } from '../support/issuer.ts'
import { send } from '../support/raw.ts'
import { type Case, DELIVERED, getFrom, http, NOW, postTo, runTable } from './table.ts'
import { bearer, type World } from './world.ts'

const LINES = ['Content-Type: application/json', `Content-Length: ${NOW.length}`]
const token = (line: string): string => line.slice('Authorization: Bearer '.length)

/** Refused without an answer from the gate proper: NGINX does not take the request. */
const malformed = (id: string, name: string, headers: (w: World) => readonly string[]): Case => ({
  id,
  name,
  send: (w) => postTo('/currenttime/mcp', headers(w)),
  status: 400,
  backend: 'nothing',
  decisions: 0,
})

const noCredential = (id: string, name: string, authorization: (good: string) => string): Case => ({
  id,
  name,
  send: (w) => postTo('/currenttime/mcp', [authorization(token(w.agent))]),
  status: 401,
  backend: 'nothing',
})

const untouched = (id: string, line: string, passes: readonly string[] = []): Case => ({
  id,
  name: `${line} changes nothing`,
  send: (w) => postTo('/currenttime/mcp', [w.agent, line]),
  status: 200,
  backend: { ...DELIVERED, passes },
})

const AUTHORIZATION: Case[] = [
  malformed('41', 'two Authorization, good and bad', (w) => [w.agent, bearer('bad')]),
  malformed('41', 'two Authorization, bad and good', (w) => [bearer('bad'), w.agent]),
  malformed('41', 'two Authorization, both good', (w) => [w.agent, w.agent]),
  malformed('41', 'two Authorization in two spellings', (w) => ['authorization: Basic eDp5', w.agent]),
  malformed('41', 'two Authorization, one empty', (w) => ['Authorization:', w.agent]),
  noCredential('41', 'two tokens in one header', (good) => `Authorization: Bearer ${good}, Bearer ${good}`),
  noCredential('41', 'a token list', (good) => `Authorization: Bearer ${good},${good}`),
  noCredential('44', 'Basic with a token', (good) => `Authorization: Basic ${good}`),
  noCredential('44', 'Token instead of Bearer', (good) => `Authorization: Token ${good}`),
  noCredential('44', 'DPoP instead of Bearer', (good) => `Authorization: DPoP ${good}`),
  noCredential('44', 'a bare token', (good) => `Authorization: ${good}`),
  noCredential('44', 'Bearer alone', () => 'Authorization: Bearer'),
  noCredential('44', 'Bearer and a space', () => 'Authorization: Bearer '),
  noCredential('44', 'two spaces', (good) => `Authorization: Bearer  ${good}`),
  noCredential('44', 'a tab', (good) => `Authorization: Bearer\t${good}`),
  noCredential('44', 'no space', (good) => `Authorization: Bearer${good}`),
  noCredential('44', 'a colon', (good) => `Authorization: Bearer: ${good}`),
  noCredential('44', 'quotes', (good) => `Authorization: Bearer "${good}"`),
  noCredential('44', 'Bearer twice', (good) => `Authorization: Bearer Bearer ${good}`),
  noCredential('44', 'an empty header', () => 'Authorization:'),
  noCredential('44', 'a parameter', (good) => `Authorization: Bearer token=${good}`),
  noCredential('44', 'a byte beyond ASCII', (good) => `Authorization: Bearer ${good}\xa0`),
  noCredential('44', 'a token in Proxy-Authorization', (good) => `Proxy-Authorization: Bearer ${good}`),
  noCredential('44', 'a token in X-Authorization', (good) => `X-Authorization: Bearer ${good}`),
  noCredential('44', 'a token under a name with an underscore', (good) => `Authorization_: Bearer ${good}`),
  ...['bearer', 'BEARER', 'bEaReR'].map(
    (scheme): Case => ({
      id: '43',
      name: `the scheme as ${scheme} (RFC 9110: in any case)`,
      send: (w) => postTo('/currenttime/mcp', [`aUTHORIZATION: ${scheme} ${token(w.agent)}`]),
      status: 200,
      backend: DELIVERED,
    }),
  ),
  untouched('40', 'Connection: Authorization'),
  untouched('40', 'Connection: close, Authorization, Cookie'),
  {
    id: '40',
    name: 'Connection: Authorization without a credential',
    send: postTo('/currenttime/mcp', ['Connection: Authorization']),
    status: 401,
    backend: 'nothing',
  },
  {
    id: '45',
    name: 'a token in the query',
    send: (w) => postTo(`/currenttime/mcp?access_token=${token(w.agent)}`, []),
    status: 401,
    backend: 'nothing',
  },
  {
    id: '45',
    name: 'a token in the query of a page that is not there',
    send: (w) => getFrom(`/nowhere?access_token=${token(w.agent)}`, []),
    status: 404,
    backend: 'nothing',
  },
  {
    id: '45',
    name: 'a token in a form',
    send: (w) => {
      const form = `access_token=${token(w.agent)}`
      return http(
        'POST /currenttime/mcp HTTP/1.1',
        ['Host: localhost', 'Content-Type: application/x-www-form-urlencoded', `Content-Length: ${form.length}`],
        form,
      )
    },
    status: 401,
    backend: 'nothing',
  },
  {
    id: '59',
    name: 'an Authorization of 17 KB',
    send: postTo('/currenttime/mcp', [bearer('a'.repeat(17 * 1024))]),
    status: [400, 431],
    backend: 'nothing',
    decisions: 0,
  },
  {
    id: '59',
    name: 'an Authorization of 15 KB',
    send: postTo('/currenttime/mcp', [bearer('a'.repeat(15 * 1024))]),
    status: 401,
    backend: 'nothing',
  },
  {
    id: '59',
    name: 'a thousand headers',
    send: (w) => postTo('/currenttime/mcp', [w.agent, ...Array.from({ length: 5000 }, (_, index) => `X-Filler-${index}: 0123456789`)]),
    status: [400, 431],
    backend: 'nothing',
    decisions: 0,
  },
]

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

const POOLS: Case[] = ['X-User-Pool-Id', 'X-Client-Id', 'X-Region', 'X-Issuer'].map((name) => ({
  id: '46',
  name: `${name} and a token of an attacker's pool`,
  send: async (w) => {
    const evil = await startIssuer('us-east-1_Attacker1')
    const stolen = w.secret(await evil.token({ client_id: 'agent' }))
    const lines = [`${name}: ${evil.poolId}`, `X-User-Pool-Id: ${evil.poolId}`, 'X-Region: us-east-1', 'X-Client-Id: agent', bearer(stolen)]
    const answers = await w.gateway.raw(postTo('/currenttime/mcp', lines))
    await evil.close()
    if (evil.fetches > 0) throw new Error('the keys of the attacker were fetched')
    return answers
  },
  status: 401,
  backend: 'nothing',
}))

/** The validator's own port: only for NGINX, and not to be held up by anybody who gets there. */
const DIRECT: Case[] = [
  {
    id: '62',
    name: '10 MB of garbage straight to the validator do not hold it up',
    send: async ({ gateway }) => {
      const flood = send(gateway.validatorPort, http('GET /validate HTTP/1.1', ['Host: x', bearer('A'.repeat(10 * 1024 * 1024))]))
      const started = Date.now()
      const [answer] = await send(gateway.validatorPort, http('GET /health HTTP/1.1', ['Host: x']))
      if (answer?.status !== 200 || Date.now() - started > 1000) throw new Error(`${answer?.status} after ${Date.now() - started} ms`)
      return flood
    },
    status: [0, 400, 431],
    backend: 'nothing',
  },
  {
    id: '63',
    name: 'the validator listens on its own address alone',
    // Whoever can open the port on another loopback address finds it free there.
    send: ({ gateway }) =>
      new Promise((done, fail) => {
        const probe = createServer()
        probe.once('error', fail)
        probe.listen(gateway.validatorPort, '127.0.0.2', () => probe.close(() => done([])))
      }),
    status: 0,
    backend: 'nothing',
  },
]

runTable('headers', [...AUTHORIZATION, ...SYNTAX, ...HOSTS, ...DISGUISES, ...POOLS, ...DIRECT])
