/** Bodies of answers from real servers: whole, or given up in time and in size. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { readBody, readTokenAnswer } from '../src/answer_body.ts'
import * as assert from './support/assert.ts'
import { collectGarbage } from './support/garbage.ts'
import { suite } from './support/suite.ts'

const bodies = suite('bodies of answers')
const MOST = 1000
let server: Server
let listener: RequestListener

bodies.before(async () => {
  server = createServer((request, response) => listener(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
bodies.after(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

/** What is read of an answer: its text, or what was thrown. */
async function read(answer: RequestListener, milliseconds = 2000): Promise<string> {
  listener = answer
  const signal = AbortSignal.timeout(milliseconds)
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { signal, redirect: 'error' })
    return (await readBody(response, { most: MOST, signal })).toString()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
}

bodies('a whole one', async () => {
  assert.is(await read((_request, response) => response.end('größe')), 'größe')
  assert.is(await read((_request, response) => response.end('x'.repeat(MOST))), 'x'.repeat(MOST))
  assert.is(await read((_request, response) => response.end(gzipSync('x')), 2000), gzipSync('x').toString())
})

bodies('none', async () => {
  assert.is(await read((_request, response) => response.writeHead(204).end()), '')
  assert.is(await read((_request, response) => response.end()), '')
})

bodies('one that is too large, however it is packed: its connection ends', async () => {
  const ended: Array<Promise<unknown>> = []
  const packings: Array<[Record<string, string>, Buffer]> = [
    [{}, Buffer.alloc(MOST + 1, 'x')],
    [{ 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(1_000_000))],
  ]
  for (const [headers, bytes] of packings) {
    const seen = await read((_request, response) => {
      ended.push(new Promise((done) => response.on('close', done)))
      response.writeHead(200, headers).write(bytes)
    })
    assert.is(seen, `Error: the answer is larger than ${MOST} bytes`)
  }
  assert.is((await Promise.all(ended)).length, 2)
})

bodies('one that is cut off', async () => {
  const seen = await read((_request, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('x')
    setTimeout(() => response.destroy(), 50)
  })
  assert.match(seen, /^TypeError: /)
})

const drip: RequestListener = (_request, response) => {
  response.writeHead(200).write(' ')
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}

bodies('one that never ends', async () => {
  const started = performance.now()
  assert.match(await read(drip, 300), /^TimeoutError: /)
  assert.ok(performance.now() - started < 1500, `${performance.now() - started} ms`)
})

bodies('many that never end, while the garbage is collected', async () => {
  const collecting = setInterval(collectGarbage, 50)
  const late = new Promise<string[]>((done) => setTimeout(() => done(['waited for more than five seconds']), 5000).unref())
  const seen = await Promise.race([Promise.all(Array.from({ length: 30 }, () => read(drip, 500))), late])
  clearInterval(collecting)
  assert.equal([...new Set(seen.map((line) => line.split(':')[0]))], ['TimeoutError'])
})

bodies('one whose time is over before it is read', async () => {
  listener = drip
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const thrown = await readBody(response, { most: MOST, signal: AbortSignal.abort(new Error('over')) }).catch(
    (error: Error) => error.message,
  )
  assert.is(thrown, 'over')
})

bodies('an answer of a token endpoint keeps its status and its headers', async () => {
  for (const status of [200, 204, 400, 503]) {
    const headers = { 'retry-after': '7' }
    const answer = await readTokenAnswer(new Response(status === 204 ? null : '{"error":"x"}', { status, headers }), null)
    assert.equal(
      [answer.status, answer.headers.get('retry-after'), await answer.text()],
      [status, '7', status === 204 ? '' : '{"error":"x"}'],
    )
  }
})

bodies.run()
