/**
 * No body holds a worker for long, whatever is in it. One worker reads 1 MB while another connection asks for something small again
 * and again: what the worker does between such a question and its answer is what it was not there for others.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { type Gateway, post, startGateway, workersOf } from '../support/gateway.ts'
import { send } from '../support/raw.ts'
import { suite } from '../support/suite.ts'
import { keepAsking, type Waits } from './worker_time.ts'

const LIMIT = 1024 * 1024
const PROMISE_MS = 60
const RUNS = 3

const HEAD = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"now","arguments":{"v":'
const TAIL = '}}}'

/** As often as it fits into the default limit. */
function repeated(piece: string, separator = ','): string {
  const room = LIMIT - HEAD.length - TAIL.length - 2
  const times = Math.floor(room / (Buffer.byteLength(piece) + separator.length))
  return Array(times).fill(piece).join(separator)
}

const array = (piece: string): string => `[${repeated(piece)}]`
const string = (piece: string): string => `"${repeated(piece, '')}"`
const record = (length: number): string => `{"id":12345,"name":"${'r'.repeat(length)}","tags":["a","b"],"ok":true,"at":1.5e3}`
const nestedRecord = (length: number): string =>
  `{"id":12345,"name":"${'r'.repeat(length)}","tags":["a","b",{"c":null}],"ok":true,"at":1.5e3}`

/** What a client may send, and what somebody would send who wants to hold the worker. */
const SHAPES: Record<string, string> = {
  'one string': string('x'),
  'one string of two-byte characters': string('\u00e9'),
  'one string of four-byte characters': string('\u{1f600}'),
  'one string of short escapes': string('\\n'),
  'one string of long escapes': string('\\u20ac'),
  'a string in base64': string('QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo='),
  'dense digits': array('7'),
  'dense numbers': array('12345.678'),
  'dense words': array('true'),
  'dense empty strings': array('""'),
  'dense strings': array('"ab"'),
  'dense strings of three-byte characters': array('"\u20ac\u4e2d"'),
  'dense strings of escapes': array('"\\u20ac\\n"'),
  'dense empty objects': array('{}'),
  'dense empty arrays': array('[]'),
  'dense arrays in arrays': array('[[1]]'),
  'dense members': `{${repeated('"a":1')}}`,
  'dense members, wide': `{${repeated('\n  "a" : 1 ')}}`,
  'short records': array(record(10)),
  'records a little longer than a window': array(record(500)),
  'long records': array(record(3000)),
  'records with lists of records': array(nestedRecord(450)),
  'messages with content': array(`{"role":"user","content":[{"type":"text","text":"${'t'.repeat(200)}"}]}`),
  'rows of 300 numbers': array(`[${Array(300).fill('1').join(',')}]`),
  'lines of 100 characters': array(`"${'l'.repeat(100)}"`),
  'rows of 256 numbers': array(`[${Array(256).fill('1').join(',')}]`),
  'vectors of 768 fractions': array(`[${Array(768).fill('0.123456789').join(',')}]`),
  'blanks alone': `${' '.repeat(LIMIT - HEAD.length - TAIL.length - 2)}1`,
}

/** Nests that no client has a use for: they may be refused, but hold nobody up either. */
const ABSURD: Record<string, string> = {
  'dense arrays, three deep': array('[[[1]]]'),
  'dense arrays, four deep': array('[[[[1]]]]'),
  'dense objects, three deep': array('{"a":{"b":{"c":1}}}'),
  'a hundred deep, again and again': array('['.repeat(100) + ']'.repeat(100)),
  'short records with lists of records': array(nestedRecord(10)),
}

const bodyOf = (shape: string): string => HEAD + shape + TAIL
/** The same with the last bracket gone: as much work, then a refusal. */
const brokenOf = (shape: string): string => bodyOf(shape).replace(/.{4}$/, 'x}}}')

const timing = suite('a worker that reads 1 MB')
let gateway: Gateway
let authorization: string
let worker: number
let atFirst: number

timing.before(async () => {
  gateway = await startGateway({
    configure: (conf) => {
      const file = join(conf, 'example.conf')
      writeFileSync(file, readFileSync(file, 'utf8').replace('worker_processes auto;', 'worker_processes 1;'))
    },
  })
  authorization = `Bearer ${await gateway.issuer.token()}`
  const workers = workersOf(gateway.nginx)
  assert.is(workers.length, 1)
  worker = workers[0] as number
  atFirst = memory()
})
timing.after(() => gateway.close())

async function measure(body: string): Promise<Waits & { outcome: string }> {
  gateway.reset()
  const bytes = post('/currenttime/mcp', body, { Authorization: authorization })
  const end = keepAsking(gateway.port, worker)
  const [answer] = await send(gateway.port, bytes, { timeout: 20_000 })
  const waits = await end()
  const status = answer?.status ?? 0
  const refusal = status === 200 || status === 0 ? {} : JSON.parse(answer?.body ?? '{}')
  const reason = refusal.error?.data.reason ?? refusal.reason ?? ''
  const arrived = gateway.currenttime.received.map((request) => request.body.length)
  assert.equal(arrived, status === 200 ? [Buffer.byteLength(body)] : [], 'the whole body or nothing')
  return { ...waits, outcome: `${status} ${reason}`.trim() }
}

/** Measures a body and compares how it ended. */
async function holdsNobodyUp(name: string, body: string, outcomes: readonly string[]): Promise<void> {
  const size = Buffer.byteLength(body)
  assert.ok(size <= LIMIT && size > LIMIT - 10_000, `${size} bytes`)
  const results: Awaited<ReturnType<typeof measure>>[] = []
  for (let run = 0; run < RUNS && !results.some(({ work }) => work < PROMISE_MS); run += 1) results.push(await measure(body))
  const seen = [...new Set(results.map(({ outcome }) => outcome))]
  const inMilliseconds = (values: number[]): string => values.map((value) => value.toFixed(0)).join(', ')
  const work = results.map((result) => result.work)
  console.log(
    `${name}: ${seen.join(' / ')}, worker held for ${inMilliseconds(work)} ms, others waited ${inMilliseconds(results.map(({ wait }) => wait))} ms`,
  )
  assert.ok(
    seen.every((outcome) => outcomes.includes(outcome)),
    `ended with ${seen.join(' / ')}`,
  )
  assert.ok(Math.min(...work) < PROMISE_MS, `held for ${inMilliseconds(work)} ms`)
}

// First of all: what NGINX has had once it keeps.
/** The most that the worker has ever had, in MB. */
const memory = (): number => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${worker}/status`, 'utf8'))?.[1]) / 1024

for (const [name, shape] of Object.entries({
  'strings of escapes, a little longer than a window': array(`1,"${'\\n'.repeat(257)}"`),
  'nests of strings, a little longer than a window': array(`"",[[[[${Array(74).fill(' "" ').join(',')}]]]]`),
  'lines of text': array(`{"role":"user","n":1,"content":"${'some words in a line of code;\\n'.repeat(22)}"}`),
})) {
  timing(`takes little memory: ${name}`, async () => {
    await measure(bodyOf(shape))
    const taken = memory() - atFirst
    console.log(`${name}: ${taken.toFixed(0)} MB`)
    assert.ok(taken < 100, `${taken} MB`)
  })
}
for (const [name, shape] of Object.entries(SHAPES)) {
  timing(name, () => holdsNobodyUp(name, bodyOf(shape), ['200']))
  timing(`${name}, broken at the end`, () => holdsNobodyUp(`${name}, broken`, brokenOf(shape), ['400 json_invalid']))
}
for (const [name, shape] of Object.entries(ABSURD)) {
  timing(name, () => holdsNobodyUp(name, bodyOf(shape), ['200', '413 body_too_complex']))
}
timing.run()
