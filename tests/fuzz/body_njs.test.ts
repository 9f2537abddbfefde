/** The readers of bodies, headers and lists inside nginx, which is another engine than Node. One request brings a batch, for its cost. */
import reader from '../../nginx/gatehouse/call.js'
import lists from '../../nginx/gatehouse/lists.js'
import mirror from '../../nginx/gatehouse/mirror.js'
import readQuickly from '../../nginx/gatehouse/quick.js'
import { objection } from '../nginx/call_oracle.ts'
import { objectionToList } from '../nginx/lists_oracle.ts'
import { type NjsParser, type Shown, startNjsParser } from '../nginx/njs.ts'
import { body, doubled, headers, nearlyPlain, textOf } from './bodies.ts'
import { batches, drawn } from './drawn.ts'
import { listText } from './lists.ts'
import { fuzzing } from './property.ts'

const BATCH = 50
let njs: NjsParser
const tests = fuzzing('body_njs')
tests.before(async () => {
  njs = await startNjsParser()
})

/** The first objection to an answer, each told with what it answers. */
function first<T, A>(values: readonly T[], answers: readonly A[], objectionTo: (value: T, answer: A) => string): string {
  for (const [index, value] of values.entries()) {
    const wrong = objectionTo(value, answers[index] as A)
    if (wrong !== '') return `${wrong}: ${JSON.stringify(answers[index])}`
  }
  return ''
}

tests.property('both readers agree with JSON.parse', {
  from: batches(drawn(body), BATCH),
  size: BATCH,
  objectionLater: async (bodies) => first(bodies, await njs.parseEach(bodies), objection),
})

tests.property('the quick reader reads what it reads in Node, and so does the strict one', {
  from: batches(drawn(nearlyPlain), BATCH),
  size: BATCH,
  objectionLater: async (bodies) => {
    const quickly = first(bodies, await njs.quickEach(bodies), (bytes, found) => {
      const text = textOf(bytes) ?? ''
      // There "$" matches before a final line break too, which is white space here.
      return text.endsWith('\n') || JSON.stringify(found) === JSON.stringify(readQuickly(text)) ? '' : 'another one than in Node'
    })
    if (quickly !== '') return quickly
    return first(bodies, await njs.parseEach(bodies), (bytes, { refused = '' }) => {
      const strict = reader.parse(textOf(bytes) ?? '') as { refused?: string }
      const expected = textOf(bytes) === null ? 'body_not_utf8' : (strict.refused ?? '')
      return refused === expected ? '' : `not ${expected} as in Node`
    })
  },
})

tests.property('a member that is there twice is refused', {
  from: batches(drawn(doubled), BATCH),
  size: BATCH,
  objectionLater: async (pairs) => {
    const verdicts = await njs.parseEach(pairs.map(({ text }) => Buffer.from(text)))
    return first(pairs, verdicts, (_pair, { refused }) => (refused === undefined ? 'accepted' : ''))
  },
})

tests.property('headers name what they name in Node', {
  from: batches(
    drawn(headers).filter(({ header }) => header.isWellFormed()),
    BATCH,
  ),
  size: BATCH,
  objectionLater: async (all) =>
    first(all, await njs.mirroredEach(all), ({ method, header }, read) => {
      const expected = JSON.stringify(mirror.fromHeaders(method, header))
      return JSON.stringify(read) === expected ? '' : `not ${expected} as in Node`
    }),
})

const SET = 'tools/call=now tools/call=a%20b%C3%A9'

tests.property('lists show what they show in Node', {
  from: batches(
    drawn(listText).filter((text) => text.isWellFormed()),
    BATCH,
  ),
  size: BATCH,
  objectionLater: async (texts) =>
    first(texts, await njs.shownEach(texts, 'tools/list', SET, true), (text, seen: Shown) => {
      const expected = JSON.stringify(lists.shown(text, 'tools/list', lists.wordsOf(SET), true, { left: Number.POSITIVE_INFINITY }))
      return JSON.stringify(seen) === expected ? objectionToList(text, seen.text, ['now', 'a b\u00e9']) : `not ${expected} as in Node`
    }),
})

tests.after(() => njs.close())
tests.run()
