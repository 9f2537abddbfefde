/** Bodies that are too large, in a wrong wrapping, no JSON, or JSON that two readers read in two ways: nothing of them reaches anybody. */
import { gzipSync } from 'node:zlib'
import { call, message } from '../support/gateway.ts'
import { AGENT } from './delivery.ts'
import { deep, explained, LIMIT, padded } from './explain.ts'
import { type Case, DELIVERED, http, NOW, postTo, runTable } from './table.ts'

type Bytes = string | Buffer

interface Refused {
  status?: number
  /** The id of the JSON-RPC error, as JSON text; left out where none is known. */
  id?: string
  code?: number
}

/** A body of the known caller that is refused before the validator is asked about any call. */
const refused = (id: string, name: string, body: Bytes, reason: string, expected: Refused = {}): Case => ({
  id,
  name,
  send: (w) => postTo('/currenttime/mcp', [w.agent], body),
  status: expected.status ?? 400,
  backend: 'nothing',
  decisions: 1,
  check: explained(reason, expected.id, expected.code),
})

/** Delivered byte for byte. */
const passed = (id: string, name: string, body: string): Case => ({
  id,
  name,
  send: (w) => postTo('/currenttime/mcp', [w.agent], body),
  status: 200,
  backend: { ...DELIVERED, body: Buffer.from(body).toString('latin1') },
})

const chunked = (body: string, size: number): string => {
  const chunks = body.match(new RegExp(`.{1,${size}}`, 'gs')) ?? []
  return `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`
}
const sendChunked = (id: string, name: string, body: string, size: number, rest: Pick<Case, 'status' | 'backend' | 'check'>): Case => ({
  id,
  name,
  send: (w) => {
    const head = ['Host: localhost', 'Content-Type: application/json', w.agent, 'Transfer-Encoding: chunked']
    return http('POST /currenttime/mcp HTTP/1.1', head, chunked(body, size))
  },
  ...rest,
})
const announced = (id: string, name: string, lines: readonly string[], body: Bytes, rest: Pick<Case, 'status' | 'check'>): Case => ({
  id,
  name,
  send: (w) => http('POST /currenttime/mcp HTTP/1.1', ['Host: localhost', 'Content-Type: application/json', w.agent, ...lines], body),
  backend: 'nothing',
  ...rest,
})

const TOO_LARGE = { status: 413, backend: 'nothing', check: explained('body_too_large') } as const

const SIZES: Case[] = [
  passed('66', 'the largest body there may be', padded('now', LIMIT)),
  passed('66', 'a body around the first buffer of nginx', padded('now', 1100)),
  passed('66', 'a body of 16 KB and one', padded('now', 16 * 1024 + 1)),
  ...[1024, 16 * 1024 + 1, 900_000, LIMIT].map(
    (size): Case => ({
      id: '66',
      name: `a forbidden tool in ${size} bytes`,
      send: (w) => postTo('/currenttime/mcp', [w.agent], padded('delete_all', size)),
      status: 403,
      backend: 'nothing',
      decisions: 2,
      check: explained('name_not_allowed', '1', -32003),
    }),
  ),
  announced('69', 'one byte more than there may be', [`Content-Length: ${LIMIT + 1}`], '', TOO_LARGE),
  announced('69', 'ten gigabytes announced', ['Content-Length: 10737418240'], '', TOO_LARGE),
  sendChunked('67', 'a chunked body', NOW, 7, { status: 200, backend: DELIVERED }),
  sendChunked('67', 'a chunked forbidden tool', call('delete_all'), 5, {
    status: 403,
    backend: 'nothing',
    check: explained('name_not_allowed', '1', -32003),
  }),
  sendChunked('67', 'a forbidden tool in chunks of 16 bytes', padded('delete_all', 300_000), 16, {
    status: 403,
    backend: 'nothing',
    check: explained('name_not_allowed', '1', -32003),
  }),
  sendChunked('67', 'a forbidden tool in chunks of one byte', padded('delete_all', 500_000), 1, {
    status: [403, 413],
    backend: 'nothing',
  }),
  sendChunked('69', 'more than there may be, in chunks', padded('delete_all', LIMIT + 1), 65_536, TOO_LARGE),
  refused('70', 'an empty body', '', 'body_missing'),
  refused('70', 'a line feed', '\n', 'json_invalid', { code: -32700 }),
  announced('70', 'no body at all', [], '', { status: 400, check: explained('body_missing') }),
  announced('70', 'an empty chunked body', ['Transfer-Encoding: chunked'], '0\r\n\r\n', { status: 400, check: explained('body_missing') }),
  refused('102', '5,000 deep', deep(5000), 'body_too_deep', { id: '1' }),
  refused('102', '200,000 deep', deep(200_000), 'body_too_deep', { id: '1' }),
  refused('102', '200,000 brackets', '['.repeat(200_000), 'batch_not_allowed'),
  refused('102', '129 deep', deep(127), 'body_too_deep', { id: '1' }),
  passed('102', '128 deep', deep(126)),
]

const METHODS: Case[] = ['GET', 'DELETE'].flatMap((method): Case[] => [
  {
    id: '71',
    name: `${method} with a body`,
    send: (w) => http(`${method} /currenttime/mcp HTTP/1.1`, ['Host: localhost', w.agent, `Content-Length: ${NOW.length}`], NOW),
    status: 400,
    backend: 'nothing',
    check: explained('body_unexpected'),
  },
  {
    id: '71',
    name: `${method} with a chunked body`,
    send: (w) => http(`${method} /currenttime/mcp HTTP/1.1`, ['Host: localhost', w.agent, 'Transfer-Encoding: chunked'], chunked(NOW, 99)),
    status: 400,
    backend: 'nothing',
    check: explained('body_unexpected'),
  },
  {
    id: '71',
    name: `${method} with an empty body`,
    send: (w) => http(`${method} /currenttime/mcp HTTP/1.1`, ['Host: localhost', w.agent, 'Content-Length: 0']),
    status: 200,
    backend: { url: '/mcp', method, caller: AGENT, body: '' },
  },
])
const OTHER_METHODS: Case[] = [
  'PUT',
  'PATCH',
  'FOO',
  'HEAD',
  'TRACE',
  'OPTIONS',
  'PROPFIND',
  'QUERY',
  'post',
  'Post',
  'POST_',
  'CONNECT',
].map((method) => ({
  id: '72',
  name: `${method} with a body`,
  send: (w) =>
    http(
      `${method} /currenttime/mcp HTTP/1.1`,
      ['Host: localhost', 'Connection: close', 'Content-Type: application/json', w.agent, `Content-Length: ${NOW.length}`],
      NOW,
    ),
  status: ['post', 'Post', 'POST_', 'CONNECT'].includes(method) ? [400, 405] : 405,
  backend: 'nothing',
}))

const wrapped = (id: string, name: string, lines: readonly string[], body: Bytes, reason: string): Case => ({
  id,
  name,
  send: (w) => http('POST /currenttime/mcp HTTP/1.1', ['Host: localhost', w.agent, `Content-Length: ${body.length}`, ...lines], body),
  status: 415,
  backend: 'nothing',
  decisions: 1,
  check: explained(reason),
})
const JSON_TYPE = 'Content-Type: application/json'
const ENCODINGS: Case[] = [
  wrapped('73', 'a gzipped body', [JSON_TYPE, 'Content-Encoding: gzip'], gzipSync(NOW), 'content_encoding'),
  ...['gzip', 'GZIP', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'identity, gzip', 'gzip, identity', 'aes128gcm', '*', ''].map(
    (encoding) =>
      wrapped('74', `the label "${encoding}" on a plain body`, [JSON_TYPE, `Content-Encoding: ${encoding}`], NOW, 'content_encoding'),
  ),
  wrapped('74', 'two labels', [JSON_TYPE, 'Content-Encoding: identity', 'Content-Encoding: gzip'], NOW, 'content_encoding'),
  wrapped(
    '74',
    'two labels, the other way round',
    [JSON_TYPE, 'Content-Encoding: gzip', 'Content-Encoding: identity'],
    NOW,
    'content_encoding',
  ),
  refused('73', 'a gzipped body without the label', gzipSync(NOW), 'body_not_utf8', { code: -32700 }),
  wrapped('79', 'no Content-Type', [], NOW, 'content_type'),
  ...[
    'text/plain',
    'text/plain; charset=utf-8',
    'text/plain; application/json',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/form-data; boundary=application/json',
    'application/jsonx',
    'application/json-rpc',
    'application/json+x',
    'application/vnd.api+json',
    'application/json, text/plain',
    'application/json application/json',
    'application / json',
    'application',
    'application/',
    'json',
    '*/*',
    '',
    ';application/json',
    'application/json; charset=utf-16',
    'application/json; charset=utf-16le',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-7',
    'application/json; charset=us-ascii',
    'application/json;charset=',
    'application/json; charset = utf-8',
    "application/json; charset='utf-8'",
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; x=1; CHARSET=UTF-32',
    'application/json\xa0',
    'application/j\xdfon',
  ].map((type) => wrapped('79', `Content-Type: ${type}`, [`Content-Type: ${type}`], NOW, 'content_type')),
  ...[
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON; Charset="utf-8"',
    'application/json ; charset=utf-8',
    'application/json;',
    'application/json; profile=x',
  ].map(
    (type): Case => ({
      id: '79',
      name: `Content-Type: ${type} is fine`,
      send: (w) =>
        http('POST /currenttime/mcp HTTP/1.1', ['Host: localhost', w.agent, `Content-Length: ${NOW.length}`, `Content-Type: ${type}`], NOW),
      status: 200,
      backend: DELIVERED,
    }),
  ),
]

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const invalid = { code: -32700 }
const CHARACTERS: Case[] = [
  refused('76', 'UTF-16LE', utf16(NOW), 'json_invalid', invalid),
  refused('76', 'UTF-16LE with mark', utf16(`\ufeff${NOW}`), 'body_not_utf8', invalid),
  refused('76', 'UTF-16BE', utf16(NOW).swap16(), 'json_invalid', invalid),
  refused('76', 'UTF-16BE with mark', utf16(`\ufeff${NOW}`).swap16(), 'body_not_utf8', invalid),
  refused('76', 'UTF-32BE', bytes(NOW.replace(/./gs, '\0\0\0$&')), 'json_invalid', invalid),
  refused('76', 'UTF-32LE with mark', bytes(`\xff\xfe\0\0${NOW.replace(/./gs, '$&\0\0\0')}`), 'body_not_utf8', invalid),
  refused('76', 'UTF-7', '+AHsAIg-jsonrpc+ACI-:', 'json_invalid', invalid),
  refused('77', 'a byte order mark', `\ufeff${NOW}`, 'json_invalid', invalid),
  refused('96', 'an invalid byte in the name', bytes(call('n\xffw')), 'body_not_utf8', invalid),
  refused('96', 'an overlong letter in the name', bytes(call('n\xc1\xafw')), 'body_not_utf8', invalid),
  refused('96', 'a surrogate in bytes in the name', bytes(call('now\xed\xa0\x80')), 'body_not_utf8', invalid),
  refused('96', 'Latin-1 in the arguments', bytes(NOW.replace('{}', '{"a":"\xe9"}')), 'body_not_utf8', invalid),
  refused('96', 'an invalid byte after the message', bytes(`${NOW}\xff`), 'body_not_utf8', invalid),
  refused('96', 'a lone surrogate in the name', NOW.replace('now', 'now\\ud800'), 'name_invalid', { id: '1', code: -32602 }),
  refused('96', 'a lone surrogate behind an escaped backslash', NOW.replace('now', '\\\\ud83d\\ude00'), 'name_invalid', {
    id: '1',
    code: -32602,
  }),
]

const member = (extra: string): string => NOW.replace(/}$/, `,${extra}}`)
const param = (extra: string): string => NOW.replace('"name":"now"', `"name":"now",${extra}`)
const AMBIGUOUS: Case[] = [
  refused('80', 'method twice: list, call', NOW.replace('"method"', '"method":"tools/list","method"'), 'member_duplicated', { id: '1' }),
  refused('80', 'method twice: call, list', member('"method":"tools/list"'), 'member_duplicated', { id: '1' }),
  refused('80', 'id twice', member('"id":2'), 'member_duplicated', { id: '1' }),
  refused('81', 'params twice', member('"params":{"name":"delete_all"}'), 'member_duplicated', { id: '1' }),
  refused('81', 'name twice: now, delete_all', param('"name":"delete_all"'), 'member_duplicated', { id: '1' }),
  refused('81', 'name twice: delete_all, now', NOW.replace('"name"', '"name":"delete_all","name"'), 'member_duplicated', { id: '1' }),
  refused('81', 'name twice, the second escaped', param('"n\\u0061me":"delete_all"'), 'member_unknown', { id: '1' }),
  ...['Method', 'METHOD', 'Params', 'Id', 'Jsonrpc', 'metho\\u0064', 'method ', 'm\u0435thod', 'result_', 'extra'].map((key) =>
    refused('82', `the member ${JSON.stringify(key)} beside the right one`, member(`"${key}":"tools/list"`), 'member_unknown', {
      id: '1',
    }),
  ),
  ...['Name', 'NAME', 'Uri', 'Arguments', 'name\\u0000', 'n\u0430me'].map((key) =>
    refused('82', `the param ${JSON.stringify(key)} beside the right one`, param(`"${key}":"delete_all"`), 'member_unknown', { id: '1' }),
  ),
  ...['method\\u0000', 'method\\u0000x', '\\u0000method', 'method\\ud800'].map((key) =>
    refused('84', `the member ${JSON.stringify(key)} beside the right one`, member(`"${key}":"tools/list"`), 'member_unknown', {
      id: '1',
    }),
  ),
  refused('84', 'a NUL in the name of the one method', NOW.replace('"method"', '"method\\u0000"'), 'member_unknown', { id: '1' }),
  refused('84', 'a NUL in the name of the one tool', NOW.replace('"name"', '"name\\u0000"'), 'member_unknown', { id: '1' }),
  refused('86', '__proto__ beside the right members', member('"__proto__":{"method":"tools/list"}'), 'member_unknown', { id: '1' }),
  refused('86', '__proto__ alone', '{"__proto__":{"method":"tools/list"}}', 'member_unknown'),
  refused('86', 'constructor.prototype', member('"constructor":{"prototype":{"method":"x"}}'), 'member_unknown', { id: '1' }),
  refused('98', 'a batch of an allowed and a forbidden call', `[${NOW},${call('delete_all')}]`, 'batch_not_allowed'),
  refused('98', 'a batch of a forbidden call', `[${call('delete_all')}]`, 'batch_not_allowed'),
  refused('98', 'an empty batch', '[]', 'batch_not_allowed'),
  refused('98', 'a batch in a batch', `[[${NOW}]]`, 'batch_not_allowed'),
  refused('99', 'two documents', NOW + call('delete_all'), 'json_invalid', { id: '1', ...invalid }),
  refused('99', 'two documents in two lines', `${NOW}\n${NOW}`, 'json_invalid', { id: '1', ...invalid }),
  refused('99', 'a letter after', `${NOW}x`, 'json_invalid', { id: '1', ...invalid }),
  refused('99', 'a NUL after', `${NOW}\0`, 'json_invalid', { id: '1', ...invalid }),
  refused('99', 'a brace after', `${NOW}}`, 'json_invalid', { id: '1', ...invalid }),
  ...[
    '/* */{}',
    '{}//',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    'NaN',
    'Infinity',
    '0x10',
    '01',
    '[1,]',
    '+1',
    '.5',
    'undefined',
    '"\\x41"',
    '"\t"',
  ].map((value) => refused('100', `the arguments ${value}`, NOW.replace('{}', value), 'json_invalid', { id: '1', ...invalid })),
  refused('106', 'no jsonrpc', NOW.replace('"jsonrpc":"2.0",', ''), 'jsonrpc_invalid', { id: '1' }),
  ...['"1.0"', '2', '2.0', 'null', '"2.0 "'].map((value) =>
    refused('106', `jsonrpc ${value}`, NOW.replace('"2.0"', value), 'jsonrpc_invalid', { id: '1' }),
  ),
  refused('108', 'a response', '{"jsonrpc":"2.0","id":1,"result":{}}', 'response_not_allowed', { id: '1' }),
  refused('108', 'an error', '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}', 'response_not_allowed', { id: '1' }),
  refused('108', 'a call that is a response too', member('"result":{}'), 'response_not_allowed', { id: '1' }),
  ...['null', 'true', '1.5', '1e3'].map((id) => refused('106', `id ${id}`, NOW.replace('"id":1', `"id":${id}`), 'id_invalid')),
  refused(
    '106',
    'an id with markup is given back as it came',
    NOW.replace('"id":1', '"id":"</script>\\"\\u0000"').replace('2.0', '1.0'),
    'jsonrpc_invalid',
    {
      id: '"</script>\\"\\u0000"',
    },
  ),
]

const methodBody = (value: string): string => NOW.replace('"tools/call"', value)
const nameBody = (value: string): string => NOW.replace('"now"', value)
const name = { id: '1', code: -32602 }
const VALUES: Case[] = [
  ...['1', 'null', 'true', '""'].map((value) => refused('88', `method ${value}`, methodBody(value), 'method_invalid', { id: '1' })),
  ...['{}', '["tools/call"]'].map((value) => refused('88', `method ${value}`, methodBody(value), 'member_invalid', { id: '1' })),
  refused('88', 'no method', NOW.replace('"method":"tools/call",', ''), 'method_invalid', { id: '1' }),
  ...['1', '["now"]', '{}', '""', 'null', 'true', '[]'].map((value) =>
    refused('89', `name ${value}`, nameBody(value), 'name_invalid', name),
  ),
  refused('89', 'no name', message('tools/call', { arguments: {} }), 'name_invalid', name),
  refused('89', 'no params', message('tools/call'), 'name_invalid', name),
  refused('89', 'params in an array', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["now"]}', 'params_not_object', { id: '1' }),
  ...[
    'tools/list\\r\\nX-Mcp-Tool: now',
    'tools/list\\n',
    'tools/call ',
    ' tools/call',
    'tools/call\u00a0',
    'tools/call\u200b',
    'tools\\u002fcall',
    'tools/*',
    'a;b',
    '$' + '{uri}',
    'a=b',
  ].map((value) => refused('90', `method ${JSON.stringify(value)}`, methodBody(`"${value}"`), 'method_invalid', { id: '1' })),
  ...['now\\r\\nX-User: admin', 'x\\r\\nAuthorization: Bearer y\\r\\n\\r\\nGET /', 'now\\n', 'now\\u0000', 'now\\u0085', '\\u007f'].map(
    (value) => refused('91', `name ${JSON.stringify(value)}`, nameBody(`"${value}"`), 'name_invalid', name),
  ),
  ...[257, 9000, 100_000].map((length) => refused('104', `a name of ${length} characters`, call('n'.repeat(length)), 'name_invalid', name)),
  refused('104', 'a method of 257 characters', message('m'.repeat(257)), 'method_invalid', { id: '1' }),
  refused('104', 'a name of 257 emojis', call('\u{1f600}'.repeat(257)), 'name_invalid', name),
]

/** A tool that is not what the caller may use: compared character by character. */
const forbidden = (id: string, tool: string): Case => ({
  id,
  name: `the tool ${JSON.stringify(tool.slice(0, 20))} (${tool.length})`,
  send: (w) => postTo('/currenttime/mcp', [w.agent], call(tool)),
  status: 403,
  backend: 'nothing',
  decisions: 2,
  check: explained('name_not_allowed', '1', -32003),
})
const AROUND = [' ', '  ', '\u00a0', '\u200b', '\ufeff', '\u2028', '\u3000', '\u2060', '\u00ad']
const SIMILAR = [
  'Now',
  'NOW',
  'n\u03bfw',
  'now\u0301',
  '\uff4eow',
  'now;delete_all',
  'now,delete_all',
  'now delete_all',
  '"',
  'a=b',
  'now%20',
  '%6eow',
  'now|',
  '$uri',
  '$' + '{now}',
  '*',
  'now*',
  'n.w',
  'no',
  'noww',
  'tools/call=now',
  '__proto__',
  'constructor',
  'n'.repeat(256),
  '\u20ac'.repeat(256),
  '\u{1f600}'.repeat(256),
]
const FORBIDDEN: Case[] = [
  ...AROUND.flatMap((blank) => [forbidden('94', `now${blank}`), forbidden('94', `${blank}now`)]),
  ...SIMILAR.map((tool) => forbidden('105', tool)),
  ...[
    'Tools/Call',
    'tools/calls',
    'tools/cal',
    'TOOLS/LIST',
    'tools/list/',
    '/tools/list',
    'ping.',
    'initialize-',
    '$uri',
    '__proto__',
  ].map(
    (method): Case => ({
      id: '93',
      name: `the method ${method}`,
      send: (w) => postTo('/currenttime/mcp', [w.agent], message(method, { name: 'now' })),
      status: 403,
      backend: 'nothing',
      decisions: 2,
      check: explained('method_not_allowed', '1', -32003),
    }),
  ),
]

/** The same call in other writing is still the same call, and travels as it was written. */
const SAME: Case[] = [
  passed('109', 'in wide writing', ` {\r\n\t"jsonrpc" : "2.0" , "id" : 1 , "method" : "tools/call" , "params" : { "name" : "now" } }\n`),
  passed(
    '109',
    'in another order',
    '{"params":{"arguments":{"name":"delete_all"},"name":"now"},"method":"tools/call","id":1,"jsonrpc":"2.0"}',
  ),
  passed('109', 'with escapes in the values', '{"jsonrpc":"2.0","id":1,"method":"tools\\/call","params":{"name":"\\u006eow"}}'),
  passed('109', 'with all of Unicode in the arguments', NOW.replace('{}', '{"a":"\u00e9\u20ac\u{1f600}\ufeff\u2028\\ud800"}')),
  passed('109', 'with equal keys in the arguments', NOW.replace('{}', '{"a":1,"a":2,"A":3}')),
  passed('109', 'with numbers beyond double precision', NOW.replace('{}', '{"a":9007199254740993,"b":1e999,"c":-0}')),
  passed('109', '1000 whole numbers', NOW.replace('{}', `{"a":[${'1,'.repeat(1000)}1]}`)),
]

runTable('bodies', [...SIZES, ...METHODS, ...OTHER_METHODS, ...ENCODINGS, ...CHARACTERS, ...AMBIGUOUS, ...VALUES, ...FORBIDDEN, ...SAME])
