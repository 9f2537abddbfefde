import { createClient } from '@redis/client'
import * as assert from '../support/assert.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { startValkey } from '../support/valkey.ts'
import { answers, begin, closeWatched, reports, watch } from './watched.ts'

const away = suite('a Valkey server that is away')

away.after.each(closeWatched)

away('one that is started later is found', async () => {
  const port = await freePort()
  const watched = watch(`redis://127.0.0.1:${port}`)
  assert.is((await watched.ask()).answer, 'unavailable')
  await until('the state is known', () => watched.states.length > 0)
  const waits = [await watched.ask(), await watched.ask(), await watched.ask()].map(({ milliseconds }) => milliseconds)
  assert.ok(Math.min(...waits) < 50, `it is known to be away: ${waits}`)
  const server = await startValkey({ port })
  await answers(watched, false)
  assert.is(reports(watched), 'ECONNREFUSED, ok')
  await server.stop()
})

away('one that is killed and comes back empty is used again', async () => {
  const server = await startValkey()
  const watched = watch(server.url)
  await begin(watched)
  await answers(watched, true)
  await server.stop('SIGKILL')
  assert.is((await watched.ask()).answer, 'unavailable')
  await until('that is reported', () => watched.states.at(-1) === 'ECONNREFUSED')
  const again = await startValkey({ port: server.port })
  await answers(watched, false)
  assert.is(reports(watched), 'ok, ECONNREFUSED, ok')
  await again.stop()
})

away('a connection that is cut is made again within the time of a call', async () => {
  const server = await startValkey()
  const watched = watch(server.url)
  await begin(watched)
  const raw = await createClient({ url: server.url }).connect()
  const answered: number[] = []
  // A machine that is busy with other things may take the time of a call for itself, but not for ever.
  for (let round = 0; round < 5 && !answered.some((count) => count >= 4); round += 1) {
    let count = 0
    for (let cut = 0; cut < 6; cut += 1) {
      // None is cut while it is being made.
      await answers(watched, true)
      await raw.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
      await new Promise((done) => setTimeout(done, 10))
      if ((await watched.ask()).answer === true) count += 1
    }
    answered.push(count)
  }
  assert.ok(Math.max(...answered) >= 4, `of 6 were answered: ${answered}`)
  assert.is(reports(watched), 'ok')
  raw.destroy()
  await server.stop()
})

away('one that halts is away after one call, and gives right answers when it goes on', async () => {
  const server = await startValkey()
  const watched = watch(server.url)
  await begin(watched)
  for (let round = 0; round < 3; round += 1) {
    server.program.child.kill('SIGSTOP')
    const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => watched.ask(index % 2 === 0 ? 'ended' : 'going on')))
    assert.equal([...new Set(asked.map(({ answer }) => answer))], ['unavailable'])
    assert.is((await watched.ask()).answer, 'unavailable')
    server.program.child.kill('SIGCONT')
    await answers(watched, true)
    const both = await Promise.all(Array.from({ length: 40 }, (_, index) => watched.ask(index % 2 === 0 ? 'ended' : 'going on')))
    for (const [index, { answer }] of both.entries()) assert.is.not(answer, index % 2 === 1, `answer ${index}`)
  }
  assert.ok(watched.states.filter((state) => state === 'no answer in time').length >= 3)
  assert.is(reports(watched), 'ok')
  await server.stop()
})

away('what this process is late to read is not the fault of the server', async () => {
  const server = await startValkey()
  const watched = watch(server.url)
  await begin(watched)
  let answered = 0
  for (let count = 0; count < 6; count += 1) {
    await answers(watched, true)
    const asked = watched.ask()
    if (count % 2 === 0) await new Promise((done) => setImmediate(done))
    const busyUntil = performance.now() + 400
    while (performance.now() < busyUntil);
    if ((await asked).answer === true) answered += 1
  }
  assert.ok(answered >= 4, `${answered} of 6 were answered`)
  await server.stop()
})

away.run()
