/** Streams of events cut and written again: whatever the ends of lines, and wherever the pieces of the stream end. */

import events from '../../nginx/gatehouse/events.js'
import * as assert from '../support/assert.ts'
import { createRandom, SEED } from '../support/random.ts'
import { suite } from '../support/suite.ts'

const LIMIT = 10_000
/** The events of a stream that comes in these pieces. */
function cut(pieces: readonly Buffer[], limit = LIMIT): Array<Buffer | null> {
  const stream = events.open(limit, limit)
  const found: Array<Buffer | null> = []
  const each = (event: Buffer | null): boolean => found.push(event) > 0
  for (const piece of pieces.filter((piece) => piece.length > 0)) events.take(stream, piece, each)
  events.end(stream, each)
  return found
}
const texts = (found: ReadonlyArray<Buffer | null>): Array<string | null> =>
  found.map((event) => (event === null ? null : event.toString('utf8')))

/** What a client makes of a stream (WHATWG HTML, section 9.2.6): the data of its events, also of one that has not ended. */
function dataOf(text: string): string[] {
  const found: string[] = []
  let data: string[] = []
  for (const line of [...text.split(/\r\n|\n|\r/), '']) {
    if (line === '') {
      if (data.length > 0) found.push(data.join('\n'))
      data = []
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'data') data.push(value)
  }
  return found
}

const cutting = suite('a stream cut into events')
for (const [name, text, expected] of [
  ['LF', 'data: 1\n\ndata: 2\n\n', ['data: 1\n\n', 'data: 2\n\n']],
  ['CR LF', 'data: 1\r\n\r\ndata: 2\r\n\r\n', ['data: 1\r\n\r\n', 'data: 2\r\n\r\n']],
  ['CR', 'data: 1\r\rdata: 2\r\r', ['data: 1\r\r', 'data: 2\r\r']],
  ['LF, CR LF', 'data: 1\n\r\ndata: 2\n\r\n', ['data: 1\n\r\n', 'data: 2\n\r\n']],
  ['CR LF, LF', 'data: 1\r\n\ndata: 2\r\n\n', ['data: 1\r\n\n', 'data: 2\r\n\n']],
  ['several lines', 'id: 1\ndata: a\ndata: b\n\n: c\n\n', ['id: 1\ndata: a\ndata: b\n\n', ': c\n\n']],
  ['no end', 'data: 1\n\ndata: 2\n', ['data: 1\n\n', 'data: 2\n']],
  ['nothing', '', []],
  ['blank lines', '\n\n\n', ['\n\n', '\n']],
] as const) {
  cutting(name, () => assert.equal(texts(cut([Buffer.from(text)])), [...expected]))
}
cutting('an event that is too long is none, and the next one is', () => {
  const stream = `data: ${'x'.repeat(40)}\n\ndata: 2\n\n`
  for (const size of [1, 5, 200]) {
    const bytes = Buffer.from(stream)
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, n * size + size))
    assert.equal(texts(cut(pieces, 30)), [null, 'data: 2\n\n'])
  }
})
cutting('any stream in any pieces has the same events', () => {
  const random = createRandom(SEED)
  const words = [
    'data: {"a":1}',
    'data:x',
    'data',
    'data:  y',
    'id: 7',
    ': c',
    'event: message',
    'Data: z',
    '\u00e9\u{1f600}',
    'data:\ufeff',
    'retry: 1',
  ]
  for (let round = 0; round < 3000; round += 1) {
    const lines = Array.from(
      { length: random.below(14) },
      () => (random.once(3) ? '' : random.pick(words)) + random.pick(['\n', '\r\n', '\r', '\n']),
    )
    const text = lines.join('') + (random.once(4) ? random.pick(words) : '')
    const bytes = Buffer.from(text)
    const pieces: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + random.below(random.pick([1, 3, 20, 200]))
      pieces.push(bytes.subarray(at, at + size))
      at += size
    }
    const found = texts(cut(pieces)) as string[]
    assert.is(found.join(''), text, `seed ${SEED}`)
    const data = found
      .map((event) => events.read(event))
      .filter((event) => event.lines.some((line: { text: string }) => /^data(?::|$)/.test(line.text)))
    assert.equal(
      data.map((event) => event.data),
      dataOf(text),
      `seed ${SEED}: ${JSON.stringify(text)} in ${JSON.stringify(pieces.map(String))}`,
    )
    for (const event of found)
      assert.is(events.written(events.read(event), events.read(event).data).replace(/^data: ?/gm, 'data:'), asOne(event))
  }
})
/** An event whose data lines follow the first of them, as they do when written again. */
function asOne(event: string): string {
  const read = events.read(event)
  const first = read.lines.findIndex((line: { text: string }) => /^data(?::|$)/.test(line.text))
  // A CR alone is no end to some readers.
  const endOf = ({ end }: { end: string }): string => (end === '\r' ? '\n' : end)
  if (first === -1) return read.mark + read.lines.map((line: { text: string; end: string }) => line.text + endOf(line)).join('')
  const { end, text } = read.lines[first] as { end: string; text: string }
  const prefix = text.startsWith('data: ') ? 'data: ' : 'data:'
  const data = prefix + read.data.split('\n').join((endOf({ end }) || '\n') + prefix) + endOf({ end })
  const others = read.lines.map((line: { text: string; end: string }, at: number) =>
    at === first ? data : /^data(?::|$)/.test(line.text) ? '' : line.text + endOf(line),
  )
  return (read.mark + others.join('')).replace(/^data: ?/gm, 'data:')
}
cutting('no event is cut after the one that nobody wants more than', () => {
  for (const text of ['data: 1\n\ndata: 2\n\ndata: 3\n\n', '\r\n\r\n\r\n']) {
    const stream = events.open(LIMIT, LIMIT)
    // The line end that the piece before has left open is an event too.
    stream.last = 10
    let seen = 0
    events.take(stream, Buffer.from(text), () => {
      seen += 1
      return false
    })
    assert.is(seen, 1, JSON.stringify(text))
  }
})
cutting.run()

const writing = suite('an event with other data')
for (const [name, event, data, expected] of [
  ['one line', 'id: 1\ndata: old\nevent: e\n\n', 'new', 'id: 1\ndata: new\nevent: e\n\n'],
  ['no blank', 'data:old\n\n', 'new', 'data:new\n\n'],
  ['lines', 'data: a\r\ndata: b\r\n\r\n', 'x\ny\nz', 'data: x\r\ndata: y\r\ndata: z\r\n\r\n'],
  ['fewer lines', 'data: a\ndata: b\nid: 3\n\n', 'x', 'data: x\nid: 3\n\n'],
  ['no end', 'data: a', 'x\ny', 'data: x\ndata: y'],
  ['a byte order mark', '\ufeffdata: a\n\n', 'x', '\ufeffdata: x\n\n'],
  ['dollars', 'data: a\n\n', "$& $1 $'", "data: $& $1 $'\n\n"],
] as const) {
  writing(name, () => assert.is(events.written(events.read(event), data), expected))
}
writing.run()
