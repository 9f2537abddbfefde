/** The listener that the browser comes back to, and those who would like to come instead. */
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Callback, type Loopback, listenLoopback } from '../../src/cli/loopback.ts'
import * as assert from '../support/assert.ts'
import { send } from '../support/raw.ts'
import { suite } from '../support/suite.ts'
import { within } from '../support/within.ts'

const listener = suite('the way back from the browser')
const STATE = 'a-state-that-nobody-guesses'
let loopback: Loopback
let port: number
let callbacks: Callback[]

const open = async (): Promise<void> => {
  loopback = await listenLoopback({ host: 'localhost', port: 0, state: STATE })
  port = Number(new URL(loopback.redirectUri).port)
  callbacks = []
  loopback.called.then((callback) => callbacks.push(callback))
}
listener.before.each(open)
listener.after.each(() => loopback.close())

const get = (target: string, host = `localhost:${port}`, method = 'GET'): string => `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
const GOOD = `/callback?code=c&state=${STATE}`

async function statusOf(bytes: string): Promise<number | undefined> {
  return (await send(port, bytes))[0]?.status
}

/** Sends the right request and answers it. */
async function callBack(how: 'done' | 'failed' = 'done') {
  const answers = send(port, get(GOOD))
  await (await loopback.called).answer(how)
  const [answer] = await answers
  return answer as NonNullable<typeof answer>
}

for (const [what, request, status] of [
  ['another path', () => get(`/?code=c&state=${STATE}`), 404],
  ['a path below', () => get(`/callback/?code=c&state=${STATE}`), 404],
  ['a path that only begins so', () => get(`/callbacks?code=c&state=${STATE}`), 404],
  ['an encoded path', () => get(`/%63allback?code=c&state=${STATE}`), 404],
  ['an absolute target', () => get(`http://evil.example${GOOD}`), 404],
  ['a target that begins with two slashes', () => get(`//evil.example${GOOD}`), 404],
  ['POST', () => get(GOOD, undefined, 'POST'), 404],
  ['HEAD', () => get(GOOD, undefined, 'HEAD'), 404],
  ['OPTIONS', () => get(GOOD, undefined, 'OPTIONS'), 404],
  ['a foreign name that leads here', () => get(GOOD, `evil.example:${port}`), 404],
  ['a name below localhost', () => get(GOOD, `a.localhost:${port}`), 404],
  ['another port', () => get(GOOD, 'localhost:1'), 404],
  ['no port', () => get(GOOD, 'localhost'), 404],
  ['no host', () => `GET ${GOOD} HTTP/1.1\r\n\r\n`, 400],
  ['no host in HTTP/1.0', () => `GET ${GOOD} HTTP/1.0\r\n\r\n`, 404],
  ['a wrong state', () => get('/callback?code=c&state=another'), 400],
  ['a state that begins right', () => get(`${GOOD}x`), 400],
  ['no state', () => get('/callback?code=c'), 400],
  ['an empty state', () => get('/callback?code=c&state='), 400],
  ['the state twice', () => get(`${GOOD}&state=${STATE}`), 400],
  ['no query', () => get('/callback'), 400],
  ['headers without end', () => `${get(GOOD).slice(0, -2)}X: ${'x'.repeat(80_000)}\r\n\r\n`, 431],
  ['no HTTP', () => 'hello\r\n\r\n', 400],
] as Array<[string, () => string, number]>) {
  listener(`${what}: ${status}, and the login goes on`, async () => {
    assert.is(await statusOf(request()), status)
    assert.is(callbacks.length, 0)
    assert.is((await callBack()).status, 200)
  })
}

for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]']) {
  listener(`the browser may call it ${host}`, async () => {
    const answers = send(port, get(GOOD, `${host}:${port}`))
    const callback = await loopback.called
    assert.is(callback.url.href, `http://localhost:${port}${GOOD}`)
    await callback.answer('done')
    assert.is((await answers)[0]?.status, 200)
  })
}

listener('both loopback addresses listen, no other one does', async () => {
  const isOpen = (address: string): Promise<boolean> =>
    new Promise((done) => {
      const socket = connect(port, address, () => done(true)).on('error', () => done(false))
      socket.once('connect', () => socket.destroy())
    })
  assert.ok(await isOpen('127.0.0.1'))
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  if (addresses.some(({ address }) => address === '::1')) assert.ok(await isOpen('::1'))
  for (const { address, internal, scopeid } of addresses) {
    if (!internal && !scopeid) assert.not(await isOpen(address), address)
  }
  assert.not(await isOpen('127.0.0.2'))
})

listener('by way of the gateway only 127.0.0.1 listens', async () => {
  const other = await listenLoopback({ host: '127.0.0.1', port: 0, state: STATE })
  assert.match(other.redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  const refused = await new Promise((done) =>
    connect(Number(new URL(other.redirectUri).port), '::1')
      .on('error', () => done(true))
      .on('connect', () => done(false)),
  )
  assert.ok(refused)
  await other.close()
})

listener('only the first call counts, the others are told that it is over', async () => {
  const first = send(port, get(GOOD))
  const callback = await loopback.called
  const others = await Promise.all([1, 2, 3].map(() => statusOf(get(`/callback?code=other&state=${STATE}`))))
  assert.equal(others, [410, 410, 410])
  assert.is(await statusOf(get('/callback?code=c&state=wrong')), 400)
  assert.is(callback.url.searchParams.get('code'), 'c')
  await callback.answer('done')
  assert.is((await first)[0]?.status, 200)
})

listener('of calls at the same time one is let in', async () => {
  const sent = Array.from({ length: 8 }, () => send(port, get(GOOD)))
  await (await loopback.called).answer('done')
  const statuses = (await Promise.all(sent)).map(([answer]) => answer?.status).sort()
  assert.equal(statuses, [200, ...Array(7).fill(410)])
})

for (const [how, status, text] of [
  ['done', 200, 'You can close this window'],
  ['failed', 400, 'Login failed: see the terminal'],
] as const) {
  listener(`the page after ${how} is static, and lets nothing in or out`, async () => {
    const { status: actual, headers, body } = await callBack(how)
    assert.is(actual, status)
    assert.match(body, text)
    assert.not.match(body, /<script|<style|http|code|a-state/)
    assert.match(headers['content-security-policy']?.[0] ?? '', /^default-src 'none';/)
    assert.equal([headers['cache-control'], headers['referrer-policy'], headers.connection], [['no-store'], ['no-referrer'], ['close']])
  })
}

const hang = (bytes: string): Promise<Socket> =>
  new Promise((done) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes, () => done(socket))).on('error', () => {})
  })

listener('clients that say nothing, or stop in the middle, do not hold up the end', async () => {
  await within(500, async () => {
    const halves = [
      '',
      'GET /callb',
      get(GOOD).slice(0, -2),
      `POST /callback HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 9\r\n\r\n`,
    ]
    const sockets = await Promise.all(halves.map(hang))
    const closed = sockets.map((socket) => new Promise((done) => socket.resume().once('close', done)))
    await sleep(50)
    assert.is((await callBack()).status, 200)
    const began = performance.now()
    await loopback.close()
    await Promise.all(closed)
    const took = performance.now() - began
    await open()
    return took
  })
})

listener('an unfinished request is given up after seconds', async () => {
  const socket = await hang('GET /callback HTTP/1.1\r\nHost: ')
  const began = Date.now()
  await new Promise((done) => socket.resume().once('close', done))
  assert.ok(Date.now() - began < 8000)
})

listener('a browser that has gone away does not hold up the end', async () => {
  await within(500, async () => {
    const socket = await hang(get(GOOD))
    const callback = await loopback.called
    socket.destroy()
    await sleep(50)
    const began = performance.now()
    await callback.answer('done')
    const took = performance.now() - began
    await loopback.close()
    await open()
    return took
  })
})

listener('afterwards nobody listens', async () => {
  await loopback.close()
  const code = await new Promise((done) => connect(port, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => done(error.code)))
  assert.is(code, 'ECONNREFUSED')
})

listener.run()
