/** Descriptors and connections run out: nobody is let in who should not be, streams go on, and it passes without a restart. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { call, type Gateway, POLICY, post, startGateway, workersOf } from '../support/gateway.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { allCallers } from './callers.ts'
import { startLoad, undecided } from './load.ts'
import { openStream, type Stream } from './streams.ts'
import { startValidator, type Validator } from './validators.ts'

const limits = suite('limits of the system')
const open: Socket[] = []
const gateways: Gateway[] = []
const validators: Validator[] = []

limits.after.each(async () => {
  leave()
  for (const gateway of gateways.splice(0)) await gateway.close()
  for (const { program } of validators.splice(0)) await program.stop('SIGKILL')
})

/** Connects so many times and says nothing. */
async function idle(port: number, count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    const socket = connect(port, '127.0.0.1')
    open.push(socket)
    await new Promise((done) => socket.once('connect', done).once('error', done))
    socket.on('error', () => {})
  }
}
const leave = (): void => {
  for (const socket of open.splice(0)) socket.destroy()
}

/** Changes one line of the shipped nginx.conf, which must hold it. */
const edit = (from: string, to: string) => (conf: string) => {
  const file = join(conf, 'example.conf')
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`example.conf does not hold ${from}`)
  writeFileSync(file, text.replace(from, to))
}

async function startWith(from: string, to: string): Promise<Gateway> {
  const gateway = await startGateway({ configure: edit(from, to), deadlines: 'shipped' })
  gateways.push(gateway)
  return gateway
}

limits('the validator has no descriptor left: 503, a changed policy is not lost, and it goes on', async () => {
  const port = await freePort()
  const gateway = await startGateway({ validatorAddress: `127.0.0.1:${port}`, deadlines: 'shipped' })
  gateways.push(gateway)
  const env = { VALIDATOR_LISTEN: `127.0.0.1:${port}`, REGISTRY_URL: gateway.url, SCOPES_FILE: gateway.scopesFile }
  const validator = await startValidator(gateway.issuer, gateway.folder, env, ['prlimit', '--nofile=48:48'])
  validators.push(validator)
  await idle(port, 60)
  const load = startLoad(gateway, await allCallers(gateway.issuer))
  await load.answers(30)
  writeFileSync(`${gateway.scopesFile}.new`, POLICY.replace('ping,', 'ping, prompts/list,'))
  renameSync(`${gateway.scopesFile}.new`, gateway.scopesFile)
  // It closes a connection of its own now and then, whose descriptor must not be the one that the file gets.
  const fill = setInterval(() => idle(port, 4), 100)
  await until('the policy cannot be read', () => validator.program.output().includes('EMFILE')).finally(() => clearInterval(fill))
  leave()
  await load.recovers()
  const tally = await load.stop()
  assert.equal([tally.wrong, tally.broken], [[], []])
  assert.ok(undecided(tally) > 0)
  gateway.reset()
  const listed = post('/currenttime/mcp', call('x').replace('tools/call', 'prompts/list'), {
    Authorization: `Bearer ${await gateway.issuer.token()}`,
  })
  await until('the new policy holds', async () => (await gateway.raw(listed))[0]?.status === 200, 5000)
})

limits('NGINX has no descriptor left: 503 or no answer, and it goes on', async () => {
  const gateway = await startWith('worker_processes auto;', 'worker_processes 1; worker_rlimit_nofile 48;')
  const load = startLoad(gateway, await allCallers(gateway.issuer), { timeout: 1000 })
  await load.recovers(20)
  await idle(gateway.port, 80)
  // Its connections to the validator are gone, and it gets no new ones.
  await gateway.validator.stop('SIGKILL')
  await gateway.restartValidator()
  await load.answers(30)
  assert.match(gateway.logs(), 'Too many open files')
  assert.ok(undecided(load.tally) > 0, JSON.stringify(load.tally.counts))
  leave()
  await load.recovers()
  assert.equal((await load.stop()).wrong, [])
})

limits('NGINX has no connection left for streams: new ones are refused, the others go on, and it recovers', async () => {
  const gateway = await startWith('worker_processes auto;', 'worker_processes 1;')
  const conf = join(gateway.folder, 'conf')
  edit('worker_connections 4096;', 'worker_connections 64;')(conf)
  // The number of connections is fixed when a worker starts.
  const before = workersOf(gateway.nginx)
  gateway.nginx.child.kill('SIGHUP')
  await until('the old worker is gone', () => workersOf(gateway.nginx).every((worker) => !before.includes(worker)))
  const load = startLoad(gateway, await allCallers(gateway.issuer), { timeout: 1000, lanes: 2 })
  await load.recovers(20)
  const authorization = `Bearer ${await gateway.issuer.token()}`
  const streams: Stream[] = []
  let refused = 0
  while (refused < 3 && streams.length < 64) {
    const stream = await openStream(gateway.port, authorization, 1000)
    if (stream.ended() === null) streams.push(stream)
    else refused += 1
  }
  assert.is(refused, 3, 'none was refused')
  assert.match(gateway.logs(), 'worker_connections are not enough')
  const pieces = streams.map((stream) => stream.pieces())
  const living = streams.filter((stream) => stream.ended() === null)
  await until('each stream brings more', () => living.every((stream, index) => stream.pieces() > (pieces[index] ?? 0)), 3000)
  assert.is(living.length, streams.length, 'a stream was broken')
  for (const stream of streams) stream.close()
  await load.recovers()
  assert.equal((await load.stop()).wrong, [])
})

limits.run()
