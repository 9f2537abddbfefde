import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Hono } from 'hono'
import { createLateListener } from '../src/late_listener.ts'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'

const late = suite('the way to the application, which is loaded late')

const failed = (outgoing: ServerResponse): void => {
  outgoing.writeHead(500).end()
}

const echo = new Hono()
echo.post('/echo', async (c) => c.text(await c.req.text()))
const loadEcho = async () => (await import('@hono/node-server')).getRequestListener(echo.fetch)

async function serving(loading: typeof loadEcho, work: (url: string, load: () => Promise<void>) => Promise<void>): Promise<void> {
  const { listen, load } = createLateListener(loading, failed)
  const server: Server = createServer(listen)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, load)
  } finally {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
}

late('whoever comes first is answered, with what they sent, however many they are', async () => {
  await serving(loadEcho, async (url) => {
    const texts = Array.from({ length: 20 }, (_, index) => 'x'.repeat(index * 10_000))
    const answers = await Promise.all(texts.map((body) => fetch(`${url}/echo`, { method: 'POST', body })))
    assert.equal(await Promise.all(answers.map((answer) => answer.text())), texts)
  })
})

late('after it is loaded everything goes on in the same way', async () => {
  await serving(loadEcho, async (url, load) => {
    await load()
    await load()
    assert.is(await (await fetch(`${url}/echo`, { method: 'POST', body: 'x' })).text(), 'x')
  })
})

late('whoever leaves before it is loaded is nobody that others wait for', async () => {
  await serving(loadEcho, async (url) => {
    const gone = new AbortController()
    const first = fetch(`${url}/echo`, { method: 'POST', body: 'x', signal: gone.signal }).catch(() => 'gone')
    gone.abort()
    assert.is(await first, 'gone')
    assert.is(await (await fetch(`${url}/echo`, { method: 'POST', body: 'y' })).text(), 'y')
  })
})

late('where it cannot be loaded each request is answered, and it is tried once', async () => {
  let tries = 0
  const missing = (): Promise<never> => {
    tries += 1
    return Promise.reject(new Error('no such file'))
  }
  await serving(missing, async (url, load) => {
    await load()
    for (const _ of [1, 2]) assert.is((await fetch(`${url}/echo`, { method: 'POST', body: 'x' })).status, 500)
  })
  assert.is(tries, 1)
})

late.run()
