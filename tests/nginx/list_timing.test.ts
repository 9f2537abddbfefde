/**
 * No answer with a list holds a worker for long, whatever is in it: the filter of bodies cannot pause, so it gives up in time. What is
 * measured is the processor time of the only worker between a question and its answer.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { type Gateway, message, post, startGateway, workersOf } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { keepAsking, processorTime } from './worker_time.ts'

const LIMIT = 224 * 1024
/** Nearly all that a stream which is resumed may have. */
const LARGEST_EVENT = 3_900_000
const PROMISE_MS = 60
/** Of a long event NGINX takes as much at once as the kernel has at hand. */
const RESUMED_MS = 150
const RUNS = 5

const list = (items: string): string => `{"jsonrpc":"2.0","id":1,"result":{"tools":[${items}]}}`
/** As often as it fits. */
const repeated = (piece: string, room = LIMIT - 100): string =>
  Array(Math.floor(room / (Buffer.byteLength(piece) + 1)))
    .fill(piece)
    .join(',')
const item = (inside: string): string => `{"name":"now","v":${inside}}`
const nested = (levels: number, inside = ''): string => '['.repeat(levels) + inside + ']'.repeat(levels)

/** A tool as servers describe theirs. */
const property = { type: 'string', description: 'The value, described in a sentence or two.', enum: ['a', 'b', 'c'], default: 'a' }
const tool = (n: number): string =>
  JSON.stringify({
    name: n % 2 === 0 ? 'now' : `tool_number_${n}`,
    description: `Does the thing number ${n} and gives back what came of it. Use it when a user asks for thing number ${n}.`,
    inputSchema: {
      type: 'object',
      properties: {
        name: property,
        count: { type: 'integer' },
        items: { type: 'array', items: { type: 'object', properties: { x: property } } },
      },
      required: ['name'],
    },
  })
const tools = (count: number): string => list(Array.from({ length: count }, (_, n) => tool(n)).join(','))
/** Tools with many arguments: longer than what the filter takes at once. */
const largeTools = (count: number, properties: number): string => {
  const schema = {
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: properties }, (_, n) => [`argument_${n}`, property])),
  }
  return list(Array.from({ length: count }, (_, n) => JSON.stringify({ name: `tool_${n}`, inputSchema: schema })).join(','))
}

/** Lists that servers have; they are shown. */
const USUAL: Record<string, string> = {
  '20 tools': tools(20),
  '100 tools': tools(100),
  '300 tools': tools(300),
  '36 tools of 6 KB': largeTools(36, 45),
  '9 tools of 25 KB': largeTools(9, 185),
  'tools with texts in escapes': list(repeated(item(`"${'\\u20ac'.repeat(100)}"`))),
  'tools with long descriptions': list(repeated(item(`"${'d'.repeat(3000)}"`))),
  'tools with very long descriptions': list(repeated(item(`"${'d'.repeat(30_000)}"`))),
  'tools with texts beyond ASCII': list(repeated(item(`"${'\u20ac'.repeat(200)}"`))),
}
/** What somebody would answer who wants to hold the worker; it may be shown or not. */
const ABSURD: Record<string, string> = {
  'dense items': list(repeated('{"name":"now"}')),
  'dense empty items': list(repeated('{}')),
  'dense numbers': list(repeated('1')),
  'dense strings': list(repeated('"a"')),
  'dense arrays': list(repeated('[]')),
  'dense keys in the message': `{${repeated('"a":1')}}`,
  'dense keys in the result': `{"result":{"tools":[],${repeated('"a":1')}}}`,
  'dense keys in an item': list(`{${repeated('"a":1')}}`),
  'dense arrays in an item': list(item(`[${repeated('[]')}]`)),
  'items with two names': list(repeated('{"name":"now","name":"drop"}')),
  'items in other letters': list(repeated('{"Name":"now"}')),
  'items of 4 KB of numbers': list(repeated(item(`[${repeated('1', 4000)}]`))),
  'items of 4 KB of arrays': list(repeated(item(`[${repeated('[]', 4000)}]`))),
  'items of 4 KB of nests': list(repeated(item(`[${repeated('[[[[]]]]', 4000)}]`))),
  'items of 8 KB of numbers': list(repeated(item(`[${repeated('1', 8000)}]`))),
  'items of 8 KB of arrays': list(repeated(item(`[${repeated('[]', 8000)}]`))),
  'items of 8 KB of nests': list(repeated(item(`[${repeated('[[[[]]]]', 8000)}]`))),
  'items of a little more of numbers': list(repeated(item(`[${repeated('1', 8300)}]`))),
  'items of a little more of arrays': list(repeated(item(`[${repeated('[]', 8300)}]`))),
  'items of rows of arrays': list(repeated(item(`[[${repeated('[]', 4200)}],[${repeated('[]', 4200)}]]`))),
  'items of longer rows of arrays': list(repeated(item(`[[${repeated('[]', 8300)}],[${repeated('[]', 8300)}]]`))),
  'items that do not end': list(repeated(`{"name":"now","v":[${repeated('[]', 4000)}`)),
  'longer items that do not end': list(repeated(`{"name":"now","v":[${repeated('[]', 8000)}`)),
  'items that end in no bracket': list(repeated(`{"name":"now","v":[${repeated('[]', 8000)}}`)),
  'items 14 deep': list(repeated(item(nested(14)))),
  'items 60 deep': list(repeated(item(nested(60)))),
  'items 20 deep with a text': list(repeated(item(nested(20, `"${'d'.repeat(1500)}"`)))),
  blanks: list(' '.repeat(LIMIT - 100)),
}

/** Streams of many events or lines; what cannot be gone through in time is said once. */
const full = (piece: string): string => piece.repeat(Math.floor(LIMIT / piece.length))
const STREAMS: Record<string, string> = {
  'line feeds alone': full('\n'),
  pings: full(': p\n\n'),
  'events of nothing': full('data:{}\n\n'),
  'events of no JSON': full('data:x\n\n'),
  'lines that end in CR before a list': `${'id\r'.repeat(74_000)}data: ${list('')}\r\r`,
  'lines that end in LF before a list': `${'id\n'.repeat(74_000)}data: ${list('')}\n\n`,
  'many lists': full(`data: ${list(repeated('{"Name":1}', 5000))}\n\n`),
  'many lists that are shown': full(`data: ${list(repeated('{"name":"now"}', 8000))}\n\n`),
  'one list in many lines': `data: ${list(repeated('1', 48_000)).replaceAll(',', ',\ndata: ')}\n\n`,
}

const timing = suite('a worker that filters a list')
let gateway: Gateway
let headers: Record<string, string>
let worker: number
timing.before(async () => {
  gateway = await startGateway({
    configure: (conf) => {
      const file = join(conf, 'example.conf')
      writeFileSync(file, readFileSync(file, 'utf8').replace('worker_processes auto;', 'worker_processes 1;'))
    },
  })
  headers = { Authorization: `Bearer ${await gateway.issuer.token()}` }
  worker = workersOf(gateway.nginx)[0] as number
})
timing.after(() => gateway.close())

const resume = (): Buffer => {
  const lines = Object.entries({ Host: 'localhost', Accept: 'text/event-stream', 'Last-Event-ID': '1', ...headers })
  return Buffer.from(`GET /currenttime/mcp HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
}

/** The milliseconds of the quickest of some runs, of no more than it takes to see that the promise is kept, and the answer. */
async function measure(text: string, type: string): Promise<{ work: number; body: string }> {
  gateway.currenttime.answer = (_request, response) => response.writeHead(200, { 'content-type': type }).end(text)
  let work = Number.POSITIVE_INFINITY
  let body = ''
  for (let run = 0; run < RUNS && work >= PROMISE_MS; run += 1) {
    const before = processorTime(worker)
    const [answer] = await gateway.raw(post('/currenttime/mcp', message('tools/list'), headers))
    work = Math.min(work, processorTime(worker) - before)
    body = answer?.body ?? ''
  }
  return { work, body }
}

for (const [name, text] of Object.entries({ ...USUAL, ...ABSURD })) {
  timing(name, async () => {
    assert.ok(Buffer.byteLength(text) <= LIMIT, `${Buffer.byteLength(text)} bytes`)
    for (const [type, sent] of [
      ['application/json', text],
      ['text/event-stream', `data: ${text}\n\n`.slice(0, LIMIT)],
    ] as const) {
      const { work, body } = await measure(sent, type)
      const isShown = !body.includes('list_unreadable')
      console.log(`${name}: ${isShown ? 'shown' : 'not shown'}, worker busy for ${work.toFixed(1)} ms`)
      if (name in USUAL) assert.ok(isShown, 'a list that is none too large must be shown')
      assert.ok(work < PROMISE_MS, `${work} ms`)
    }
  })
}
for (const [name, text] of Object.entries(STREAMS)) {
  timing(`a stream: ${name}`, async () => {
    assert.ok(Buffer.byteLength(text) <= LIMIT, `${Buffer.byteLength(text)} bytes`)
    const { work, body } = await measure(text, 'text/event-stream')
    console.log(`${name}: worker busy for ${work.toFixed(1)} ms, ${body.length} bytes`)
    assert.ok(work < PROMISE_MS, `${work} ms`)
    assert.ok(body.split('list_unreadable').length <= 2, body.slice(0, 500))
  })
}
/** Events of streams that are resumed, where one may be anything. */
const RESUMED: Record<string, string> = {
  'a text': `data: {"jsonrpc":"2.0","id":1,"result":{"content":"${'a'.repeat(LARGEST_EVENT)}`,
  'a text beyond ASCII': `data: ${'\u00e9'.repeat(LARGEST_EVENT / 2)}`,
  'quotes beyond ASCII': `data: ${'\u00e9"'.repeat(LARGEST_EVENT / 3)}`,
  'escapes that do not end': `data: ${'\\u01'.repeat(LARGEST_EVENT / 4)}`,
  'names that do not end': `data: ${'"resource'.repeat(LARGEST_EVENT / 9)}`,
  'a comment': `:${'a'.repeat(LARGEST_EVENT)}`,
  'a comment of colons': ':'.repeat(LARGEST_EVENT),
  'a comment beyond ASCII': `:${'\u00e9::::::::'.repeat(LARGEST_EVENT / 10)}`,
  'a field': 'x'.repeat(LARGEST_EVENT),
}
for (const [name, text] of Object.entries(RESUMED)) {
  timing(`a resumed stream: ${name}`, async () => {
    const event = Buffer.from(text)
      .subarray(0, LARGEST_EVENT - 100)
      .toString('utf8')
    gateway.currenttime.answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`${event}\n\n`)
    const works: number[] = []
    let body = ''
    for (let run = 0; run < RUNS && !works.some((work) => work < RESUMED_MS); run += 1) {
      const end = keepAsking(gateway.port, worker)
      const [answer] = await gateway.raw(resume())
      works.push((await end()).work)
      body = answer?.body ?? ''
    }
    console.log(`${name}: worker held for ${works.map((work) => work.toFixed(0)).join(', ')} ms, ${body.length} bytes`)
    assert.ok(body.length > 0 && !body.includes('list_unreadable'), body.slice(0, 500))
    assert.ok(Math.min(...works) < RESUMED_MS, `${works} ms`)
  })
}
timing('a stream: progress before a list', async () => {
  const progress = 'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":5}}\n\n'
  const { work, body } = await measure(`${progress.repeat(1000)}data: ${list('{"name":"now"}')}\n\n`, 'text/event-stream')
  console.log(`progress before a list: worker busy for ${work.toFixed(1)} ms`)
  assert.ok(body.includes('"name":"now"'), 'a list must be shown')
  assert.ok(work < PROMISE_MS, `${work} ms`)
})
for (const [name, status, type, piece] of [
  ['of JSON', 200, 'application/json', ' '.repeat(8000)],
  ['of an error', 500, 'application/json', ' '.repeat(8000)],
  ['of events', 200, 'text/event-stream', ': p\n\n'],
  ['in single bytes', 200, 'application/json', ' '],
] as const) {
  timing(`an answer without end, ${name}, is ended`, async () => {
    let isLeft = false
    gateway.currenttime.answer = (_request, response) => {
      response.once('close', () => {
        isLeft = true
      })
      response.writeHead(status, { 'content-type': type })
      const more = (): void => {
        if (!response.destroyed) response.write(piece, () => setImmediate(more))
      }
      more()
    }
    // proc(5): the most that it had is what it has now.
    writeFileSync(`/proc/${worker}/clear_refs`, '5')
    const memory = (field: string): number =>
      Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${worker}/status`, 'utf8'))?.[1]) / 1024
    const before = memory('VmRSS')
    await gateway.raw(post('/currenttime/mcp', message('tools/list'), headers), { timeout: 15_000 }).catch(() => [])
    await until('the MCP server is left alone', () => isLeft, 15_000)
    const taken = memory('VmHWM') - before
    console.log(`${name}: ${taken.toFixed(0)} MB`)
    assert.ok(taken < 100, `${taken} MB`)
  })
}
timing.run()
