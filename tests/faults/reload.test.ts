/** NGINX reads its configuration again, a hundred times, while calls and streams go through it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { nginxWorkers } from '../../bench/proc.ts'
import * as assert from '../support/assert.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { allCallers } from './callers.ts'
import { startLoad, undecided } from './load.ts'
import { openStream, type Stream } from './streams.ts'

const RELOADS = 100
/** Seconds after which a machine that is busy with other things may leave it at half of them. */
const LONGEST = 50
/** Seconds after which NGINX ends what is left of an old worker: worker_shutdown_timeout in nginx/example.conf. */
const PATIENCE = 30
/** Milliseconds: NGINX gives the validator no longer, and a machine that is busy with other things may take that. */
const TOO_BUSY = 400

const reloading = suite('reloads')
let gateway: Gateway

reloading.before(async () => {
  gateway = await startGateway({ env: { DECISION_CACHE_SECONDS: '5' }, deadlines: 'shipped' })
})
reloading.after(() => gateway?.close())

const workers = (): number[] => nginxWorkers(gateway.nginx.child.pid as number)

async function reload(): Promise<void> {
  const before = new Set(workers())
  gateway.nginx.child.kill('SIGHUP')
  await until('new workers serve', () => workers().some((pid) => !before.has(pid)))
}

reloading('under load, a hundred of them, break no call and no stream, and leave no worker behind', async () => {
  const authorization = `Bearer ${await gateway.issuer.token()}`
  const load = startLoad(gateway, await allCallers(gateway.issuer), { pause: 8 })
  await load.recovers()
  const streams: Stream[] = []
  const broken = (): unknown[] => streams.map((stream) => stream.ended()).filter((why) => why !== null)
  const open = async (): Promise<unknown> => streams.push(await openStream(gateway.port, authorization))
  for (let count = 0; count < 8; count += 1) await open()
  const usual = workers().length
  const began = Date.now()
  const isLate = (): boolean => Date.now() - began > LONGEST * 1000
  let count = 0
  for (; count < RELOADS && !(count >= RELOADS / 2 && isLate()); count += 1) {
    await reload()
    if (Date.now() - began < (PATIENCE - 2) * 1000) assert.equal(broken(), [], `streams are broken after ${count + 1} reloads`)
    if (count % 20 === 0) await open()
  }
  const before = streams.map((stream) => stream.pieces())
  await sleep(500)
  const seconds = (Date.now() - began) / 1000
  const tally = await load.stop()
  assert.equal([tally.wrong, tally.broken], [[], []])
  if (tally.slowest < TOO_BUSY) assert.is(undecided(tally), 0, `5xx: ${JSON.stringify(tally.undecided)}`)
  if (seconds < PATIENCE) {
    assert.equal(broken(), [], 'streams are broken')
    assert.ok(
      streams.every((stream, index) => stream.pieces() > (before[index] ?? 0)),
      'a stream is silent',
    )
  }
  for (const stream of streams) stream.close()
  await until('the old workers are gone', () => workers().length === usual)
  console.log(
    `${count} in ${seconds.toFixed(1)} s, ${tally.right} right answers, ${tally.resent} sent again, slowest ${tally.slowest.toFixed(0)} ms`,
  )
})

reloading.run()
