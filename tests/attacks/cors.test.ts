/** Pages of other origins: who may read answers, and what a browser is told before it sends a page's request. */
import type { Answer } from '../support/raw.ts'
import { type Case, DELIVERED, http, MESSAGE, NOW, postTo, runTable } from './table.ts'
import { cookie, type World } from './world.ts'

const PAGE = 'http://localhost:6274'
const FROM = `Origin: ${PAGE}`
const FOREIGN = [
  'https://evil.example',
  'null',
  'http://localhost',
  'http://localhost:62740',
  `${PAGE}.evil.example`,
  `${PAGE}/`,
  'HTTP://LOCALHOST:6274',
  '*',
]
const EXPOSED = 'WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version, Retry-After, X-Request-Id'
const SENT =
  'Authorization, Content-Type, Accept, Mcp-Session-Id, MCP-Protocol-Version, Last-Event-ID, Mcp-Method, Mcp-Name, X-Request-Id, traceparent, tracestate, baggage'

const options = (headers: readonly string[], path = '/currenttime/mcp', body = ''): Buffer =>
  http(`OPTIONS ${path} HTTP/1.1`, ['Host: localhost', ...headers], body)
const preflight = (origin: string, ...more: string[]): string[] => [
  `Origin: ${origin}`,
  'Access-Control-Request-Method: POST',
  'Access-Control-Request-Headers: authorization,content-type',
  ...more,
]

const corsOf = (answer: Answer | undefined): Record<string, string[]> =>
  Object.fromEntries(Object.entries(answer?.headers ?? {}).filter(([name]) => name.startsWith('access-control-')))
const same = (answer: Answer | undefined, expected: Record<string, string>): string | undefined => {
  const seen = JSON.stringify(Object.entries(corsOf(answer)).sort())
  const wanted = JSON.stringify(
    Object.entries(expected)
      .map(([name, value]) => [name, [value]])
      .sort(),
  )
  if (seen !== wanted) return `CORS headers ${seen} instead of ${wanted}`
  const vary = answer?.headers.vary?.join(', ') ?? ''
  return /(?:^|, )Origin(?:,|$)/.test(vary) ? undefined : `Vary: ${vary}`
}
const readable = ([answer]: Answer[]): string | undefined =>
  same(answer, { 'access-control-allow-origin': PAGE, 'access-control-expose-headers': EXPOSED })
const silent = ([answer]: Answer[]): string | undefined => same(answer, {})
const told =
  (headers: string) =>
  ([answer]: Answer[]): string | undefined =>
    answer?.headers['www-authenticate'] !== undefined || answer?.body !== ''
      ? 'there is more in the answer than what may be sent'
      : same(answer, {
          'access-control-allow-origin': PAGE,
          'access-control-allow-methods': 'GET, POST, DELETE',
          'access-control-allow-headers': headers,
          'access-control-max-age': '7200',
        })

const row = (
  name: string,
  send: Case['send'],
  status: Case['status'],
  check: (answers: Answer[]) => unknown,
  rest: Partial<Case> = {},
): Case => ({
  id: '64',
  name,
  send,
  status,
  backend: 'nothing',
  check,
  ...rest,
})

const PREFLIGHTS: Case[] = [
  row('a preflight of an allowed origin', options(preflight(PAGE)), 204, told(SENT), { decisions: 1 }),
  row(
    'a preflight of the own origin',
    (w) => options(preflight(w.gateway.url)),
    204,
    ([answer]) => (answer?.headers['access-control-allow-origin'] ? undefined : 'the own origin is not told'),
  ),
  row('a preflight of a server that nobody may use', options(preflight(PAGE), '/mcpgw/mcp'), 204, told(SENT)),
  row('a preflight of another method', options([FROM, 'Access-Control-Request-Method: PUT']), 204, told(SENT)),
  row(
    "headers that mirror a tool's arguments",
    options([
      FROM,
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: authorization,mcp-param-zone, Mcp-Param-City,mcp-param-zone-2',
    ]),
    204,
    told(`${SENT}, mcp-param-zone, mcp-param-city, mcp-param-zone-2`),
  ),
  row(
    'headers that no MCP client sends are not allowed',
    options([
      FROM,
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: cookie,x-user,*,mcp-param-,mcp-param-a_b,xmcp-param-c,mcp-param-d;e,',
    ]),
    204,
    told(SENT),
  ),
  ...FOREIGN.map((origin) => row(`a preflight of ${origin}`, options(preflight(origin)), [401, 403, 405], silent)),
  row('a preflight without an origin', options(['Access-Control-Request-Method: POST']), 401, silent),
  row('OPTIONS of an allowed origin that asks for nothing', options([FROM]), 401, readable),
  row('OPTIONS that asks for an empty method', options([FROM, 'Access-Control-Request-Method: ']), 401, readable),
  row('OPTIONS that asks for a method in lower case', options([FROM, 'Access-Control-Request-Method: post']), 401, readable),
  row('a preflight with a token is none', (w) => options(preflight(PAGE, w.agent)), 405, readable),
  row('a preflight with a bad token is none', options(preflight(PAGE, 'Authorization: Bearer x')), 401, readable),
  row('a preflight with a session is none', async (w) => options(preflight(PAGE, cookie(await w.seal()))), 405, readable),
  row('a preflight with a bad session is none', options(preflight(PAGE, cookie('x'))), 401, readable),
  row('GET that looks like a preflight', http('GET /currenttime/mcp HTTP/1.1', ['Host: localhost', ...preflight(PAGE)]), 401, readable),
  row('a preflight with a body', options(preflight(PAGE, 'Content-Length: 5'), '/currenttime/mcp', 'hello'), [204, 400], () => undefined),
  row('a preflight of an odd path', options(preflight(PAGE), '/currenttime/%2e%2e/mcpgw/mcp'), 400, silent),
  row('a preflight of no server', options(preflight(PAGE), '/nobody/mcp'), 404, ([answer]) =>
    Object.keys(corsOf(answer)).length > 0 ? 'CORS' : undefined,
  ),
]

const post = (more: readonly string[], body: string = NOW, path = '/currenttime/mcp'): Buffer => postTo(path, [FROM, ...more], body)
const big = 'x'.repeat(1_100_000)

const ANSWERS: Case[] = [
  row('401', post([]), 401, readable),
  row('401 for a bad token', post(['Authorization: Bearer x']), 401, readable),
  row('403 for a server', (w) => post([w.agent], NOW, '/mcpgw/mcp'), 403, readable),
  row('403 for a tool, by njs', (w) => post([w.agent], NOW.replace('now', 'delete_all')), 403, readable),
  row('400 by njs', (w) => post([w.agent], '{'), 400, readable),
  row(
    '415 by njs',
    (w) => http('POST /currenttime/mcp HTTP/1.1', ['Host: localhost', 'Content-Length: 2', FROM, w.agent], '{}'),
    415,
    readable,
  ),
  row('405 for HEAD, before anybody is asked', http('HEAD /currenttime/mcp HTTP/1.1', ['Host: localhost', FROM]), 405, silent),
  row('400 for a path, before anybody is asked', (w) => post([w.agent], NOW, '/currenttime//mcp'), 400, silent),
  row(
    '413 for a length, before anybody is asked',
    (w) => http('POST /currenttime/mcp HTTP/1.1', [...MESSAGE(big), FROM, w.agent]),
    413,
    silent,
  ),
  row(
    '413 for a chunked body, after the question',
    (w) =>
      http(
        'POST /currenttime/mcp HTTP/1.1',
        ['Host: localhost', 'Content-Type: application/json', 'Transfer-Encoding: chunked', FROM, w.agent],
        `${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`,
      ),
    413,
    readable,
  ),
  ...FOREIGN.map((origin) => row(`403 for ${origin}`, (w) => postTo('/currenttime/mcp', [w.agent, `Origin: ${origin}`]), 403, silent)),
  row('an answer without an origin', (w) => postTo('/currenttime/mcp', [w.agent]), 200, silent, { backend: DELIVERED }),
  row('an answer for an allowed origin', (w) => post([w.agent]), 200, readable, { backend: { ...DELIVERED, passes: ['origin'] } }),
]

/** What a hostile MCP server says of other origins. */
const HOSTILE = {
  'content-type': 'application/json',
  'access-control-allow-origin': 'https://evil.example',
  'access-control-allow-credentials': 'true',
  'access-control-allow-methods': '*',
  'access-control-allow-headers': '*',
  'access-control-expose-headers': 'x-secret',
  'access-control-max-age': '86400',
  'access-control-allow-private-network': 'true',
  vary: 'Accept',
  'mcp-session-id': 'abc',
}
const answering =
  (status: number) =>
  (w: World): void => {
    w.gateway.currenttime.answer = (_request, response) => void response.writeHead(status, HOSTILE).end('{}')
  }
const keepsVary =
  (next: (answers: Answer[]) => unknown) =>
  (answers: Answer[]): unknown =>
    answers[0]?.headers.vary?.join(', ').includes('Accept') && answers[0].headers['mcp-session-id']?.[0] === 'abc'
      ? next(answers)
      : 'what is the server’s own is lost'

const SERVERS: Case[] = [200, 401, 500].flatMap((status) => [
  row(`an MCP server that answers ${status} and names origins, to an allowed one`, (w) => post([w.agent]), status, keepsVary(readable), {
    backend: { ...DELIVERED, passes: ['origin'] },
    prepare: answering(status),
  }),
  row(
    `an MCP server that answers ${status} and names origins, to nobody's page`,
    (w) => postTo('/currenttime/mcp', [w.agent]),
    status,
    keepsVary(silent),
    {
      backend: DELIVERED,
      prepare: answering(status),
    },
  ),
])

runTable('pages of other origins', [...PREFLIGHTS, ...ANSWERS, ...SERVERS], { env: { ALLOWED_ORIGINS: PAGE } })
