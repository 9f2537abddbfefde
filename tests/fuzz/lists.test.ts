/** Answers of hostile MCP servers in Node: whatever they send, nobody sees a name that they may not use. `body_njs.test.ts` has them in nginx. */
import listing from '../../nginx/gatehouse/listing.js'
import lists from '../../nginx/gatehouse/lists.js'
import { isSubsequence, namesOf, objectionToList } from '../nginx/lists_oracle.ts'
import type { Shown } from '../nginx/njs.ts'
import { listAnswer } from '../nginx/random_json.ts'
import type { Random } from '../support/random.ts'
import { mutateBytes } from './bodies.ts'
import { drawn } from './drawn.ts'
import { listText } from './lists.ts'
import { joined } from './pieces.ts'
import { fuzzing } from './property.ts'

const tests = fuzzing('lists')

const SET = 'tools/call=now tools/call=a%20b%C3%A9 prompts/get=now'
const ALLOWED = ['now', 'a b\u00e9']

tests.property('a list shows what may be used, as it stood there', {
  from: drawn(listText),
  noted: 0.05,
  objection: (text, note) => {
    const { text: seen } = lists.shown(text, 'tools/list', lists.wordsOf(SET), false, { left: Number.POSITIVE_INFINITY }) as Shown
    const wrong = objectionToList(text, seen, ALLOWED)
    if (wrong !== '') return `${wrong}: ${seen}`
    if (seen === null || seen === text) return ''
    if (namesOf(seen).length > 0) note()
    return isSubsequence(seen.replace(/("cacheScope"[ \t\n\r]*:[ \t\n\r]*)"private"/, '$1'), text)
      ? ''
      : `shows what was not there: ${seen}`
  },
})

interface Answer {
  type: string
  kind: 'call' | 'resumed'
  pieces: Buffer[]
}

/** What comes through the filter of nginx, whose request is played here. */
function filtered({ type, kind, pieces }: Answer): string {
  const sent: Buffer[] = []
  const request = {
    httpVersion: '1.1',
    status: 200,
    headersIn: { Host: 'g' },
    headersOut: { 'Content-Type': type },
    variables: {
      gatehouse_server: 'now',
      gatehouse_list: kind,
      gatehouse_allow: SET,
      gatehouse_method: kind === 'call' ? 'tools/list' : '',
    },
    error: () => undefined,
    sendBuffer: (data: string | Buffer) => void sent.push(Buffer.from(data as string)),
  }
  listing.answered(request)
  try {
    for (const [index, piece] of pieces.entries()) listing.filter(request, piece, { last: index === pieces.length - 1 })
  } catch (error) {
    // Ends the connection.
    if (!/^nothing more is shown$/.test((error as Error).message)) throw error
  }
  return Buffer.concat(sent).toString('utf8')
}

const LINES = [
  'data: ',
  'data:',
  'data',
  'data:  ',
  'id: 1',
  'event: message',
  ': c',
  'retry: 1',
  'Data: ',
  'data : ',
  '\ufeff',
  '\ufeffdata: ',
  '',
  '',
]
const ENDS = ['\n', '\n', '\n', '\n\n', '\r\n', '\r', '\r\n\r\n', '\n\r\n', '\u2028', '\u0085', '\u000b', '\u000c']

function eventText(random: Random): string {
  const text = listText(random)
  const at = random.below(text.length)
  const data = random.once(3) ? `${text.slice(0, at)}\n${random.pick(LINES)}${text.slice(at)}` : text
  return `${joined(random, LINES.slice(4, 8), 1)}${random.pick(ENDS)}${random.once(4) ? random.pick(LINES) : 'data: '}${data}${random.pick(ENDS)}${random.pick(ENDS)}`
}

/** One line of data, as servers send it. */
const plainEvent = (random: Random): string => `data: ${(random.once(2) ? listText : listAnswer)(random).replace(/[\r\n]/g, ' ')}\n\n`

function inPieces(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(random.pick([3, 200, 5000]))
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return [...pieces, Buffer.alloc(0)]
}

/** What a reader of events makes of a stream (WHATWG HTML, section 9.2.6): the data of each, also of one that has not ended. */
function dataOf(stream: string, ends: RegExp): string[] {
  const found: string[] = []
  const data: string[] = []
  for (const line of [...stream.replace(/^\ufeff/, '').split(ends), '']) {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'data') data.push(value)
    else if (line === '' && data.length > 0) found.push(data.splice(0).join('\n'))
  }
  return found
}

const strangers = (texts: readonly string[]): unknown[] =>
  texts.flatMap((text) => namesOf(text)).filter((name) => !ALLOWED.includes(name as string))

tests.property('an answer of any kind shows no name that may not be used', {
  from: drawn((random): Answer => {
    const isStream = !random.once(4)
    const text = isStream
      ? Array.from({ length: 1 + random.below(2) }, () => (random.once(4) ? eventText(random) : plainEvent(random))).join('')
      : listText(random)
    const bytes = random.once(5) ? mutateBytes(random, Buffer.from(text)) : Buffer.from(text)
    return {
      type: isStream ? 'text/event-stream' : 'application/json',
      kind: random.once(3) ? 'resumed' : 'call',
      pieces: inPieces(random, bytes),
    }
  }),
  kept: ['call', 'resumed'].map((kind) => ({
    type: 'text/event-stream',
    kind: kind as Answer['kind'],
    pieces: [Buffer.from('\u2028data: {"result":{"tools":[{"name":"drop"}]}}\n\u2028\ndata: {"result":{"tools":[]}}\n\n')],
  })),
  noted: 0.1,
  objection: (answer, note) => {
    const seen = filtered(answer)
    if (ALLOWED.some((name) => seen.includes(`"${name}"`))) note()
    const texts =
      answer.type === 'application/json'
        ? [seen]
        : [...dataOf(seen, /\r\n|\n|\r/), ...dataOf(seen, /\r\n|[\n\r\u2028\u2029\u0085\u000b\u000c\u001c-\u001e]/)]
    const shown = strangers(texts)
    return shown.length === 0 ? '' : `shows ${JSON.stringify(shown)} in ${JSON.stringify(seen)}`
  },
})

tests.run()
