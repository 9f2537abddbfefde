/** HTTP/2 over TLS: what HTTP/1.1 cannot express, and NGINX must not translate into something else. */
import type { OutgoingHttpHeaders } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../support/process.ts'
import { type Delivery, ROSA } from './delivery.ts'
import {
  continuation,
  data,
  exchange,
  type Field,
  headers,
  noEnd,
  open,
  pack,
  preface,
  repeated,
  reset,
  settings,
  trailers,
} from './frames.ts'
import { type Case, DELIVERED, NOW, runTable } from './table.ts'
import { addTls, request } from './tls.ts'
import { COOKIE, type World } from './world.ts'

const port = await freePort()
const OVER_TLS = { 'x-forwarded-port': String(port), 'x-forwarded-proto': 'https' }
const delivered: Delivery = { ...DELIVERED, headers: OVER_TLS }

type Fields = (w: World) => Field[]

const bearer = (w: World): Field => ['authorization', w.agent.slice('Authorization: '.length)]
const REST: readonly Field[] = [['content-type', 'application/json']]
const pseudo = (changes: Record<string, string> = {}): Field[] =>
  Object.entries({ ':method': 'POST', ':scheme': 'https', ':path': '/currenttime/mcp', ':authority': 'localhost', ...changes })
const good = (w: World, changes: Record<string, string> = {}): Field[] => [...pseudo(changes), bearer(w), ...REST]

/** Frames of which the gate may make nothing. */
const framed = (id: string, name: string, frames: (w: World) => readonly Buffer[], part: Partial<Case> = {}): Case => ({
  id,
  name,
  send: (w) => exchange(port, frames(w)),
  status: [0, 400],
  backend: 'nothing',
  ...part,
})

const malformed = (id: string, name: string, fields: Fields, part: Partial<Case> = {}): Case =>
  framed(id, name, (w) => [headers(fields(w)), data(NOW)], { decisions: 0, ...part })

/** A request by a client that keeps to the rules. */
const ordinary = (
  id: string,
  name: string,
  fields: (w: World) => OutgoingHttpHeaders | Promise<OutgoingHttpHeaders>,
  part: Partial<Case> = {},
  body: string | undefined = NOW,
): Case => ({
  id,
  name,
  send: async (w) => {
    const usual = { ':method': 'POST', ':path': '/currenttime/mcp', ':authority': 'localhost', 'content-type': 'application/json' }
    return request(port, { ...usual, ...(await fields(w)) }, body)
  },
  status: 200,
  backend: delivered,
  ...part,
})

const token = (w: World): OutgoingHttpHeaders => ({ authorization: bearer(w)[1] })

const PATHS = [
  '/currenttime/mcp\r\nX-User: admin',
  '/currenttime/mcp HTTP/1.1\r\nX-User: admin\r\n\r\n',
  '/currenttime/mcp\x00',
  '/currenttime/mcp ',
  '/currenttime/mcp\tx',
  '',
  'currenttime/mcp',
  '*',
  'https://evil/mcpgw/',
  'https://localhost/currenttime/mcp',
  '/currenttime/../mcpgw/',
  '/mcpgw/../currenttime/mcp',
  '/mcpgw/%2e%2e/currenttime/mcp',
  '//currenttime/mcp',
  '/currenttime/mcp#x',
  '/currenttime/..;/mcpgw/',
  '/currenttime/..\\mcpgw/',
  '/../mcpgw/',
]

const PSEUDO_HEADERS: Case[] = [
  ...PATHS.map((path) => malformed('255', `:path ${JSON.stringify(path)}`, (w) => good(w, { ':path': path }))),
  ...['POST ', 'post', 'PO\r\nST', '', 'POST\x00', 'CONNECT', 'TRACE', 'PRI'].map((method) =>
    malformed('255', `:method ${JSON.stringify(method)}`, (w) => good(w, { ':method': method }), { status: [0, 400, 405] }),
  ),
  ...['a@b', 'localhost\r\nX-User: admin', 'a:99999', 'localhost.', '', 'a b', 'a/b'].map((authority) =>
    malformed('255', `:authority ${JSON.stringify(authority)}`, (w) => good(w, { ':authority': authority })),
  ),
  ...['https\r\nX-User: admin', '', 'ht tp', '1https'].map((scheme) =>
    malformed('255', `:scheme ${JSON.stringify(scheme)}`, (w) => good(w, { ':scheme': scheme })),
  ),
  malformed('255', ':authority and another Host', (w) => [...good(w), ['host', 'evil']]),
  malformed('255', 'two :path', (w) => [[':path', '/mcpgw/mcp'], ...good(w)]),
  malformed('255', 'two :method', (w) => [[':method', 'GET'], ...good(w)]),
  malformed('255', 'two :scheme', (w) => [[':scheme', 'http'], ...good(w)]),
  malformed('255', 'two :authority', (w) => [[':authority', 'evil'], ...good(w)]),
  malformed('255', 'an unknown pseudo-header', (w) => [[':user', 'admin'], ...good(w)]),
  malformed('255', 'a pseudo-header of responses', (w) => [[':status', '200'], ...good(w)]),
  ...[':method', ':scheme', ':path', ':authority'].map((name) =>
    malformed('255', `no ${name}`, (w) => good(w).filter((field) => field[0] !== name)),
  ),
]

const HEADERS: Case[] = [
  ...['X-User', '', 'x\r\nx-user', 'x\x00', 'x-user\n', 'x-user ', 'x user'].map((name) =>
    malformed('255', `the header name ${JSON.stringify(name)}`, (w) => [...good(w), [name, 'admin']]),
  ),
  ...['x_user', 'x-us\xe9r', 'x.user'].map((name) =>
    framed(
      '255',
      `the odd header name ${JSON.stringify(name)} is not passed on`,
      (w) => [headers([...good(w), [name, 'admin']]), data(NOW)],
      {
        status: 200,
        backend: delivered,
      },
    ),
  ),
  ...['a\r\nX-User: admin', 'a\nX-User: admin', 'a\rX-User: admin', 'a\x00b'].map((value) =>
    malformed('255', `the header value ${JSON.stringify(value)}`, (w) => [...good(w), ['x-a', value]]),
  ),
  // RFC 9113 section 8.2.2 calls these malformed. NGINX reads over them, so what counts is that nothing changes and nothing arrives.
  ...[
    'connection: x-user, authorization',
    'connection: close',
    'keep-alive: 1',
    'proxy-connection: close',
    'upgrade: websocket',
    'te: gzip',
    'transfer-encoding: chunked',
  ].map((line) =>
    framed(
      '255',
      `${line}, which HTTP/2 does not have, changes nothing`,
      (w) => [headers([...good(w), line.split(': ') as unknown as Field]), data(NOW)],
      { status: 200, backend: delivered },
    ),
  ),
  framed('255', 'a pseudo-header behind a header changes nothing', (w) => [headers([bearer(w), ...REST, ...pseudo()]), data(NOW)], {
    status: 200,
    backend: delivered,
  }),
  malformed('256', 'two authorization, good and bad', (w) => [...good(w), ['authorization', 'Bearer bad']]),
  malformed('256', 'two authorization, bad and good', (w) => [...pseudo(), ['authorization', 'Bearer bad'], bearer(w), ...REST]),
  malformed('256', 'two content-length', (w) => [...good(w), ['content-length', String(NOW.length)], ['content-length', '0']]),
  ...['84', '86', '+85', '0x55', '85,85', '-1'].map((length) =>
    framed('256', `content-length ${length} for 85 bytes`, (w) => [headers([...good(w), ['content-length', length]]), data(NOW)]),
  ),
]

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
    status: [0, 200, 400],
    backend: delivered,
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

const RAPID = 400
const RESETS: Case[] = [
  {
    id: '258',
    name: `${RAPID} streams that are reset at once cost one decision each at the most`,
    send: async ({ gateway }) => {
      const mark = gateway.validator.output().length
      const socket = open(port)
      const streams = Array.from({ length: RAPID }, (_, index) => 2 * index + 1)
      socket.on('error', () => {})
      socket.write(Buffer.concat([preface(), ...streams.flatMap((stream) => [headers(pseudo(), stream), reset(stream)])]))
      await sleep(700)
      socket.destroy()
      const decisions = gateway.validator.output().slice(mark).split('"msg":"decision"').length - 1
      if (decisions > RAPID) throw new Error(`${decisions} decisions`)
      return []
    },
    status: 0,
    backend: 'nothing',
  },
]

runTable('HTTP/2', [...PSEUDO_HEADERS, ...HEADERS, ...COOKIES, ...STREAMS, ...RESETS], { configure: (conf) => addTls(conf, port) })
