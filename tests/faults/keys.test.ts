/**
 * The pool's key endpoint fails real validators, cold and warm, in all its ways, while unknown keys are asked for without end. The long times
 * (ten minutes, 24 hours) are told by a clock of their own in tests/cognito/keys.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JWK } from 'jose'
import * as assert from '../support/assert.ts'
import { type Issuer, makeKey, type SigningKey, startIssuer } from '../support/issuer.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { startValidator, type Validator } from './validators.ts'

/** Milliseconds: that long a pool is left alone, and that long a new key may take; the rest is for a busy machine. */
const PENALTY = 10_000
const SLACK = 1500

const keys = suite('a key endpoint that fails')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'))
let issuer: Issuer
let second: SigningKey
let replaced: SigningKey
const cleanups: Array<() => unknown> = []

keys.before(async () => {
  issuer = await startIssuer()
  second = await makeKey('c2Vjb25k')
  replaced = await makeKey(issuer.key.kid)
})
keys.after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
  await issuer?.close()
  rmSync(folder, { recursive: true, force: true })
})

type Answer = (response: ServerResponse) => void
const JSON_TYPE = { 'content-type': 'application/json' }
const FAILURES: readonly [string, Answer][] = [
  ['away', (response) => response.destroy()],
  ['silent', () => {}],
  ['an HTML page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')],
  ['an empty set', (response) => response.writeHead(200, JSON_TYPE).end('{"keys":[]}')],
  ['too large', (response) => response.writeHead(200, JSON_TYPE).end(`{"keys":[],"x":"${'x'.repeat(200_000)}"}`)],
]

interface Endpoint {
  url: string
  answer: Answer
  /** When it was asked. */
  asked: number[]
}

async function startEndpoint(answer: Answer): Promise<Endpoint> {
  const server: Server = createServer((_request, response) => {
    self.asked.push(performance.now())
    self.answer(response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  cleanups.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const self: Endpoint = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`, answer, asked: [] }
  return self
}

const publish = (endpoint: Endpoint, ...published: JWK[]): void => {
  endpoint.answer = (response) => response.writeHead(200, JSON_TYPE).end(JSON.stringify({ keys: published }))
}

/** Asks with tokens whose kid nobody knows, until it is stopped; gives the statuses that came. */
function flood(validator: Validator, token: string, milliseconds: number): { stop(): Promise<Set<number | null>> } {
  const [, payload, signature] = token.split('.')
  const seen = new Set<number | null>()
  let running = true
  const one = async (number: number): Promise<void> => {
    for (let count = 0; running; count += 1) {
      const head = Buffer.from(JSON.stringify({ alg: 'RS256', kid: `unknown-${number}-${count}` })).toString('base64url')
      seen.add(await validator.ask(`Bearer ${head}.${payload}.${signature}`))
      await sleep(milliseconds)
    }
  }
  cleanups.push(() => {
    running = false
  })
  const lanes = [one(0), one(1), one(2)]
  return {
    stop: async () => {
      running = false
      await Promise.all(lanes)
      return seen
    },
  }
}

async function goThrough(what: string, failure: Answer): Promise<void> {
  const endpoint = await startEndpoint(failure)
  const validator = await startValidator(issuer, folder, { COGNITO_JWKS_URL: endpoint.url })
  cleanups.push(() => validator.program.stop('SIGKILL'))
  const token = await issuer.token()
  const good = `Bearer ${token}`
  const says = (expected: number, authorization = good): Promise<void> =>
    until(`${what}: it answers ${expected}`, async () => (await validator.ask(authorization)) === expected, PENALTY + SLACK)

  // Cold: nobody is let in, and the pool is asked once.
  const cold = flood(validator, token, 20)
  assert.equal([await validator.ready(), await validator.ask(good)], [503, 503], what)
  await sleep(500)
  assert.equal([...(await cold.stop())], [503], `${what}, cold`)
  assert.is(endpoint.asked.length, 1, `${what}: fetches when cold`)
  publish(endpoint, issuer.key.jwk)
  await says(204)
  assert.is(await validator.ready(), 200)

  // Warm: known keys serve, unknown ones do not make it ask more often. Hundreds a second for one of them are enough of a load.
  endpoint.answer = failure
  const before = endpoint.asked.length
  const warm = flood(validator, token, what === 'away' ? 2 : 40)
  await until(`${what}: it asked for the unknown keys`, () => endpoint.asked.length > before, PENALTY + SLACK)
  for (let count = 0; count < 20; count += 1) assert.is(await validator.ask(good), 204, `${what}, warm`)
  assert.equal([...(await warm.stop())], [401], `${what}, warm`)
  assert.is(await validator.ready(), 200)

  // Rotated within the penalty, and one replaced under its name.
  publish(endpoint, second.jwk, replaced.jwk)
  await says(204, `Bearer ${await issuer.token({}, {}, second)}`)
  assert.is(await validator.ask(`Bearer ${await issuer.token({}, {}, replaced)}`), 204, `${what}: replaced`)
  assert.is(await validator.ask(good), 401, `${what}: the key before it`)
  // As they arrived here: on a busy machine the first of two may be late. To the millisecond it is in tests/cognito/keys.test.ts.
  const gaps = endpoint.asked.slice(1).map((at, index) => at - (endpoint.asked[index] as number))
  assert.ok(Math.min(...gaps) > PENALTY - 2 * SLACK, `${what}: fetches after ${gaps} ms`)
}

keys('is asked once in ten seconds and lets nobody in, and its next good answer counts', async () => {
  await Promise.all(FAILURES.map(([what, failure]) => goThrough(what, failure)))
})

keys.run()
