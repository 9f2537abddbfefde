/** HTTP/2 over TLS: fields that HTTP/1.1 cannot express, and NGINX must not translate into something else. */
import { data, type Field, headers } from './frames.ts'
import { bearer, delivered, framed, good, malformed, port, pseudo, REST } from './http2.ts'
import { type Case, NOW, runTable } from './table.ts'
import { addTls } from './tls.ts'

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
    'upgrade: websocket',
    'te: gzip',
    'transfer-encoding: chunked',
  ].map((line) =>
    framed(
      '255',
      `${line}, which HTTP/2 does not have, changes nothing`,
      (w) => [headers([...good(w), line.split(': ') as unknown as Field]), data(NOW)],
      { status: [200, 400], backend: delivered },
    ),
  ),
  framed('255', 'a pseudo-header behind a header changes nothing', (w) => [headers([bearer(w), ...REST, ...pseudo()]), data(NOW)], {
    status: [200, 400],
    backend: delivered,
  }),
  malformed('256', 'two authorization, good and bad', (w) => [...good(w), ['authorization', 'Bearer bad']]),
  malformed('256', 'two authorization, bad and good', (w) => [...pseudo(), ['authorization', 'Bearer bad'], bearer(w), ...REST]),
  malformed('256', 'two content-length', (w) => [...good(w), ['content-length', String(NOW.length)], ['content-length', '0']]),
  ...['84', '86', '+85', '0x55', '85,85', '-1'].map((length) =>
    framed('256', `content-length ${length} for 85 bytes`, (w) => [headers([...good(w), ['content-length', length]]), data(NOW)]),
  ),
]

runTable('HTTP/2 fields', [...PSEUDO_HEADERS, ...HEADERS], { configure: (conf) => addTls(conf, port) })
