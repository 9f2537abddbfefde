/** MCP servers that are hostile: they must not steer NGINX, speak in the gate's name, or reach beyond their own part of the gateway. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AGENT } from './delivery.ts'
import { all, answering, hostile, lacks, ownBody, writing } from './hostile.ts'
import { type Case, getFrom, runTable } from './table.ts'
import type { World } from './world.ts'

const TARGETS = [
  '/internalonly/',
  '/mcpgw/',
  '/mcpgw/mcp',
  '/_gatehouse/validate',
  '/_gatehouse/unremembered',
  '@gatehouse_proxy',
  '@gatehouse_sse',
  '/health',
  '/',
  'http://evil/',
]

const STEERING: Case[] = [
  ...TARGETS.map((target) =>
    hostile('260', `X-Accel-Redirect: ${target}`, answering([`X-Accel-Redirect: ${target}`]), {
      check: all(lacks('x-accel-redirect', 'x-user'), ownBody),
    }),
  ),
  ...TARGETS.slice(0, 4).map((target) =>
    hostile('261', `X-Accel-Redirect: ${target} on a stream`, answering([`X-Accel-Redirect: ${target}`]), {
      send: (w) => getFrom('/currenttime/sse', [w.agent]),
      backend: { method: 'GET', url: '/sse', caller: AGENT },
      check: all(lacks('x-accel-redirect', 'x-user'), ownBody),
    }),
  ),
  ...['X-Accel-Expires: 3600', 'X-Accel-Limit-Rate: 1', 'X-Accel-Buffering: yes', 'X-Accel-Charset: utf-16'].map((line) =>
    hostile('260', line, answering([line]), { check: all(lacks((line.split(':')[0] as string).toLowerCase()), ownBody) }),
  ),
  hostile('260', 'X-Accel-Redirect with a refusal', answering(['X-Accel-Redirect: /mcpgw/mcp'], 404), { status: 404, check: ownBody }),
]

/** Clients follow redirects with their credentials: away from the server's own part they lead to another host or nowhere. */
const LEADING: Case[] = [
  ...[
    '/mcpgw/mcp',
    '//localhost/mcpgw/mcp',
    '/currenttime/../mcpgw/mcp',
    '/currenttime/%2e%2e/mcpgw/mcp',
    '/currenttime//mcpgw/',
    '/currenttime\\..\\mcpgw',
    '../mcpgw/mcp',
    'mcp',
    '?x',
    'https:mcpgw/mcp',
    'http://localhost/mcpgw/mcp',
    'http://LOCALHOST./mcpgw/mcp',
    'http://a@localhost/mcpgw/mcp',
    'http://[::1]/mcpgw/mcp',
    'http://127.1/mcpgw/mcp',
    'http://0x7f000001/mcpgw/mcp',
    'http://2130706433/mcpgw/mcp',
  ].map((target) => hostile('266', `307 to ${target}`, answering([`Location: ${target}`], 307), { status: 307, check: lacks('location') })),
  ...['/currenttime/mcp', '/currenttime/a/b?x=../y', 'https://other.example/x'].map((target) =>
    hostile('266', `307 to ${target}, which may be`, answering([`Location: ${target}`], 307), {
      status: 307,
      check: ([answer]) => (answer?.headers.location?.[0] === target ? undefined : `Location is ${answer?.headers.location}`),
    }),
  ),
  ...['Refresh: 0; url=/mcpgw/', 'Speculation-Rules: "/x"', 'Set-Login: logged-in'].map((line) =>
    hostile('266', line, answering([line]), { check: all(lacks((line.split(':')[0] as string).toLowerCase()), ownBody) }),
  ),
  ...['multipart/x-mixed-replace; boundary=x', 'Multipart/Mixed', ' multipart/form-data'].map((type) =>
    hostile('266', `a body in parts: ${type}`, answering([`Content-Type: ${type}`]), { status: 0 }),
  ),
  // Releases of NGINX differ in which one counts, but one alone is handed on.
  ...[
    ['multipart/x-mixed-replace; boundary=x', 'application/json'],
    ['application/json', 'multipart/x-mixed-replace; boundary=x'],
  ].map((types) =>
    hostile('266', `a body in parts, or not: ${types.join(', ')}`, answering(types.map((type) => `Content-Type: ${type}`)), {
      status: [0, 200],
      check: ([answer]) =>
        answer === undefined || answer.headers['content-type']?.join() === 'application/json' ? undefined : 'another Content-Type',
    }),
  ),
]

const NAMES = [
  'X-User',
  'X-Username',
  'X-Client-Id',
  'X-Scopes',
  'X-Groups',
  'X-Auth-Method',
  'X-Server-Name',
  'X-Tool-Name',
  'X-Mcp-Allow',
  'X-Gatehouse-Reason',
]

const NAME_OF_THE_GATE: Case[] = [
  ...[
    ['Set-Cookie: mcp_gateway_session=planted; Path=/'],
    ['SET-COOKIE: mcp_gateway_session=; Max-Age=0'],
    ['Set-Cookie: a=1', 'set-cookie: __Host-mcp_gateway_session=planted; Secure; Path=/'],
  ].map((lines) => hostile('263', lines.join(' and '), answering(lines), { check: all(lacks('set-cookie'), ownBody) })),
  hostile('263', 'Set-Cookie with a redirect', answering(['Set-Cookie: mcp_gateway_session=x', 'Location: /'], 302), {
    status: 302,
    check: lacks('set-cookie'),
  }),
  hostile(
    '263',
    'Set-Cookie in a trailer',
    writing(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n\r\n1\r\nx\r\n0\r\nSet-Cookie: mcp_gateway_session=x\r\n\r\n',
    ),
    { check: all(lacks('set-cookie'), ([answer]) => (answer?.body === 'x' ? undefined : `body ${answer?.body}`)) },
  ),
  ...NAMES.map((name) =>
    hostile('265', `${name} from the MCP server`, answering([`${name}: forged`]), { check: lacks(name.toLowerCase()) }),
  ),
  hostile('265', 'X-Request-Id from the MCP server', answering(['X-Request-Id: forged-by-the-server']), {
    check: ([answer]) =>
      answer?.headers['x-request-id']?.length === 1 && !String(answer.headers['x-request-id']).includes('forged') ? undefined : 'forged',
  }),
  ...[401, 403].map((status) =>
    hostile('265', `${status} from the MCP server is its own`, answering(['WWW-Authenticate: Bearer realm="evil"'], status), {
      status,
      check: all(lacks('www-authenticate', 'x-gatehouse-reason'), ownBody),
    }),
  ),
  ...[400, 404, 405, 413, 429, 500, 502, 503].map((status) =>
    hostile('265', `${status} from the MCP server passes as it is`, answering([], status), { status, check: ownBody }),
  ),
]

const elsewhere = async (other: World): Promise<string | undefined> => {
  await sleep(50)
  return other.gateway.mcpgw.received.length > 0 ? 'NGINX has followed the redirect' : undefined
}

const REDIRECTS: Case[] = [
  ...[301, 302, 303, 307, 308].map((status) =>
    hostile('266', `${status} to another host`, answering(['Location: http://evil.example/mcp'], status), {
      status,
      check: async ([answer], w) =>
        String(answer?.headers.location) === 'http://evil.example/mcp' ? elsewhere(w) : `location ${answer?.headers.location}`,
    }),
  ),
  hostile('266', '307 to the other MCP server', answering(['Location: /mcpgw/mcp'], 307), { status: 307, check: (_, w) => elsewhere(w) }),
  hostile('266', 'Refresh', answering(['Refresh: 0; url=http://evil.example/']), { check: (_, w) => elsewhere(w) }),
]

/** What a browser would do for the whole gateway because one MCP server said so. */
const BROWSERS: Case[] = [
  ...['Clear-Site-Data: "*"', 'Service-Worker-Allowed: /', 'Alt-Svc: h2="evil.example:443"', 'Strict-Transport-Security: max-age=0'].map(
    (line) =>
      hostile('266', `${line} is not said in the name of the gateway`, answering([line]), {
        check: lacks((line.split(':')[0] as string).toLowerCase()),
      }),
  ),
  hostile(
    '266',
    'a page of an MCP server is no page of the gateway',
    answering(['Content-Type: text/html'], 200, '<script>fetch("/mcpgw/mcp")</script>'),
    {
      send: (w) => getFrom('/currenttime/page.html', [w.agent]),
      backend: { method: 'GET', url: '/page.html', caller: AGENT },
      check: ([answer]) => {
        const { 'content-security-policy': policy, 'x-content-type-options': sniffing } = answer?.headers ?? {}
        return policy?.some((one) => one.includes('sandbox')) && sniffing?.includes('nosniff') ? undefined : 'a browser would run it'
      },
    },
  ),
]

runTable('hostile MCP servers', [...STEERING, ...NAME_OF_THE_GATE, ...LEADING, ...REDIRECTS, ...BROWSERS])
