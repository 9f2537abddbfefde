import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createKeyStore } from '../../src/cognito/keys.ts'
import { type Document, getDocument } from '../../src/document.ts'
import * as assert from '../support/assert.ts'
import { jwks } from '../support/documents.ts'
import { collectGarbage } from '../support/garbage.ts'
import { suite } from '../support/suite.ts'
import { makeKey } from './forge.ts'
import { createEndpoint, HOUR, look, MINUTE, settled } from './key_endpoint.ts'

const keys = suite('the keys of a pool behind a slow or hostile network')

const A = makeKey('a')
const DOCUMENT = JSON.stringify({ keys: [A.jwk] })
const down = (): Promise<Document> => new Promise(() => {})

keys('a slow endpoint keeps nobody waiting for long', async () => {
  const waits: number[] = []
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const endpoint = createEndpoint()
    endpoint.answer = down
    const started = performance.now()
    assert.is(await look(endpoint, 'a'), 'unknown')
    waits.push(performance.now() - started)
  }
  assert.ok(Math.min(...waits) > 250 && Math.min(...waits) < 450, String(waits))
})

keys('a slow endpoint serves those who ask later', async () => {
  const endpoint = createEndpoint()
  endpoint.answer = () => new Promise((done) => setTimeout(() => done(jwks([A.jwk])), 600))
  assert.is(await look(endpoint, 'a'), 'unknown')
  await settled(endpoint).catch(() => settled(endpoint))
  assert.is(await look(endpoint, 'a'), 'key')
  assert.is(endpoint.fetched.length, 1)
})

keys('steps of the wall clock age no key and allow no fetch', async () => {
  const endpoint = createEndpoint([A.jwk])
  await look(endpoint, 'a')
  const wallClock = Date.now
  try {
    for (const step of [-48 * HOUR, -5 * MINUTE, 5 * MINUTE, 48 * HOUR]) {
      Date.now = () => wallClock() + step
      endpoint.store.tick()
      assert.equal([await look(endpoint, 'a'), await look(endpoint, 'x')], ['key', 'none'])
      assert.is(endpoint.store.state().ageSeconds, 0)
    }
  } finally {
    Date.now = wallClock
  }
  assert.is(endpoint.fetched.length, 1)
})

/** Why a fetch from a real server failed, null when it did not, and what the server was asked for. */
async function fetchFrom(listener: RequestListener): Promise<{ error: string | null; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    listener(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const urls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`]
  const error = await new Promise<string | null>((done) => {
    createKeyStore({ urls, get: getDocument, now: () => 0, onFetch: (result) => done(result.error ?? null) }).tick()
  })
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  return { error, asked }
}
const JSON_TYPE = { 'content-type': 'application/json' }

keys('a real server serves keys', async () => {
  const outcome = await fetchFrom((_request, response) => response.writeHead(200, JSON_TYPE).end(DOCUMENT))
  assert.equal(outcome, { error: null, asked: ['/jwks.json'] })
})

for (const code of [301, 302, 303, 307, 308]) {
  keys(`a redirect with ${code} is not followed`, async () => {
    const { error, asked } = await fetchFrom((request, response) => {
      if (request.url === '/other') response.writeHead(200, JSON_TYPE).end(DOCUMENT)
      else response.writeHead(code, { location: '/other' }).end()
    })
    assert.is.not(error, null)
    assert.equal(asked, ['/jwks.json'])
  })
}

keys('a packed answer, for which nobody has asked, is refused', async () => {
  const encodings: unknown[] = []
  const { error } = await fetchFrom((request, response) => {
    encodings.push(request.headers['accept-encoding'])
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipSync(DOCUMENT))
  })
  assert.equal([encodings, error], [['identity'], 'the answer is not valid JSON'])
})

keys('an endless answer is left at the limit', async () => {
  let sent = 0
  let closed: () => void = () => {}
  const isClosed = new Promise<void>((done) => (closed = done))
  const { error } = await fetchFrom((_request, response) => {
    response.writeHead(200, JSON_TYPE)
    const write = (): void => {
      sent += 4096
      response.write(Buffer.alloc(4096, 0x20))
      setTimeout(response.destroyed ? closed : write, 1)
    }
    write()
  })
  assert.is(error, 'the answer is larger than 65536 bytes')
  await isClosed
  assert.ok(sent < 100 * 65_536, String(sent))
})

keys('an answer that is cut off is refused', async () => {
  const { error } = await fetchFrom((_request, response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': DOCUMENT.length + 1 }).write(DOCUMENT)
    setTimeout(() => response.destroy(), 50)
  })
  assert.is.not(error, null)
})

keys('an answer that drips is given up after three seconds', async () => {
  const started = performance.now()
  const { error } = await fetchFrom((_request, response) => {
    response.writeHead(200, JSON_TYPE)
    const timer = setInterval(() => {
      response.write(' ')
      collectGarbage()
    }, 100)
    response.on('close', () => clearInterval(timer))
  })
  assert.is.not(error, null)
  assert.ok(performance.now() - started >= 2900)
})

keys.run()
