import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'
import { getDocument } from '../src/document.ts'
import { makeCertificate } from './oauth/document_host.ts'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'

const documents = suite('documents of other services')

const BOUNDS = { most: 1000, milliseconds: 2000 }

async function against(listener: RequestListener, work: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a/../b?c=d`)
  } finally {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
}

const troubleOf = (got: Promise<unknown>): Promise<string> =>
  got.then(
    () => 'an answer',
    (error: Error) => error.message,
  )

documents('status, type and body come as they are, and the question holds nothing that nobody needs', async () => {
  const heard: unknown[] = []
  const listener: RequestListener = ({ method, url, headers: { host, ...headers } }, response) => {
    heard.push({ method, url, headers })
    response.writeHead(418, { 'content-type': 'Text/Plain; charset=x' }).end(Buffer.from([0, 255, 10]))
  }
  await against(listener, async (url) => {
    assert.equal(await getDocument(url, BOUNDS), { status: 418, type: 'Text/Plain; charset=x', body: Buffer.from([0, 255, 10]) })
  })
  const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'gatehouse', connection: 'close' }
  assert.equal(heard, [{ method: 'GET', url: '/b?c=d', headers }])
})

for (const status of [200, 204, 301, 304, 307, 404, 500]) {
  documents(`status ${status} is an answer, without a type and without a body`, async () => {
    const listener: RequestListener = (_request, response) => response.writeHead(status, { location: '/other' }).end()
    await against(listener, async (url) => {
      assert.equal(await getDocument(url, BOUNDS), { status, type: '', body: Buffer.alloc(0) })
    })
  })
}

for (const [size, length] of [
  [1000, 1000],
  [1001, 1001],
] as const) {
  documents(`of ${size} bytes ${length} are read`, async () => {
    const listener: RequestListener = (_request, response) => response.end(Buffer.alloc(size))
    await against(listener, async (url) => assert.is((await getDocument(url, BOUNDS)).body.length, length))
  })
}

documents('of a long body the beginning is read, which says that it is too long, and the rest is left', async () => {
  let open = 0
  const listener: RequestListener = (_request, response) => {
    open += 1
    response.on('close', () => (open -= 1))
    response.write(Buffer.alloc(10_000_000))
  }
  await against(listener, async (url) => {
    const { body } = await getDocument(url, BOUNDS)
    assert.ok(body.length > BOUNDS.most && body.length < 1_000_000, String(body.length))
    const deadline = performance.now() + 2000
    while (open > 0 && performance.now() < deadline) await new Promise((done) => setTimeout(done, 5))
    assert.is(open, 0)
  })
})

const TROUBLES: [string, RequestListener, RegExp][] = [
  ['no answer', () => {}, /^there was no whole answer within 300 ms$/],
  ['an answer that never ends', (_request, response) => response.write('x'), /^there was no whole answer within 300 ms$/],
  ['a connection that is closed', (request) => request.socket.destroy(), /^socket hang up$/],
  [
    'a body that is cut off',
    (_request, response) => response.writeHead(200, { 'content-length': 9 }).write('x', () => response.destroy()),
    /^aborted$/,
  ],
  [
    'a switch of protocols',
    (request) => request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: sEcReT\r\n\r\n'),
    /^the connection was closed$/,
  ],
  ['no HTTP', (request) => request.socket.end('sEcReT\r\n\r\n'), /^Parse Error: Expected HTTP\//],
]
for (const [what, listener, said] of TROUBLES) {
  documents(`${what} is an error, in time`, async () => {
    await against(listener, async (url) => {
      const started = performance.now()
      const message = await troubleOf(getDocument(url, { most: 1000, milliseconds: 300 }))
      assert.match(message, said)
      assert.ok(performance.now() - started < 1500)
    })
  })
}

documents('nobody listens: the code of the system is in the error', async () => {
  const server = createSocketServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  const error = await getDocument(`http://127.0.0.1:${port}/`, BOUNDS).catch((one: NodeJS.ErrnoException) => one)
  assert.is((error as NodeJS.ErrnoException).code, 'ECONNREFUSED')
})

documents('over https the certificate counts', async () => {
  const { key, cert } = makeCertificate()
  let heard = 0
  const server = createTlsServer({ key, cert }, (_request, response) => {
    heard += 1
    response.end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const error = await getDocument(url, BOUNDS).catch((one: NodeJS.ErrnoException) => one)
  await new Promise((done) => server.close(done))
  assert.is((error as NodeJS.ErrnoException).code, 'DEPTH_ZERO_SELF_SIGNED_CERT')
  assert.is(heard, 0)
})

documents('a URL of another kind is an error', async () => {
  for (const url of ['ftp://localhost/', 'file:///etc/passwd', 'nothing'])
    assert.match(await troubleOf(getDocument(url, BOUNDS)), /Protocol|Invalid URL/)
})

documents.run()
