/** The readers of bodies, headers and lists inside nginx, which is another engine than Node. One request brings a batch, for its cost. */
import lists from '../../nginx/gatehouse/lists.js'
import mirror from '../../nginx/gatehouse/mirror.js'
import { objection } from '../nginx/call_oracle.ts'
import { call, disagreement, parse } from '../nginx/glance_texts.ts'
import { objectionToList } from '../nginx/lists_oracle.ts'
import { type NjsParser, type Shown, startNjsParser } from '../nginx/njs.ts'
import { body, doubled, headers, nearlyPlain } from './bodies.ts'
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

tests.property('what is read at a glance is what the strict reader says', {
  from: batches(drawn(nearlyPlain), BATCH),
  size: BATCH,
  noted: 0.1 * BATCH,
  objectionLater: async (bodies, note) =>
    first(bodies, await njs.glanceEach(bodies), (bytes, read) => {
      if (read !== null) note()
      return disagreement(bytes, read) || (read === null ? '' : objection(bytes, parse(bytes)))
    }),
})

tests.property('what serializers write is read at a glance', {
  from: batches(
    drawn(call).filter((text) => text.split('"_meta"').length <= 2),
    BATCH,
  ),
  size: BATCH,
  objectionLater: async (texts) => {
    const bodies = texts.map((text) => Buffer.from(text))
    return first(bodies, await njs.glanceEach(bodies), (_body, read) => (read === null ? 'not read' : ''))
  },
})

tests.property('the strict reader reads what it reads in Node', {
  from: batches(drawn(nearlyPlain), BATCH),
  size: BATCH,
  objectionLater: async (bodies) =>
    first(bodies, await njs.parseEach(bodies), (bytes, { refused = '' }) => {
      const expected = parse(bytes).refused ?? ''
      return refused === expected ? '' : `not ${expected} as in Node`
    }),
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
