/** Where a message begins and ends: NGINX and an MCP server must never see two different messages in the same bytes. */
import { CHUNKED, chunk, hidden, LINE, refused, same } from './framed.ts'
import { type Case, NOW, postTo, runTable } from './table.ts'

const LENGTHS: Case[] = [
  refused('244', 'Content-Length and Transfer-Encoding', [`Content-Length: ${NOW.length}`, 'Transfer-Encoding: chunked'], {
    body: CHUNKED,
  }),
  refused('244', 'Transfer-Encoding and Content-Length', ['Transfer-Encoding: chunked', 'Content-Length: 4'], { body: CHUNKED }),
  refused('244', 'a request hidden behind the last chunk', ['Content-Length: 5', 'Transfer-Encoding: chunked'], {
    body: (w) => Buffer.concat([Buffer.from('0\r\n\r\n'), hidden(w)]),
  }),
  refused('244', 'a request hidden behind Content-Length 0', ['Content-Length: 0', 'Transfer-Encoding: chunked'], { body: hidden }),
  ...[
    `${NOW.length}, ${NOW.length}`,
    `${NOW.length},0`,
    `+${NOW.length}`,
    '0x55',
    '-1',
    '8 5',
    '',
    '1e2',
    '85.0',
    '9'.repeat(30),
    '٨٥',
    '85;',
    '"85"',
  ].map((value) => refused('245', `Content-Length: ${value}`, [`Content-Length: ${Buffer.from(value).toString('latin1')}`])),
  refused('245', 'two different Content-Length', [`Content-Length: ${NOW.length}`, 'Content-Length: 0']),
  refused('245', 'two equal Content-Length', [`Content-Length: ${NOW.length}`, `Content-Length: ${NOW.length}`]),
  refused('245', 'Content-Length with a space before the colon', [`Content-Length : ${NOW.length}`]),
  same('245', 'Content-Length under a name with an underscore is none', [`Content-Length: ${NOW.length}`, 'Content_Length: 0']),
  refused('247', 'chunks in HTTP/1.0', ['Transfer-Encoding: chunked'], { line: LINE.replace('1.1', '1.0'), body: CHUNKED }),
  ...[
    'chunked, chunked',
    'gzip, chunked',
    'chunked, identity',
    'identity',
    'xchunked',
    'chunked;q=1',
    'chunked x',
    '"chunked"',
    '\x0bchunked',
    '',
  ].map((value) => refused('247', `Transfer-Encoding: ${JSON.stringify(value)}`, [`Transfer-Encoding: ${value}`], { body: CHUNKED })),
  refused('247', 'two Transfer-Encoding', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], { body: CHUNKED }),
  refused('247', 'two Transfer-Encoding, one unknown', ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'], { body: CHUNKED }),
  refused('247', 'Transfer-Encoding with a space before the colon', ['Transfer-Encoding : chunked'], { body: CHUNKED }),
  same('247', 'Transfer-Encoding in upper case', ['TRANSFER-ENCODING: CHUNKED'], CHUNKED),
  same('247', 'Transfer_Encoding is none', [`Content-Length: ${NOW.length}`, 'Transfer_Encoding: chunked']),
  // Without a length there is no body (RFC 9112 section 6.3), so the rest stands for itself: a stranger's request.
  refused('250', 'no length at all: the rest is another request', [], { body: () => postTo('/mcpgw/mcp', []) }),
  refused('250', 'a length that cuts the message', [`Content-Length: ${NOW.length - 1}`]),
  refused('250', 'a length that leaves a request behind', [`Content-Length: ${NOW.length - 2}`], {
    body: () => `${NOW.slice(0, -2)}${postTo('/mcpgw/mcp', []).toString('latin1')}`,
  }),
]

const inChunks = (id: string, name: string, body: string, status: number | readonly number[] = [400, 413]): Case =>
  refused(id, name, ['Transfer-Encoding: chunked'], { body, status })

const CHUNKS: Case[] = [
  ...[
    'g',
    '-1',
    '+55',
    '0x55',
    '"55"',
    ' 55',
    '5 5',
    '',
    'FFFFFFFFFFFFFFFF',
    'FFFFFFFFFFFFFFFFF',
    '7FFFFFFFFFFFFFFF',
    `${'0'.repeat(40)}G`,
  ].map((size) => inChunks('248', `the chunk size ${JSON.stringify(size)}`, `${size}\r\n${NOW}\r\n0\r\n\r\n`)),
  inChunks('248', 'no line end behind the data', `55\r\n${NOW}0\r\n\r\n`),
  inChunks('248', 'a chunk longer than its size', `54\r\n${NOW}\r\n0\r\n\r\n`),
  inChunks('248', 'a chunk that is larger than the limit', `${(1024 * 1024 + 1).toString(16)}\r\n${NOW}`),
  inChunks('248', 'a bare LF in an extension', `55;x=\ny\r\n${NOW}\r\n0\r\n\r\n`),
  same('248', 'the size in leading zeros', ['Transfer-Encoding: chunked'], `000055\r\n${NOW}\r\n0\r\n\r\n`),
  same('248', 'an extension', ['Transfer-Encoding: chunked'], `55;x="y"\r\n${NOW}\r\n0;z\r\n\r\n`),
  same('248', 'an extension of 20 KB', ['Transfer-Encoding: chunked'], `55;${'x'.repeat(20_000)}\r\n${NOW}\r\n0\r\n\r\n`),
  same('248', 'one byte a chunk', ['Transfer-Encoding: chunked'], `${[...NOW].map(chunk).join('')}0\r\n\r\n`),
  same(
    '248',
    'trailers that look like identity',
    ['Transfer-Encoding: chunked'],
    `${chunk(NOW)}0\r\nX-User: admin\r\nAuthorization: Bearer x\r\n\r\n`,
  ),
  { ...same('248', 'bare line feeds at the end', ['Transfer-Encoding: chunked'], `55\r\n${NOW}\r\n0\n\r\n`), status: [200, 400] },
]

runTable('framing', [...LENGTHS, ...CHUNKS])
