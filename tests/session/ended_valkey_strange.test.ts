import { connect, type Socket } from 'node:net'
import { pauseAfter } from '../../src/session/valkey.ts'
import * as assert from '../support/assert.ts'
import { until } from '../support/process.ts'
import { createRandom, SEED } from '../support/random.ts'
import { suite } from '../support/suite.ts'
import { startValkey } from '../support/valkey.ts'
import { within } from '../support/within.ts'
import { begin, closeWatched, fake, reports, watch } from './watched.ts'

console.log(`seed ${SEED}`)

const strange = suite('a Valkey server that is slow, silent or none at all')

strange.after.each(closeWatched)

const gone = (socket: Socket): boolean => socket.destroyed || socket.readableEnded

strange('a call waits for no more than 250 ms, whatever the server does', async () => {
  const silent = await fake(() => {})
  const waits: number[] = []
  for (let count = 0; count < 5; count += 1) {
    const { answer, milliseconds } = await watch(silent.url).ask()
    assert.is(answer, 'unavailable')
    waits.push(milliseconds)
  }
  // A busy machine makes single ones longer.
  assert.ok(Math.min(...waits) > 190 && Math.min(...waits) < 250, String(waits))
  assert.ok(waits.filter((wait) => wait < 450).length >= 4, String(waits))
  silent.stop()
})

strange('a silent server is tried again and again, and its connections are given up', async () => {
  const silent = await fake(() => {})
  const watched = watch(silent.url)
  await until('the third attempt', () => silent.sockets.length >= 3, 20_000)
  await watched.store.close()
  await until('all have ended', () => silent.sockets.every(gone))
  assert.equal(watched.states, ['no answer in time'])
  silent.stop()
})

strange('the pauses between the attempts grow to two seconds and no further', () => {
  for (const [failures, longest] of [
    [0, 50],
    [1, 100],
    [5, 1600],
    [6, 2000],
    [100, 2000],
    [100_000, 2000],
  ] as const) {
    const pauses = Array.from({ length: 1000 }, () => pauseAfter(failures))
    assert.ok(Math.min(...pauses) >= longest / 2 && Math.max(...pauses) <= longest, `${failures} failures`)
    assert.ok(Math.max(...pauses) - Math.min(...pauses) > longest / 4, 'and differ')
  }
})

strange('answers that come late are given to nobody', async () => {
  const server = await startValkey()
  const random = createRandom(SEED)
  const slow = await fake((socket) => {
    const behind = connect(server.port, '127.0.0.1').on('error', () => {})
    socket.pipe(behind)
    let order = Promise.resolve()
    behind.on('data', (chunk) => {
      const wait = random.once(60) ? 260 : random.below(2)
      order = order.then(() => new Promise((done) => setTimeout(done, wait))).then(() => void socket.write(chunk))
    })
    socket.once('close', () => behind.destroy())
  })
  const straight = watch(server.url)
  const watched = watch(slow.url)
  await begin(straight)
  const seen = { right: 0, unavailable: 0 }
  const asked: Promise<void>[] = []
  for (let count = 0; count < 600; count += 1) {
    const ended = random.once(2)
    const question = watched.ask(ended ? 'ended' : `going on ${count}`).then(({ answer }) => {
      if (answer === 'unavailable') seen.unavailable += 1
      else if (answer === ended) seen.right += 1
      else assert.unreachable(`a wrong answer, seed ${SEED}`)
    })
    asked.push(question)
    await new Promise((done) => setTimeout(done, random.below(10)))
  }
  await Promise.all(asked)
  assert.ok(seen.right > 50 && seen.unavailable > 5, JSON.stringify(seen))
  slow.stop()
  await server.stop()
})

for (const [what, text] of [
  ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
  ['sends nothing that can be read', '\xff\xfe\0\x01'.repeat(100)],
  ['refuses', '-ERR max number of clients reached\r\n'],
  ['answers half', '$5\r\nab'],
  ['announces an endless answer', '*2147483647\r\n'],
  ['says nothing and ends', ''],
] as const) {
  strange(`a server that ${what} is away`, async () => {
    const other = await fake((socket) => socket.end(text, 'latin1'))
    const watched = watch(other.url)
    for (let count = 0; count < 4; count += 1) {
      assert.is((await watched.ask()).answer, 'unavailable')
      await new Promise((done) => setTimeout(done, 100))
    }
    assert.ok(watched.states.length > 0 && !watched.states.includes('ok'), String(watched.states))
    reports(watched)
    other.stop()
  })
}

for (const [what, url] of [
  ['is silent', (silent: string) => silent],
  ['is silent to TLS', (silent: string) => silent.replace('redis:', 'rediss:')],
  ['is not there', () => 'redis://127.0.0.1:1'],
] as const) {
  for (const [when, wait] of [
    ['at once', null],
    ['soon', 0],
    ['after a while', 700],
  ] as const) {
    strange(`a store whose server ${what} is closed ${when} within a second`, () => within(100, () => closing(url, wait)))
  }
}

/** How many milliseconds that takes. */
async function closing(url: (silent: string) => string, wait: number | null): Promise<number> {
  const silent = await fake(() => {})
  const watched = watch(url(silent.url))
  const asked = watched.ask()
  if (wait !== null) await new Promise((done) => setTimeout(done, wait))
  const started = performance.now()
  await watched.store.close()
  await watched.store.close()
  const took = performance.now() - started
  assert.is((await asked).answer, 'unavailable')
  assert.is((await watched.ask()).answer, 'unavailable')
  const known = watched.states.length
  // A connection that was begun before arrives after the end.
  await new Promise((done) => setTimeout(done, 100))
  await until('its connections have ended', () => silent.sockets.every(gone), 1000)
  assert.is(watched.states.length, known, 'nothing is reported any more')
  silent.stop()
  return took
}

strange.run()
