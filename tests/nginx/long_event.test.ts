/** Long events of streams that are resumed: what is seen of them as they come, wherever their pieces end. */
import longEvent from '../../nginx/gatehouse/long_event.js'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

interface Seen {
  isDoubtful: boolean
  hasData: boolean
}
function seenOf(pieces: readonly Uint8Array[]): Seen {
  const event = longEvent.open()
  for (const piece of pieces) longEvent.look(event, Buffer.from(piece))
  return { isDoubtful: event.isDoubtful, hasData: event.hasData }
}
const doubt = { isDoubtful: true, hasData: true }
const fine = { isDoubtful: false, hasData: true }

const looking = suite('a long event')
for (const [name, text, expected] of [
  ['a result', 'data: {"result":{"content":["x"]}}\n\n', fine],
  ['several lines', 'event: message\nid: 1\ndata: {\ndata: }\n\n', fine],
  ['line ends of CR and LF', 'data: {}\r\ndata: {}\r\n\r\n', fine],
  ['texts beyond ASCII', 'data: "é😀\u200d"\n\n', fine],
  ['escapes of other letters', 'data: "\\u00e9\\u20ac\\n"\n\n', fine],
  ['a name within a text', 'data: "the \\"tools\\" and tools: [tools]"\n\n', fine],
  ['no data', ': a comment\nid: 1\n\n', { isDoubtful: false, hasData: false }],
  ['data by another name', 'metadata: {}\nxdata: {}\n\n', { isDoubtful: false, hasData: false }],
  ...[
    'tools',
    'prompts',
    'resources',
    'resourceTemplates',
    'TOOLS',
    'tool\u017f',
    're\u017fource\u017f',
    'RE\u017fOURCETEMPLATE\u017f',
  ].map((key) => [`the key ${key}`, `data: {"result":{"${key}":[]}}\n\n`, doubt] as const),
  ['a key in escapes', 'data: {"result":{"\\u0074ools":[]}}\n\n', doubt],
  ['a long s in an escape', 'data: {"result":{"tool\\u017F":[]}}\n\n', doubt],
  ['a CR alone', 'data: {}\rdata: {}\n\n', doubt],
  ['two CR', 'data: {}\n\r\r', doubt],
  ...['\x0b', '\x0c', '\x1c', '\x1e', '\x85', '\u2028', '\u2029'].map(
    (end) => [`U+${end.charCodeAt(0).toString(16)}`, `data: {}${end}data: {}\n\n`, doubt] as const,
  ),
] as const) {
  looking(name, () => {
    const bytes = Buffer.from(text)
    assert.equal(seenOf([bytes]), expected)
    for (let at = 0; at <= bytes.length; at += 1)
      assert.equal(seenOf([bytes.subarray(0, at), bytes.subarray(at)]), expected, `cut at ${at}`)
    assert.equal(seenOf(Array.from(bytes, (byte) => Uint8Array.of(byte))), expected, 'in single bytes')
  })
}
looking('what is no UTF-8', () => {
  for (const bytes of [[0xff], [0xc1, 0xb4], [0xe9, 0x22], [0xed, 0xa0, 0x80]]) {
    const all = Buffer.concat([Buffer.from('data: "'), Uint8Array.from(bytes), Buffer.from('"\n\n')])
    for (let at = 0; at <= all.length; at += 1) assert.is(seenOf([all.subarray(0, at), all.subarray(at)]).isDoubtful, true)
  }
})
looking.run()
