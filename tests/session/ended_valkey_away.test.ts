import { createClient } from '@redis/client'
import { suite } from 'uvu'
import * as assert from '../support/assert.ts'
import { freePort, until } from '../support/process.ts'
import { startValkey } from '../support/valkey.ts'
import { LATER } from './ended_contract.ts'
import { answers, closeWatched, watch } from './watched.ts'

const away = suite('a Valkey server that is away')

away.after.each(closeWatched)

away('one that is started later is found', async () => {
  const port = await freePort()
  const watched = watch(`redis://127.0.0.1:${port}`)
  assert.is((await watched.ask()).answer, 'unavailable')
  await until('the state is known', () => watched.states.length > 0)
  for (let count = 0; count < 3; count += 1) assert.ok((await watched.ask()).milliseconds < 50, 'known to be away')
  const server = await startValkey({ port })
  await answers(watched, false)
  assert.equal(watched.states, ['ECONNREFUSED', 'ok'])
  await server.stop()
})

away('one that is killed and comes back empty is used again', async () => {
  const server = await startValkey()
  const watched = watch(server.url)
  assert.is(await watched.store.note('ended', LATER), true)
  assert.is((await watched.ask()).answer, true)
  await server.stop('SIGKILL')
  assert.is((await watched.ask()).answer, 'unavailable')
  await until('that is reported', () => watched.states.length === 2)
  const again = await startValkey({ port: server.port })
  await answers(watched, false)
  assert.equal(watched.states, ['ok', 'ECONNREFUSED', 'ok'])
  await again.stop()
})

away('a connection that is cut is made again within the time of a call', async () => {
  const server = await startValkey()
  const watched = watch(server.url)
  await watched.store.note('ended', LATER)
  const raw = await createClient({ url: server.url }).connect()
  for (let count = 0; count < 5; count += 1) {
    await raw.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
    await new Promise((done) => setTimeout(done, 10))
    assert.is((await watched.ask()).answer, true)
  }
  assert.equal(watched.states, ['ok'])
  raw.destroy()
  await server.stop()
})

away('one that halts is away after one call, and gives right answers when it goes on', async () => {
  const server = await startValkey()
  const watched = watch(server.url)
  await watched.store.note('ended', LATER)
  for (let round = 0; round < 3; round += 1) {
    server.program.child.kill('SIGSTOP')
    const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => watched.ask(index % 2 === 0 ? 'ended' : 'going on')))
    assert.equal([...new Set(asked.map(({ answer }) => answer))], ['unavailable'])
    assert.is((await watched.ask()).answer, 'unavailable')
    server.program.child.kill('SIGCONT')
    await answers(watched, true)
    const both = await Promise.all(Array.from({ length: 40 }, (_, index) => watched.ask(index % 2 === 0 ? 'ended' : 'going on')))
    assert.equal(
      both.map(({ answer }) => answer),
      both.map((_, index) => index % 2 === 0),
    )
  }
  assert.equal(watched.states, ['ok', ...Array(3).fill(['no answer in time', 'ok']).flat()])
  await server.stop()
})

away('what this process is late to read is not the fault of the server', async () => {
  const server = await startValkey()
  const watched = watch(server.url)
  await watched.store.note('ended', LATER)
  for (let count = 0; count < 5; count += 1) {
    const asked = watched.ask()
    if (count % 2 === 0) await new Promise((done) => setImmediate(done))
    const busyUntil = performance.now() + 400
    while (performance.now() < busyUntil);
    assert.is((await asked).answer, true)
  }
  assert.equal(watched.states, ['ok'])
  await server.stop()
})

away.run()
