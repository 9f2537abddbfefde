/** Two validators behind one NGINX, replaced one after the other under load. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { allCallers, type Caller } from './callers.ts'
import { startLoad, undecided } from './load.ts'
import { becomesReady, startValidator, type Validator } from './validators.ts'

/** A machine that is busy with other things may take half a second for a decision that nothing else has delayed. */
const ATTEMPTS = 4

const rolling = suite('a rolling restart')
let gateway: Gateway
let callers: Caller[]
let pair: Validator[]

rolling.before(async () => {
  const ports = [await freePort(), await freePort()]
  const configure = (conf: string): void => {
    const file = join(conf, 'gatehouse/validator.conf')
    const servers = ports.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join('\n')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^ {4}server .*$/m, servers))
  }
  gateway = await startGateway({ configure, deadlines: 'shipped' })
  callers = await allCallers(gateway.issuer)
  pair = await Promise.all(ports.map((port) => startAt(port)))
  await Promise.all(pair.map((one) => becomesReady(one)))
})
rolling.after(async () => {
  await Promise.all([...(pair ?? []).map(({ program }) => program.stop()), gateway?.close()])
})

const startAt = (port: number): Promise<Validator> =>
  startValidator(gateway.issuer, gateway.folder, { REGISTRY_URL: gateway.url, VALIDATOR_LISTEN: `127.0.0.1:${port}` })

/** Replaces both; gives how often the gate could not decide meanwhile. */
async function replaceBoth(): Promise<number> {
  const load = startLoad(gateway, callers)
  await load.recovers()
  for (const [index, leaving] of pair.entries()) {
    assert.is(await leaving.program.stop('SIGTERM'), 0)
    await load.answers(40)
    pair[index] = await startAt(leaving.port)
    await load.answers(40)
  }
  const tally = await load.stop()
  assert.equal(tally.wrong, [])
  assert.equal(tally.broken, [])
  return undecided(tally)
}

rolling('of two validators under load costs nobody anything', async () => {
  const missed: number[] = []
  while (missed.length < ATTEMPTS && missed.at(-1) !== 0) missed.push(await replaceBoth())
  assert.is(missed.at(-1), 0, `answers of 503 in each of the attempts: ${missed}`)
})

rolling('one that starts is asked only when it has its keys', async () => {
  const { program } = pair[0] as Validator
  const lines = program.output().split('\n')
  const at = (text: string): number => lines.findIndex((line) => line.includes(text))
  assert.ok(at('"keys fetched"') >= 0 && at('"keys fetched"') < at('"listening"'), program.output().slice(0, 1000))
})

rolling.run()
