/** HTTP/2 over TLS: cookies in pieces, bodies without a length, frames out of order, streams that are reset. */
import { setTimeout as sleep } from 'node:timers/promises'
import { message } from '../support/gateway.ts'
import { AGENT, ROSA } from './delivery.ts'
import { continuation, data, headers, noEnd, open, pack, preface, repeated, reset, settings, trailers } from './frames.ts'
import { delivered, framed, good, OVER_TLS, ordinary, port, pseudo, token } from './http2.ts'
import { type Case, NOW, runTable } from './table.ts'
import { addTls } from './tls.ts'
import { COOKIE } from './world.ts'

const COOKIES: Case[] = [
  ordinary('257', 'a session in the second of three crumbs', async (w) => ({ cookie: ['a=1', `${COOKIE}=${await w.seal()}`, 'b=2'] }), {
    backend: { ...delivered, caller: ROSA },
  }),
  ordinary('257', 'a session in two crumbs', async (w) => ({ cookie: [`${COOKIE}=${await w.seal()}`, `${COOKIE}=planted`] }), {
    status: 401,
    backend: 'nothing',
  }),
  ordinary(
    '257',
    'a session cut into two crumbs',
    async (w) => {
      const seal = await w.seal()
      return { cookie: [`${COOKIE}=${seal.slice(0, 100)}`, seal.slice(100)] }
    },
    { status: 401, backend: 'nothing' },
  ),
]

const noBody = (method: string): Case =>
  ordinary('71', `${method} with a body whose length is not told`, (w) => ({ ...token(w), ':method': method }), {
    status: 400,
    backend: 'nothing',
  })

const STREAMS: Case[] = [
  ordinary('255', 'a good request', token),
  ordinary('255', 'identity headers of the client', (w) => ({ ...token(w), 'x-user': 'admin', 'x-scopes': '*', 'x-groups': 'admins' })),
  ordinary('255', 'a stranger', () => ({}), { status: 401, backend: 'nothing', decisions: 1 }),
  ordinary('255', 'another server', (w) => ({ ...token(w), ':path': '/mcpgw/mcp' }), { status: 403, backend: 'nothing' }),
  ordinary('255', 'a path that is not literal', (w) => ({ ...token(w), ':path': '/mcpgw/../currenttime/mcp' }), {
    status: 400,
    backend: 'nothing',
  }),
  noBody('GET'),
  noBody('DELETE'),
  framed('255', 'no body', (w) => [headers(good(w), 1, 5)]),
  framed('255', 'a body in many frames', (w) => [headers(good(w)), ...[...NOW].map((byte) => data(byte, 1, 0)), data('')], {
    status: 200,
    backend: delivered,
  }),
  framed(
    '255',
    'trailers that look like identity',
    (w) => [
      headers(good(w)),
      data(NOW, 1, 0),
      trailers([
        ['x-user', 'admin'],
        ['authorization', 'Bearer x'],
      ]),
    ],
    {},
  ),
  framed('255', 'a pseudo-header among the trailers', (w) => [headers(good(w)), data(NOW, 1, 0), trailers([[':path', '/mcpgw/mcp']])], {
    status: [0, 400],
  }),
  framed('255', 'a stream with an even number', (w) => [headers(good(w), 2), data(NOW, 2)]),
  framed('255', 'data on a stream that is not open', () => [data(NOW, 3)]),
  framed(
    '255',
    'headers without end',
    (w) => [noEnd(good(w)), ...Array.from({ length: 2000 }, () => continuation(pack([['x-a', 'a'.repeat(1000)]])))],
    {
      status: [0, 400, 431],
      decisions: 0,
    },
  ),
  framed(
    '255',
    'one field of 4 KB a thousand times over',
    (w) => [noEnd(good(w)), continuation(repeated('x-a', 'a'.repeat(3900), 1000), 4), data(NOW)],
    {
      status: [0, 400, 431],
      decisions: 0,
    },
  ),
  framed('255', 'another frame between the parts of a header block', (w) => [
    noEnd(good(w)),
    settings(),
    continuation(Buffer.alloc(0), 4),
    data(NOW),
  ]),
]

const LISTED = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"now"},{"name":"delete_all"}]}}'
/** The filter takes headers of the answer away, which HTTP/2 has in a form of its own. */
const list = (name: string, head: Record<string, string>, isShown: boolean): Case =>
  ordinary(
    '266',
    name,
    token,
    {
      prepare: ({ gateway }) => {
        gateway.currenttime.answer = (_request, response) =>
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(LISTED.length), ...head }).end(LISTED)
      },
      backend: { url: '/mcp', caller: AGENT, headers: OVER_TLS },
      check: ([answer]) => {
        const { body = '', headers: seen = {} } = answer ?? {}
        const isWhole = seen['content-encoding'] === undefined && [undefined, String(body.length)].includes(seen['content-length']?.join())
        return isWhole && body.includes('"now"') === isShown && !body.includes('delete_all') ? undefined : JSON.stringify(answer)
      },
    },
    message('tools/list'),
  )
const LISTS: Case[] = [
  list('a list shows what the caller may use', {}, true),
  list('a list that is called compressed shows nothing', { 'content-encoding': 'gzip' }, false),
]

const RAPID = 400
const RESETS: Case[] = [
  {
    id: '258',
    name: `${RAPID} streams that are reset at once cost one decision each at the most`,
    send: async () => {
      const socket = open(port)
      const streams = Array.from({ length: RAPID }, (_, index) => 2 * index + 1)
      socket.on('error', () => {})
      socket.write(Buffer.concat([preface(), ...streams.flatMap((stream) => [headers(pseudo(), stream), reset(stream)])]))
      await sleep(700)
      socket.destroy()
      return []
    },
    status: 0,
    decisions: { atMost: RAPID },
    backend: 'nothing',
  },
]

runTable('HTTP/2 streams', [...COOKIES, ...STREAMS, ...LISTS, ...RESETS], { configure: (conf) => addTls(conf, port) })
