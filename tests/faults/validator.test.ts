/**
 * The validator fails while many ask, and comes back: nobody is let in who should not be, nobody waits, nothing is to be restarted.
 * What a single request sees of each wrong answer is in tests/gateway/availability.test.ts; wrong MCP servers are in tests/attacks/broken.test.ts.
 */
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import * as assert from '../support/assert.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { type Between, startBetween } from './between.ts'
import { allCallers, type Caller } from './callers.ts'
import { type Load, startLoad, type Tally, undecided } from './load.ts'
import { becomesReady, startValidator } from './validators.ts'

/** Milliseconds in which there must be an answer: a second, and what a busy machine adds. */
const DEADLINE = 1500

const failing = suite('a validator that fails under load')
let gateway: Gateway
let between: Between
let callers: Caller[]
let load: Load

failing.before(async () => {
  between = await startBetween()
  gateway = await startGateway({ validatorAddress: between.address, deadlines: 'shipped' })
  between.target = gateway.validatorPort
  callers = await allCallers(gateway.issuer)
})
failing.after(async () => {
  await gateway?.close()
  between?.close()
})
failing.before.each(async () => {
  load = startLoad(gateway, callers)
  await load.recovers(20)
})

/** Ends the load: it must have been undecided for a while, and never wrong. */
async function endsRight(least: number): Promise<Tally> {
  await load.recovers()
  const tally = await load.stop()
  assert.equal(tally.wrong, [])
  assert.equal(tally.broken, [])
  assert.ok(undecided(tally) >= least, `${undecided(tally)} times undecided`)
  assert.ok(tally.slowest < DEADLINE, `the slowest answer took ${tally.slowest} ms`)
  return tally
}

/** Whoever asks from now on gets no answer of the gate. */
async function nobodyPasses(): Promise<void> {
  assert.is(await load.rightOf(20), 0, 'somebody got an answer of the gate')
}

failing('killed, and started again', async () => {
  await gateway.validator.stop('SIGKILL')
  await nobodyPasses()
  await gateway.restartValidator()
  await endsRight(12)
})

failing('stopped (SIGSTOP), and going on', async () => {
  gateway.validator.child.kill('SIGSTOP')
  await nobodyPasses()
  gateway.validator.child.kill('SIGCONT')
  await endsRight(12)
})

failing('slow by 400 ms, which is almost too late', async () => {
  between.delay = 400
  await load.answers(24)
  between.delay = 0
  await endsRight(0)
})

failing('slow by two seconds', async () => {
  between.delay = 2000
  await nobodyPasses()
  between.delay = 0
  await endsRight(12)
})

const IDENTITY = 'X-User: root\r\nX-Scopes: test/all\r\nX-Server-Name: currenttime\r\nX-Mcp-Allow: *\r\n'
const flood = (socket: Socket): void => {
  socket.write('HTTP/1.1 204 No Content\r\n')
  const more = (): void => {
    while (!socket.destroyed && socket.write(`X-Endless: ${'a'.repeat(1000)}\r\n`));
  }
  socket.on('drain', more)
  more()
}
for (const [what, instead] of [
  ['204 without a header', (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n')],
  ['206 with an identity', (socket) => socket.write(`HTTP/1.1 206 Partial Content\r\n${IDENTITY}Content-Length: 0\r\n\r\n`)],
  ['half a head, and leaves', (socket) => socket.end(`HTTP/1.1 204 No Content\r\n${IDENTITY}`)],
  ['a head without end', flood],
  ['an HTML page', (socket) => socket.write(`HTTP/1.1 200 OK\r\n${IDENTITY}Content-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>`)],
  ['an HTML page without a head', (socket) => socket.end('<!doctype html><title>Welcome</title>\r\n\r\n')],
] as Array<[string, (socket: Socket) => void]>) {
  failing(`answering ${what}, and right again`, async () => {
    between.instead = instead
    await nobodyPasses()
    between.instead = null
    await endsRight(12)
  })
}

failing('ends on SIGTERM also while whoever reads its log does not', async () => {
  await load.stop()
  const validator = await startValidator(gateway.issuer, gateway.folder)
  validator.program.child.stdout?.pause()
  const authorization = `Bearer ${await gateway.issuer.token()}`
  // More lines than a pipe and a reader's own buffer hold.
  for (let round = 0; round < 500; round += 1) await Promise.all(Array.from({ length: 8 }, () => validator.ask(authorization)))
  const ended = new Promise((done) => validator.program.child.once('exit', done))
  validator.program.child.kill('SIGTERM')
  const late = new Promise((done) => setTimeout(done, 5000, 'still there after five seconds'))
  assert.is(await Promise.race([ended, late]), 0)
})

failing('opens no debugger on SIGUSR1', async () => {
  await load.stop()
  const validator = await startValidator(gateway.issuer, gateway.folder)
  validator.program.child.kill('SIGUSR1')
  await becomesReady(validator)
  await new Promise((done) => setTimeout(done, 300))
  assert.not.match(validator.program.output(), 'Debugger')
  assert.is(await validator.program.stop(), 0)
})

failing('ends on SIGTERM when what it has begun is answered, and takes nothing new', async () => {
  await load.stop()
  const { issuer } = gateway
  // A question waits a while for keys that are being fetched.
  issuer.answer = () => {}
  const validator = await startValidator(issuer, gateway.folder)
  const begun = validator.ask(`Bearer ${await issuer.token()}`)
  let answered = false
  begun.then(() => {
    answered = true
  })
  // One that has begun to ask and does not go on must not hold it for ever.
  const half = connect(validator.port, '127.0.0.1', () => half.write('GET /validate HTTP/1.1\r\nHost: vali'))
  half.on('error', () => {})
  await new Promise((done) => setTimeout(done, 100))
  assert.is(answered, false, 'nothing is in flight')
  const started = Date.now()
  const ended = validator.program.stop('SIGTERM')
  await until('it takes nothing new', async () => (await connects(validator.port)) === false, 2000)
  assert.is(await begun, 503, 'what was in flight got no answer')
  assert.is(await ended, 0)
  assert.ok(Date.now() - started < 5000, `took ${Date.now() - started} ms`)
  assert.match(validator.program.output(), '"msg":"stopped"')
})

function connects(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = connect(port, '127.0.0.1', () => {
      probe.destroy()
      done(true)
    })
    probe.on('error', () => done(false))
  })
}

failing.run()
