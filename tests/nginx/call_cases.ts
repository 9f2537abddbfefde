/** Bodies and what the parser must make of them. One table for both engines that run it. */
import { NO_VALUES, NOT_UTF8, type Text, VALUES } from './json_texts.ts'
import type { Verdict } from './njs.ts'

export interface Case {
  name: string
  body: Buffer
  expected: Verdict
}

const buffer = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text)
const accept = (name: string, text: string, method: string, subject: string | null, id = '1'): Case => ({
  name,
  body: buffer(text),
  expected: { method, name: subject, id },
})
const refuse = (name: string, text: string | Buffer, refused: string, id = '1'): Case => ({
  name,
  body: buffer(text),
  expected: { refused, id },
})

/** Long enough, and of enough values, for runs to be used after it. */
const LONG = `"pad":["${'p'.repeat(2100)}"${',[[[[1]]]]'.repeat(120)}]`
const NOW = { method: 'tools/call', name: 'now', id: '7' }

/** Where a value may stand: text before and after it. */
const PLACES: readonly (readonly [string, string, string])[] = [
  ['as an argument', '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"now","arguments":{"v":', '}}}'],
  ['as an item', '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"now","arguments":{"v":[0,', ']}}}'],
  ['in params', '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"now","_meta":', '}}'],
  ['in a long body', `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"now","arguments":{${LONG},"v":`, ',"w":[1]}}}'],
  ['deep in a long body', `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"now","arguments":{${LONG},"v":[[[`, ',2]]]}}}'],
]

function inPlaces([name, text]: Text, expected: Verdict): Case[] {
  return PLACES.map(([place, before, after]) => {
    return { name: `${name}, ${place}`, body: Buffer.concat([buffer(before), buffer(text), buffer(after)]), expected }
  })
}

/** The value stands where the reader's window of 512 characters ends: before, in and after its middle. */
function atWindows([name, text]: Text, expected: Verdict): Case[] {
  const length = text.length
  if (length === 0 || length > 40) return []
  const cuts = [...new Set([1, 2, Math.ceil(length / 2), length - 1, length, length + 1])].filter((cut) => cut > 0)
  return cuts.map((cut) => {
    const filler = `"${'f'.repeat(512 - cut - 3)}"`
    const before = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"now","arguments":{${LONG},"v":[${filler},`
    return { name: `${name}, ${cut} before the window ends`, body: buffer(`${before}${text},3]}}}`), expected }
  })
}

const VALUE_CASES: Case[] = [
  ...VALUES.flatMap((value) => [...inPlaces(value, NOW), ...atWindows(value, NOW)]),
  ...NO_VALUES.flatMap((value) => [
    ...inPlaces(value, { refused: 'json_invalid', id: '7' }),
    ...atWindows(value, { refused: 'json_invalid', id: '7' }),
  ]),
  ...NOT_UTF8.flatMap((value) => inPlaces(value, { refused: 'body_not_utf8', id: '' })),
]

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
const utf16le = (text: string, mark = ''): Buffer => Buffer.from(mark + text, 'utf16le')
const utf32be = (text: string): Buffer => Buffer.concat([...text].map((character) => Buffer.from([0, 0, 0, character.charCodeAt(0)])))

const DOCUMENTS: Case[] = [
  accept('a request without params', PING, 'ping', null),
  accept('blanks around the message', ` \t\r\n${PING} \t\r\n`, 'ping', null),
  accept('blanks everywhere', '{ "jsonrpc" : "2.0" ,\n"id" :\t1 ,\r\n"method" : "ping" , "params" : { } }', 'ping', null),
  accept('700 blanks before and after', ' '.repeat(700) + PING + '\n'.repeat(700), 'ping', null),
  accept('members in another order', '{"params":{"name":"now"},"method":"tools/call","id":1,"jsonrpc":"2.0"}', 'tools/call', 'now'),
  accept(
    'the name after the arguments',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{},"name":"now"}}',
    'tools/call',
    'now',
  ),
  refuse('nothing', '', 'json_invalid', ''),
  refuse('one blank', ' ', 'json_invalid', ''),
  refuse('line feeds', '\n\n', 'json_invalid', ''),
  refuse('an empty object', '{}', 'jsonrpc_invalid', ''),
  refuse('a brace', '{', 'json_invalid', ''),
  refuse('a string', '"ping"', 'json_invalid', ''),
  refuse('a number', '1', 'json_invalid', ''),
  refuse('null', 'null', 'json_invalid', ''),
  refuse('true', 'true', 'json_invalid', ''),
  refuse('a word', 'ping', 'json_invalid', ''),
  refuse('a form', 'jsonrpc=2.0&id=1&method=ping', 'json_invalid', ''),
  refuse('XML', '<methodCall/>', 'json_invalid', ''),
  refuse('a server-sent event', `data: ${PING}\n\n`, 'json_invalid', ''),
  refuse('a byte order mark', `\ufeff${PING}`, 'json_invalid', ''),
  refuse('two byte order marks', `\ufeff\ufeff${PING}`, 'json_invalid', ''),
  refuse('a byte order mark after', `${PING}\ufeff`, 'json_invalid'),
  refuse('half a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb]), Buffer.from(PING)]), 'body_not_utf8', ''),
  refuse('UTF-16LE', utf16le(PING), 'json_invalid', ''),
  refuse('UTF-16LE with mark', utf16le(PING, '\ufeff'), 'body_not_utf8', ''),
  refuse('UTF-16BE', utf16le(PING).swap16(), 'json_invalid', ''),
  refuse('UTF-16BE with mark', utf16le(PING, '\ufeff').swap16(), 'body_not_utf8', ''),
  refuse('UTF-32BE', utf32be(PING), 'json_invalid', ''),
  refuse('UTF-7', '+AHsAIg-jsonrpc', 'json_invalid', ''),
  refuse('gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), 'body_not_utf8', ''),
  refuse('NUL before', `\0${PING}`, 'json_invalid', ''),
  refuse('NUL after', `${PING}\0`, 'json_invalid'),
  refuse('two documents', `${PING}${PING}`, 'json_invalid'),
  refuse('two documents in two lines', `${PING}\n${PING}`, 'json_invalid'),
  refuse('a comma after', `${PING},`, 'json_invalid'),
  refuse('a brace after', `${PING}}`, 'json_invalid'),
  refuse('a bracket after', `${PING}]`, 'json_invalid'),
  refuse('a letter after', `${PING}x`, 'json_invalid'),
  refuse('a letter after 700 blanks', `${PING}${' '.repeat(700)}x`, 'json_invalid'),
  refuse('a comment after', `${PING}//`, 'json_invalid'),
  refuse('a comment before', `/**/${PING}`, 'json_invalid', ''),
  refuse('a record separator before', `\x1e${PING}`, 'json_invalid', ''),
  refuse('a guard against script inclusion', `)]}',\n${PING}`, 'json_invalid', ''),
  refuse('the last brace missing', PING.slice(0, -1), 'json_invalid'),
  refuse('cut in the method', PING.slice(0, -4), 'json_invalid'),
  refuse('a comma before the last brace', `${PING.slice(0, -1)},}`, 'json_invalid'),
  refuse('a batch', `[${PING}]`, 'batch_not_allowed', ''),
  refuse('a batch of two', `[${PING},${PING}]`, 'batch_not_allowed', ''),
  refuse('an empty batch', '[]', 'batch_not_allowed', ''),
  refuse('a batch in a batch', `[[${PING}]]`, 'batch_not_allowed', ''),
  refuse('a batch after blanks', ` \n[${PING}]`, 'batch_not_allowed', ''),
  refuse('a bracket', '[', 'batch_not_allowed', ''),
  refuse('a message in an array in params', `{"jsonrpc":"2.0","id":1,"method":"ping","params":[${PING}]}`, 'params_not_object'),
]

const m = (members: string): string => `{"jsonrpc":"2.0","id":1,"method":"ping"${members}}`

const MEMBERS: Case[] = [
  refuse('a result', '{"jsonrpc":"2.0","id":1,"result":{}}', 'response_not_allowed'),
  refuse('an error', '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}', 'response_not_allowed'),
  refuse('a result before the id', '{"jsonrpc":"2.0","result":{},"id":1}', 'response_not_allowed', ''),
  refuse('a request with a result', m(',"result":null'), 'response_not_allowed'),
  refuse('a request with an error', m(',"error":null'), 'response_not_allowed'),
  refuse('an unknown member', m(',"extra":1'), 'member_unknown'),
  refuse('an empty member', m(',"":1'), 'member_unknown'),
  ...[
    'Method',
    'METHOD',
    'methoD',
    'Params',
    'PARAMS',
    'Id',
    'ID',
    'JsonRpc',
    'Result',
    'method ',
    ' method',
    'method\\u0000',
    '\\u006dethod',
  ].map((key) => refuse(`the member ${key}`, m(`,"${key}":"tools/call"`), 'member_unknown')),
  ...['m\u0435thod', 'method\u200b', '\ufeffmethod', 'meth\u00f8d', '\uff4dethod', 'para\u017fs', 'arg\u0131', '\u212aey'].map((key) =>
    refuse(`the look-alike ${JSON.stringify(key)}`, m(`,"${key}":1`), 'member_unknown'),
  ),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', '__defineGetter__', 'length'].map((key) =>
    refuse(`the member ${key}`, `{"${key}":{"method":"tools/list"},"jsonrpc":"2.0","id":1,"method":"tools/call"}`, 'member_unknown', ''),
  ),
  refuse('a member of 600 characters', m(`,"${'k'.repeat(600)}":1`), 'member_unknown'),
  refuse('a member of 9000 characters', m(`,"${'k'.repeat(9000)}":1`), 'member_unknown'),
  refuse('method alone, escaped', '{"jsonrpc":"2.0","id":1,"\\u006dethod":"ping"}', 'member_unknown'),
  refuse('the slash of a member escaped', m(',"a\\/b":1'), 'member_unknown'),
  refuse('jsonrpc twice', '{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}', 'member_duplicated', ''),
  refuse('id twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', 'member_duplicated'),
  refuse('id twice, the same', '{"jsonrpc":"2.0","id":1,"method":"ping","id":1}', 'member_duplicated'),
  refuse('method twice: list, call', '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}', 'member_duplicated'),
  refuse('method twice: call, list', '{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"tools/list"}', 'member_duplicated'),
  refuse('method twice, far apart', `{"jsonrpc":"2.0","id":1,"method":"ping","params":{${LONG}},"method":"x"}`, 'member_duplicated'),
  refuse('method twice with blanks', '{"jsonrpc":"2.0","id":1,"method" :"tools/list",\n"method"\t:"tools/call"}', 'member_duplicated'),
  refuse('method null, then a name', '{"jsonrpc":"2.0","id":1,"method":null,"method":"ping"}', 'member_duplicated'),
  refuse('params twice', m(',"params":{},"params":{}'), 'member_duplicated'),
  refuse('params null, then an object', m(',"params":null,"params":{}'), 'member_duplicated'),
  refuse('params twice, a forbidden name second', m(',"params":{"name":"now"},"params":{"name":"delete_all"}'), 'member_duplicated'),
  refuse('jsonrpc missing', '{"id":1,"method":"ping"}', 'jsonrpc_invalid'),
  ...['"1.0"', '2.0', '2', '"2"', '"2.00"', '" 2.0"', '"2.0 "', '""', 'null', 'true', '"2\\u002e0"', '"2,0"', '"\\u0032.0"'].map((value) =>
    refuse(`jsonrpc ${value}`, `{"jsonrpc":${value},"id":1,"method":"ping"}`, 'jsonrpc_invalid'),
  ),
  ...['{}', '["2.0"]'].map((value) => refuse(`jsonrpc ${value}`, `{"id":1,"jsonrpc":${value},"method":"ping"}`, 'member_invalid')),
  ...['null', '1', '"x"', 'true', '""'].map((value) => refuse(`params ${value}`, m(`,"params":${value}`), 'params_not_object')),
  ...['[]', '[1]', '["now"]', '[{"name":"now"}]', '[{}]', '[[]]'].map((value) =>
    refuse(`params ${value}`, m(`,"params":${value}`), 'params_not_object'),
  ),
]

const withId = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`

const IDS: Case[] = [
  accept('no id', '{"jsonrpc":"2.0","method":"notifications/initialized"}', 'notifications/initialized', null, ''),
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '9007199254740993',
    '123456789012345678901234567890',
    '""',
    '"a"',
    '"a b"',
    '"\u00e9\u{1f600}"',
    '"\\"\\\\"',
    '"</script>"',
    '"\\u0000"',
    '"\\ud800"',
  ].map((id) => accept(`id ${id}`, withId(id), 'ping', null, id)),
  accept('id of 254 letters', withId(`"${'i'.repeat(254)}"`), 'ping', null, `"${'i'.repeat(254)}"`),
  accept('id of 256 digits', withId('7'.repeat(256)), 'ping', null, '7'.repeat(256)),
  ...[
    'null',
    'true',
    'false',
    '1.0',
    '1.5',
    '1e3',
    '1E3',
    '-1.5',
    '0.0',
    '7'.repeat(257),
    `"${'i'.repeat(255)}"`,
    `"${'i'.repeat(600)}"`,
    `"${'i'.repeat(9000)}"`,
    // Short once decoded, too long as it stands.
    `"${'\\"\\ud800'.repeat(40)}"`,
  ].map((id) => refuse(`id ${id.slice(0, 20)} (${id.length})`, withId(id), 'id_invalid', '')),
  ...['{}', '[]', '[1]', '{"id":1}'].map((id) => refuse(`id ${id}`, withId(id), 'member_invalid', '')),
  refuse('id not closed', withId('"1'), 'json_invalid', '"1,"'),
  refuse('id with a raw line feed', withId('"\n"'), 'json_invalid', ''),
  refuse('id 01', withId('01'), 'json_invalid', '0'),
]

const withMethod = (text: string): string => `{"jsonrpc":"2.0","id":1,"method":${text},"params":{"name":"now","uri":"a:b"}}`

const METHODS: Case[] = [
  ...[
    'initialize',
    'tools/list',
    'ping',
    'a',
    'A',
    '0',
    'x.y',
    'x_y',
    'x-y',
    '$/cancelRequest',
    'a/b/c',
    '/',
    '.',
    'notifications/tools/list_changed',
    'server/discover',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'Tools/Call',
    'tools/callx',
    'prompts/list',
    'resources/templates/list',
  ].map((method) => accept(`method ${method}`, withMethod(`"${method}"`), method, null)),
  accept('method with an escaped slash', withMethod('"tools\\/list"'), 'tools/list', null),
  accept('tools/call with an escaped slash', withMethod('"tools\\/call"'), 'tools/call', 'now'),
  accept('method of 256 letters', withMethod(`"${'m'.repeat(256)}"`), 'm'.repeat(256), null),
  accept('prompts/get', withMethod('"prompts/get"'), 'prompts/get', 'now'),
  accept('resources/read', withMethod('"resources/read"'), 'resources/read', 'a:b'),
  refuse('no method', '{"jsonrpc":"2.0","id":1}', 'method_invalid'),
  refuse('no method, but params', '{"jsonrpc":"2.0","id":1,"params":{"name":"now"}}', 'method_invalid'),
  refuse('method in params', '{"jsonrpc":"2.0","id":1,"params":{"method":"ping"}}', 'method_invalid'),
  refuse('method of 257 letters', withMethod(`"${'m'.repeat(257)}"`), 'method_invalid'),
  refuse('method of 600 letters', withMethod(`"${'m'.repeat(600)}"`), 'method_invalid'),
  refuse('method of 9000 letters', withMethod(`"${'m'.repeat(9000)}"`), 'method_invalid'),
  ...[
    '""',
    'null',
    'true',
    'false',
    '1',
    '-1.5',
    '" "',
    '"tools/call "',
    '" tools/call"',
    '"tools/call\\n"',
    '"tools/call\\r\\nX-Mcp-Tool: now"',
    '"tools/call\\u0000"',
    '"tools\\u002fcall"',
    '"\\u0074ools/call"',
    '"tools/call\\t"',
    '"tools call"',
    '"tools\\\\/call"',
    '"tools\\\\call"',
    '"a=b"',
    '"a,b"',
    '"a;b"',
    '"a%2fb"',
    '"*"',
    '"a*"',
    '"a|b"',
    '"a\\"b"',
    '"a:b"',
    '"a?b"',
    '"a@b"',
    '"a+b"',
    '"a(b)"',
    '"a\'b"',
    '"<a>"',
    '"{a}"',
    '"a&b"',
    '"a#b"',
    '"a!b"',
    '"a~b"',
    '"a^b"',
    '"a`b"',
    '"[a]"',
    '"tools\u2215call"',
    '"tools\uff0fcall"',
    '"tools/call\u00a0"',
    '"tools/call\u200b"',
    '"\ufefftools/call"',
    '"t\u043eols/call"',
    '"tools/c\u00e4ll"',
    '"\\ud800"',
    '"\u{1f600}"',
    '"\u007f"',
  ].map((method) => refuse(`method ${JSON.stringify(method)}`, withMethod(method), 'method_invalid')),
  ...['{}', '[]', '["tools/call"]', '{"toString":"tools/list"}'].map((method) =>
    refuse(`method ${method}`, withMethod(method), 'member_invalid'),
  ),
  refuse('method with a raw line feed', withMethod('"tools/call\n"'), 'json_invalid'),
  refuse('method not closed', '{"jsonrpc":"2.0","id":1,"method":"ping}', 'json_invalid'),
]

const named = (name: string, method = 'tools/call', member = 'name'): string =>
  `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{"${member}":${name}}}`
const KINDS: readonly (readonly [string, string])[] = [
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]
const GOOD_NAMES: readonly (readonly [string, string])[] = [
  ['"now"', 'now'],
  ['"n\\u006fw"', 'now'],
  ['"\\u006e\\u006F\\u0077"', 'now'],
  ['"now "', 'now '],
  ['" now"', ' now'],
  ['"Now"', 'Now'],
  ['"now;delete_all"', 'now;delete_all'],
  ['"now,delete_all"', 'now,delete_all'],
  ['"now delete_all"', 'now delete_all'],
  ['"a=b&c%0d%0a$uri|\'"', "a=b&c%0d%0a$uri|'"],
  ['"\\"\\\\\\/"', '"\\/'],
  ['"\\\\n"', '\\n'],
  ['"C:\\\\udata"', 'C:\\udata'],
  ['"\\\\ud800"', '\\ud800'],
  ['"\\\\\\\\ud800"', '\\\\ud800'],
  ['"\\\\ud83d\\ud83d\\ude00"', '\\ud83d\u{1f600}'],
  ['"*"', '*'],
  ['"null"', 'null'],
  ['"0"', '0'],
  ['"constructor"', 'constructor'],
  ['"__proto__"', '__proto__'],
  ['"=?base64?bm93?="', '=?base64?bm93?='],
  ['"file:///etc/passwd"', 'file:///etc/passwd'],
  ['"file:///a/../b?c#d"', 'file:///a/../b?c#d'],
  ['"\u00e9\u4e2d\u{1f600}"', '\u00e9\u4e2d\u{1f600}'],
  ['"\\u00e9\\u4e2d\\ud83d\\ude00"', '\u00e9\u4e2d\u{1f600}'],
  ['"\\ud83d\\ude00\\ud83d\\ude00"', '\u{1f600}\u{1f600}'],
  ['"e\\u0301"', 'e\u0301'],
  ['"now\u200b"', 'now\u200b'],
  ['"now\u00a0"', 'now\u00a0'],
  ['"\u2028"', '\u2028'],
  ['"\\ufeff"', '\ufeff'],
  ['"\\uffff"', '\uffff'],
  [`"${'n'.repeat(256)}"`, 'n'.repeat(256)],
  [`"${'\u20ac'.repeat(256)}"`, '\u20ac'.repeat(256)],
  [`"${'\\u006e'.repeat(256)}"`, 'n'.repeat(256)],
  [`"${'\u{1f600}'.repeat(256)}"`, '\u{1f600}'.repeat(256)],
  [`"${'\\ud83d\\ude00'.repeat(256)}"`, '\u{1f600}'.repeat(256)],
  [`"${'%'.repeat(256)}"`, '%'.repeat(256)],
]
const BAD_NAMES: readonly string[] = [
  '""',
  '1',
  '-1.5',
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '["now"]',
  '{"name":"now"}',
  '[[["now"]]]',
  '"now\\n"',
  '"now\\r"',
  '"\\r\\nAuthorization: Bearer x\\r\\n\\r\\nGET / HTTP/1.1"',
  '"now\\u0000"',
  '"\\u0000"',
  '"now\\t"',
  '"now\\b\\f"',
  '"\\u001f"',
  '"\\u007f"',
  '"\u007f"',
  '"\\u0080"',
  '"\u0085"',
  '"\\u009F"',
  '"\\ud800"',
  '"\\udc00"',
  '"now\\ud800"',
  '"\\ud83dnow"',
  '"\\ud83d\\n"',
  '"\\ud800\\ud800"',
  '"\\ude00\\ud83d"',
  '"\\ud83d\\ude00\\ude00"',
  '"\\ud83d\\ud83d\\ude00"',
  '"\\\\ud83d\\ude00"',
  '"\\\\\\\\ud83d\\ude00"',
  '"\\\\\\ud83d"',
  '"\\"\\ud83d"',
  `"${'n'.repeat(257)}"`,
  `"${'\u20ac'.repeat(257)}"`,
  `"${'\\u006e'.repeat(257)}"`,
  `"${'\u{1f600}'.repeat(257)}"`,
  `"${'\\ud83d\\ude00'.repeat(257)}"`,
  `"${'n'.repeat(1100)}"`,
  `"${'n'.repeat(9000)}"`,
  `"${'n'.repeat(100_000)}"`,
]

const NAMES: Case[] = [
  ...KINDS.flatMap(([method, member]) => [
    ...GOOD_NAMES.map(([token, name]) =>
      accept(`${method} of ${token.slice(0, 40)} (${token.length})`, named(token, method, member), method, name),
    ),
    ...BAD_NAMES.map((token) =>
      refuse(`${method} of ${token.slice(0, 40)} (${token.length})`, named(token, method, member), 'name_invalid'),
    ),
    refuse(`${method} without params`, `{"jsonrpc":"2.0","id":1,"method":"${method}"}`, 'name_invalid'),
    refuse(`${method} with empty params`, `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{}}`, 'name_invalid'),
    refuse(
      `${method} with the name elsewhere`,
      `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{"arguments":{"${member}":"now"}}}`,
      'name_invalid',
    ),
    refuse(`${method} with a broken name`, named('"\\x"', method, member), 'json_invalid'),
  ]),
  refuse('tools/call with a uri', named('"now"', 'tools/call', 'uri'), 'name_invalid'),
  refuse('resources/read with a name', named('"now"', 'resources/read', 'name'), 'name_invalid'),
  accept(
    'tools/call with name and uri',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"uri":"x","name":"now"}}',
    'tools/call',
    'now',
  ),
  accept(
    'a name in the arguments does not count',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"now","arguments":{"name":"delete_all","uri":[]}}}',
    'tools/call',
    'now',
  ),
  accept(
    'a name in nested params does not count',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"params":{"name":"delete_all"},"name":"now"}}',
    'tools/call',
    'now',
  ),
  accept('another method has no name', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"name":"x","uri":5}}', 'tools/list', null),
  accept(
    'the name before a long argument',
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"now","arguments":{${LONG}}}}`,
    'tools/call',
    'now',
  ),
  accept(
    'the name after a long argument',
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{${LONG}},"name":"now"}}`,
    'tools/call',
    'now',
  ),
]

const inParams = (members: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${members}}}`

const PARAMS: Case[] = [
  refuse('name twice: now, delete_all', inParams('"name":"now","name":"delete_all"'), 'member_duplicated'),
  refuse('name twice: delete_all, now', inParams('"name":"delete_all","name":"now"'), 'member_duplicated'),
  refuse('name twice, the same', inParams('"name":"now","name":"now"'), 'member_duplicated'),
  refuse('name twice, far apart', inParams(`"name":"now","arguments":{${LONG}},"name":"x"`), 'member_duplicated'),
  refuse('name twice, second after 700 blanks', inParams(`"name":"now",${' '.repeat(700)}"name":"x"`), 'member_duplicated'),
  refuse('uri twice', inParams('"name":"now","uri":"a","uri":"b"'), 'member_duplicated'),
  refuse('arguments twice', inParams('"name":"now","arguments":{"a":1},"arguments":{"a":2}'), 'member_duplicated'),
  refuse('_meta twice', inParams('"name":"now","_meta":1,"_meta":2'), 'member_duplicated'),
  refuse('keys that differ in case', inParams('"name":"now","cursor":1,"Cursor":2'), 'member_duplicated'),
  ...['Name', 'NAME', 'nAME', 'Uri', 'URI', 'Arguments', 'ARGUMENTS'].flatMap((key) => [
    refuse(`${key} after the name`, inParams(`"name":"now","${key}":"delete_all"`), 'member_unknown'),
    refuse(`${key} before the name`, inParams(`"${key}":"delete_all","name":"now"`), 'member_unknown'),
  ]),
  ...[
    'n\\u0061me',
    '\\u006e\\u0061\\u006d\\u0065',
    'name\\u0000',
    'name\\n',
    'na\\/me',
    'x\\\\y',
    'x\\"y',
    'n\u0430me',
    'name\u200b',
    '\ufeffname',
    'nam\u00e9',
    'u\u0433i',
    '\u{1f600}',
    'arg\u0131ments',
    'argument\u017f',
  ].map((key) => refuse(`the key ${JSON.stringify(key)}`, inParams(`"name":"now","${key}":"delete_all"`), 'member_unknown')),
  ...[
    '__proto__',
    'constructor',
    'toString',
    'name ',
    ' name',
    'name.',
    'names',
    'nam',
    '',
    '"'.replace('"', "'"),
    '$name',
    'a=b',
    '~',
  ].map((key) => accept(`the harmless key ${JSON.stringify(key)}`, inParams(`"name":"now","${key}":"delete_all"`), 'tools/call', 'now')),
  accept('__proto__ with a name', inParams('"__proto__":{"name":"delete_all"},"name":"now"'), 'tools/call', 'now'),
  accept(
    '127 other keys',
    inParams(`"name":"now",${Array.from({ length: 127 }, (_, i) => `"k${i}":${i}`).join(',')}`),
    'tools/call',
    'now',
  ),
  refuse('128 other keys', inParams(`"name":"now",${Array.from({ length: 128 }, (_, i) => `"k${i}":${i}`).join(',')}`), 'body_too_complex'),
  accept('a key of 500 letters', inParams(`"${'k'.repeat(500)}":1,"name":"now"`), 'tools/call', 'now'),
  accept('a key of 600 letters', inParams(`"${'k'.repeat(600)}":1,"name":"now"`), 'tools/call', 'now'),
  accept('a key of 1200 letters', inParams(`"${'k'.repeat(1200)}":1,"name":"now"`), 'tools/call', 'now'),
  refuse('a key of 600 letters twice', inParams(`"${'k'.repeat(600)}":1,"${'k'.repeat(600)}":1`), 'member_duplicated'),
  refuse('a key of 600 letters with an escape', inParams(`"${'k'.repeat(600)}\\u0061":1,"name":"now"`), 'member_unknown'),
  refuse('a key not closed', inParams('"name:"now"'), 'json_invalid'),
  refuse('a key without quotes', inParams('name:"now"'), 'json_invalid'),
  refuse('a comma at the end', inParams('"name":"now",'), 'json_invalid'),
  refuse('a comment', inParams('"name":"now"/*,*/'), 'json_invalid'),
]

/** A message in which brackets nest this deep, the message itself and its params counted. */
const nested = (depth: number, opener: string, closer: string, core: string): string =>
  inParams(`"name":"now","arguments":${opener.repeat(depth - 2)}${core}${closer.repeat(depth - 2)}`)

const deepAfterLong = (depth: number, core: string): string =>
  inParams(`"name":"now","arguments":{${LONG},"v":${'['.repeat(depth - 3)}${core}${']'.repeat(depth - 3)}}`)

const DEPTHS: Case[] = [
  ...[3, 4, 5, 30, 33, 64, 100, 127, 128].flatMap((depth) => [
    accept(`${depth} deep, arrays`, nested(depth, '[', ']', '1'), 'tools/call', 'now'),
    accept(`${depth} deep, empty`, nested(depth, '[', ']', ''), 'tools/call', 'now'),
    accept(`${depth} deep, objects`, nested(depth, '{"a":', '}', '1'), 'tools/call', 'now'),
    accept(`${depth} deep, objects in a long body`, nested(depth, '{"a":', '}', `"${'z'.repeat(2100)}"`), 'tools/call', 'now'),
    accept(`${depth} deep, wide`, nested(depth, '[1, ', ' ,"x"]', '{}'.repeat(depth < 128 ? 1 : 0) || '2'), 'tools/call', 'now'),
  ]),
  ...[129, 130, 200, 5000].flatMap((depth) => [
    refuse(`${depth} deep, arrays`, nested(depth, '[', ']', '1'), 'body_too_deep'),
    refuse(`${depth} deep, objects`, nested(depth, '{"a":', '}', '1'), 'body_too_deep'),
    refuse(`${depth} deep, not closed`, nested(depth, '[', '', ''), 'body_too_deep'),
  ]),
  ...['[[1]]', '[{}]', '{"a":[]}', '2,[[1]]', '{"b":{"c":1}}'].map((core) =>
    refuse(`129 deep in a long body: ${core}`, deepAfterLong(127, core), 'body_too_deep'),
  ),
  ...['[]', '{}', '2,[1]', '{"b":1}', '[2],[3]'].map((core) =>
    accept(`128 deep in a long body: ${core}`, deepAfterLong(127, core), 'tools/call', 'now'),
  ),
  ...['[]', '{}', '2,[1]', '"x",{"b":1}'].map((core) =>
    refuse(`129 deep at the last level: ${core}`, deepAfterLong(128, core), 'body_too_deep'),
  ),
  refuse('200,000 deep', '['.repeat(200_000), 'batch_not_allowed', ''),
  refuse('200,000 deep in params', inParams(`"a":${'['.repeat(200_000)}`), 'body_too_deep'),
  refuse('100 deep, one bracket missing', nested(100, '[', ']', '1').replace(']', ''), 'json_invalid'),
  refuse('100 deep, one bracket too many', nested(100, '[', ']', '1]'), 'json_invalid'),
  refuse('100 deep, a brace for a bracket', nested(100, '[', ']', '1').replace(']', '}'), 'json_invalid'),
]

/** Strings whose end, escape or multi-byte character falls on an edge of the reader's windows. */
function edges(): Case[] {
  const cases: Case[] = []
  const argument = (value: string): string => inParams(`"name":"now","arguments":{"v":${value}}`)
  for (const window of [512, 1024, 1536, 2048, 3072]) {
    for (let off = -8; off <= 3; off += 1) {
      const fill = 's'.repeat(window + off)
      cases.push(accept(`a string of ${window + off}`, argument(`"${fill}"`), 'tools/call', 'now'))
      cases.push(accept(`an escape after ${window + off}`, argument(`"${fill}\\u00e9x"`), 'tools/call', 'now'))
      cases.push(accept(`two bytes after ${window + off}`, argument(`"${fill}\u00e9x"`), 'tools/call', 'now'))
      cases.push(accept(`four bytes after ${window + off}`, argument(`"${fill}\u{1f600}\u{1f600}"`), 'tools/call', 'now'))
      cases.push(accept(`an escaped quote after ${window + off}`, argument(`"${fill}\\""`), 'tools/call', 'now'))
      cases.push(refuse(`a wrong escape after ${window + off}`, argument(`"${fill}\\u00eg"`), 'json_invalid'))
      cases.push(refuse(`a line feed after ${window + off}`, argument(`"${fill}\n"`), 'json_invalid'))
      cases.push(refuse(`an escaped end after ${window + off}`, `{"jsonrpc":"2.0","id":1,"method":"${fill}\\"}`, 'json_invalid'))
      cases.push(accept(`${window + off} two-byte characters`, argument(`"${'\u00e9'.repeat(window + off)}"`), 'tools/call', 'now'))
      cases.push(accept(`${window + off} blanks`, argument(`${' '.repeat(window + off)}1${' '.repeat(window + off)}`), 'tools/call', 'now'))
    }
  }
  return cases
}

function longNumbers(): Case[] {
  const cases: Case[] = []
  const argument = (value: string): string => inParams(`"name":"now","arguments":{"v":${value}}`)
  for (const length of [505, 509, 510, 511]) {
    cases.push(accept(`a number of ${length} digits`, argument('4'.repeat(length)), 'tools/call', 'now'))
    cases.push(
      accept(
        `a number of ${length} digits in a long body`,
        inParams(`"name":"now","arguments":{${LONG},"v":[1,${'4'.repeat(length)},2]}`),
        'tools/call',
        'now',
      ),
    )
    cases.push(accept(`a fraction of ${length} characters`, argument(`0.${'4'.repeat(length - 2)}`), 'tools/call', 'now'))
  }
  // Longer numbers would need a window of their own; no client sends them.
  for (const number of [
    '4'.repeat(512),
    '4'.repeat(2000),
    `0.${'4'.repeat(511)}`,
    `${'4'.repeat(511)}.5`,
    `${'4'.repeat(510)}e1`,
    `${'4'.repeat(509)}e+1`,
  ]) {
    cases.push(refuse(`a number of ${number.length} characters`, argument(number), 'json_invalid'))
    cases.push(
      refuse(
        `a number of ${number.length} characters in a long body`,
        inParams(`"name":"now","arguments":{${LONG},"v":[1,${number},2]}`),
        'json_invalid',
      ),
    )
  }
  return cases
}

export const CASES: readonly Case[] = [
  ...DOCUMENTS,
  ...MEMBERS,
  ...IDS,
  ...METHODS,
  ...NAMES,
  ...PARAMS,
  ...DEPTHS,
  ...edges(),
  ...longNumbers(),
  ...VALUE_CASES,
]
