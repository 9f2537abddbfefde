/** What counts and what does not, with a server that a test steers and a stand-in for wrk. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Figure } from '../../bench/figure.ts'
import type { Lab } from '../../bench/lab/lab.ts'
import { judge, measureAll, missed, type Target } from '../../bench/measure.ts'
import { measureSideBySide } from '../../bench/side_by_side.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

interface World {
  folder: string
  server: Server
  status: number
  body: string
  heard: number
}

const measuring = suite<World>('what counts')
const PATH = process.env.PATH

/** Says what wrk would say of 1000 answers, of which so many were refusals. */
const standIn = (refused: number): string => `#!/bin/sh
echo 'BENCH {"microseconds":1000000,"requests":1000,"bytes":9,"p50":800,"p99":900,"max":999,"connect":0,"read":0,"write":0,"status":${refused},"timeout":0,"usedUp":0}'
`

measuring.before.each(async (world) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'))
  const server = createServer((_request, response) => response.writeHead(world.status, { location: '/' }).end(world.body))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  Object.assign(world, { folder, server, status: 200, body: 'right', heard: 0 })
  process.env.PATH = `${folder}:${PATH}`
})
measuring.after.each(({ server, folder }) => {
  process.env.PATH = PATH
  rmSync(folder, { recursive: true })
  server.close()
  server.closeAllConnections()
})

/** One round of one point. */
async function measure(world: World, refused: number, target: Partial<Target> = {}, way = measureAll): Promise<Figure> {
  writeFileSync(join(world.folder, 'wrk'), standIn(refused))
  chmodSync(join(world.folder, 'wrk'), 0o755)
  let calls = 0
  const lab = {
    options: { rounds: 1, seconds: 1, connections: 4 },
    cores: { others: [] },
    folder: world.folder,
    // Nothing before wrk runs, all of it afterwards.
    backend: { heard: async () => (calls++ === 0 ? 0 : world.heard) },
    say: () => {},
    emptyLogs: () => {},
  } as unknown as Lab
  const usual: Target = {
    name: 'hot',
    title: 'Hot',
    url: `http://127.0.0.1:${(world.server.address() as AddressInfo).port}/`,
    headers: {},
    body: '{}',
    expect: { status: 200, holds: 'right' },
    processes: {},
    reachesBackend: false,
  }
  return (await way(lab, [{ ...usual, ...target }]))[0] as Figure
}

measuring('right answers count', async (world) => {
  const figure = await measure(world, 0)
  assert.equal([figure.perSecond, figure.p50, figure.problems], [1000, 800, []])
})

measuring('a gate that refuses does not pass for a fast one', async (world) => {
  world.status = 403
  const figure = await measure(world, 1000)
  assert.is(figure.perSecond, null)
  assert.match(figure.problems.join(), /403 instead of a 200.*1000 answers with a status of 400/)
})

measuring('nor does one that sends the client elsewhere, which the load generator takes for an answer', async (world) => {
  world.status = 302
  assert.is((await measure(world, 0)).perSecond, null)
})

measuring('nor one that answers something else', async (world) => {
  world.body = 'wrong'
  assert.is((await measure(world, 0)).perSecond, null)
})

measuring('nor one that answers by itself, without the backend', async (world) => {
  world.heard = 10
  assert.match((await measure(world, 0, { reachesBackend: true })).problems.join(), '1000 answers, but the backend heard 10 calls')
  world.heard = 1000
  assert.equal((await measure(world, 0, { reachesBackend: true })).problems, [])
})

measuring('one refusal among a thousand answers is enough', async (world) => {
  assert.is((await measure(world, 1)).perSecond, null)
})

measuring('nothing at the address is no result', async (world) => {
  const figure = await measure(world, 0, { url: 'http://127.0.0.1:1/' })
  assert.match(figure.problems.join(), 'no answer')
})

measuring('side by side, what counts is processor time', async (world) => {
  const { perSecond, p50, cpu, rounds, problems } = await measure(world, 0, { processes: { node: process.pid } }, measureSideBySide)
  assert.equal([p50, problems], [null, []])
  assert.ok(cpu.node !== undefined && cpu.node > 0, `${cpu.node} µs`)
  assert.is(rounds.length, 5)
  // Medians of the same rounds.
  assert.ok(Math.abs((perSecond ?? 0) * cpu.node - 1e6) < 1, `${perSecond} a second of ${cpu.node} µs`)
})

measuring('side by side too, one refusal is enough, and so is a wrong answer', async (world) => {
  const processes = { node: process.pid }
  assert.match((await measure(world, 1, { processes }, measureSideBySide)).problems.join(), '1 answers with a status of 400')
  world.body = 'wrong'
  assert.is((await measure(world, 0, { processes }, measureSideBySide)).perSecond, null)
})

measuring('calls under way at either end are no fault, missing ones are', () => {
  const table: [number, number][] = [
    [99, 1],
    [100, 0],
    [172, 0],
    [173, 1],
  ]
  for (const [heard, faults] of table) assert.is(missed({ requests: 100 }, heard, 32).length, faults, `${heard}`)
})

measuring('an answer must hold what it must, and nothing that it must not', () => {
  const expect = { status: 200, holds: 'tool_10', without: 'tool_11' }
  assert.equal(judge({ expect }, 200, 'tool_1 tool_10'), [])
  for (const body of ['tool_1', 'tool_10 tool_11', '']) assert.is(judge({ expect }, 200, body).length, 1, body)
})

measuring.run()
