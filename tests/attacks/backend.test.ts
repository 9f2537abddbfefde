/** MCP servers that are hostile or broken: they must not steer NGINX, speak in the gate's name, or hold it up. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Backend } from '../support/backend.ts'
import { until } from '../support/process.ts'
import type { Answer } from '../support/raw.ts'
import { AGENT } from './delivery.ts'
import { type Case, DELIVERED, getFrom, postTo, runTable } from './table.ts'
import type { World } from './world.ts'

const BODY = '{"jsonrpc":"2.0","id":1,"result":{"from":"the MCP server"}}'

/** An answer with these header lines; every value but the last one of a name is kept. */
const answering =
  (lines: readonly string[], status = 200, body = BODY): Backend['answer'] =>
  (_request, response) => {
    const flat = lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
    response.writeHead(status, ['Content-Type', 'application/json', 'Content-Length', String(body.length), ...flat]).end(body)
  }

/** These very bytes, and then the end of the connection. */
const writing =
  (bytes: string): Backend['answer'] =>
  (request) =>
    request.socket.end(Buffer.from(bytes, 'latin1'))

const hostile = (id: string, name: string, answer: Backend['answer'], part: Partial<Case> = {}): Case => ({
  id,
  name,
  prepare: ({ gateway }) => {
    gateway.currenttime.answer = answer
  },
  send: (w) => postTo('/currenttime/mcp', [w.agent]),
  status: 200,
  backend: DELIVERED,
  ...part,
})

const lacks =
  (...names: readonly string[]) =>
  ([answer]: readonly Answer[]): string | undefined => {
    const found = names.filter((name) => answer?.headers[name] !== undefined)
    return found.length > 0 ? `the client was shown ${found.join(', ')}` : undefined
  }
const ownBody = ([answer]: readonly Answer[]): string | undefined => (answer?.body === BODY ? undefined : `body ${answer?.body}`)
const all =
  (...checks: readonly ((answers: readonly Answer[]) => string | undefined)[]) =>
  (answers: readonly Answer[]) =>
    checks.map((check) => check(answers)).find((problem) => problem !== undefined)

const TARGETS = [
  '/internalonly/',
  '/mcpgw/',
  '/mcpgw/mcp',
  '/_gatehouse/validate',
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

const OK = 'HTTP/1.1 200 OK\r\n'

/** Answers that are no HTTP, or not one answer. */
const BROKEN: readonly (readonly [name: string, bytes: string, status: number | readonly number[]])[] = [
  ['nothing', '', 502],
  ['no HTTP', 'rubbish\r\n\r\n', [200, 502]],
  ['a head cut short', `${OK}Content-Type: text/`, 502],
  ['the status 000', 'HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n', [0, 502]],
  ['two different Content-Length', `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`, 502],
  ['Content-Length and Transfer-Encoding', `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`, 502],
  ['an unknown Transfer-Encoding', `${OK}Transfer-Encoding: x\r\n\r\nab`, 502],
  ['a Content-Length that is none', `${OK}Content-Length: -1\r\n\r\nab`, [200, 502]],
  ['NUL in a header', `${OK}X-A: a\x00b\r\nContent-Length: 0\r\n\r\n`, 502],
  ['a bare CR in a header', `${OK}X-A: a\rSet-Cookie: x=1\r\nContent-Length: 0\r\n\r\n`, 502],
  ['a space before the colon', `${OK}Set-Cookie : mcp_gateway_session=x\r\nContent-Length: 0\r\n\r\n`, [200, 502]],
  ['a head of 20 KB', `${OK}X-A: ${'a'.repeat(20_000)}\r\nContent-Length: 0\r\n\r\n`, 502],
  ['a body cut short', `${OK}Content-Length: 100\r\n\r\nabc`, 200],
  ['chunks cut short', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nab`, 200],
  [
    'a second answer behind the first',
    `${OK}Content-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\nX-User: admin\r\nContent-Length: 2\r\n\r\ncd`,
    200,
  ],
  ['a body with 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nab', 204],
]

const BROKEN_CASES: Case[] = BROKEN.map(([name, bytes, status]) =>
  hostile('267', name, writing(bytes), { status, check: lacks('set-cookie', 'x-user'), options: { timeout: 1000, answers: 2 } }),
)

/** Writes until nobody takes any more; gives the number of bytes that were taken. */
function flood(response: ServerResponse, first: string, piece: string): { taken(): number; closed(): boolean } {
  const { socket } = response
  let closed = false
  socket?.on('close', () => {
    closed = true
  })
  socket?.on('error', () => {})
  const more = (): void => {
    while (piece !== '' && !closed && socket?.write(piece));
  }
  socket?.write(first)
  socket?.on('drain', more)
  more()
  return { taken: () => (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0), closed: () => closed }
}

let floods: { taken(): number; closed(): boolean } | undefined
const flooding =
  (first: string, piece: string): Backend['answer'] =>
  (_: IncomingMessage, response) => {
    floods = flood(response, first, piece)
  }

/** A client that sends its request and reads nothing for a while, then leaves. */
const lazy = (w: World, milliseconds: number): Promise<Answer[]> =>
  new Promise((done) => {
    const socket = connect(w.gateway.port, '127.0.0.1', () => {
      socket.pause()
      socket.write(postTo('/currenttime/mcp', [w.agent]))
      setTimeout(() => {
        socket.destroy()
        done([])
      }, milliseconds)
    })
    socket.on('error', () => {})
  })

const ENDLESS: Case[] = [
  hostile('267', 'headers without end', flooding(OK, 'X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'), {
    status: 502,
    check: () => until('NGINX has hung up', () => floods?.closed() === true, 2000),
  }),
  hostile(
    '267',
    'a body without end for a client that does not read',
    flooding(`${OK}Transfer-Encoding: chunked\r\n\r\n`, `10000\r\n${'x'.repeat(65_536)}\r\n`),
    {
      send: (w) => lazy(w, 700),
      status: 0,
      check: async () => {
        const taken = floods?.taken() ?? 0
        await until('NGINX has hung up', () => floods?.closed() === true, 3000)
        return taken > 32 * 1024 * 1024 ? `${taken} bytes were taken from the MCP server` : undefined
      },
    },
  ),
  hostile('267', 'no answer at all, and a client that leaves', flooding('', ''), {
    send: (w) => lazy(w, 100),
    status: 0,
    check: () => until('NGINX has hung up', () => floods?.closed() === true, 2000),
  }),
]

const UPGRADE = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
const tunnelled: string[] = []

const TUNNELS: Case[] = [
  hostile(
    '140',
    'an upgrade that was asked for and granted opens no tunnel',
    (request) => {
      request.socket.on('data', (bytes) => tunnelled.push(bytes.toString('latin1')))
      request.socket.write(UPGRADE)
    },
    {
      send: async (w) => {
        const socket = connect(w.gateway.port, '127.0.0.1', () =>
          socket.write(postTo('/currenttime/mcp', [w.agent, 'Connection: Upgrade', 'Upgrade: websocket'])),
        )
        socket.on('error', () => {})
        await sleep(200)
        socket.write('unchecked bytes')
        await sleep(200)
        socket.destroy()
        return []
      },
      status: 0,
      check: () => (tunnelled.length > 0 ? `through the tunnel: ${tunnelled.join()}` : undefined),
    },
  ),
]

runTable('hostile MCP servers', [...STEERING, ...NAME_OF_THE_GATE, ...REDIRECTS, ...BROWSERS, ...BROKEN_CASES, ...ENDLESS, ...TUNNELS])
