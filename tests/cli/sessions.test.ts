/** `gatehouse sessions revoke`. */
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createValkeyStore } from '../../src/session/ended_valkey.ts'
import { createSealer } from '../../src/session/seal.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { startValkey } from '../support/valkey.ts'
import { makeHome } from './command.ts'

const sessions = suite('gatehouse sessions revoke')
const SECRET_KEY = '0b7e2d9c4a61f835e0d7c2b9a4f81635'
const home = makeHome()
const orders: Array<{ line: string; type: string | undefined; body: string }> = []
let answer: { status: number; body: string }
let validator: Server
let port: number

sessions.before(async () => {
  validator = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      orders.push({ line: `${request.method} ${request.url}`, type: request.headers['content-type'], body })
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
    })
  })
  await new Promise<void>((done) => validator.listen(0, '127.0.0.1', done))
  port = (validator.address() as AddressInfo).port
})
sessions.before.each(() => {
  orders.length = 0
  answer = { status: 200, body: '{"revoked":"rosa"}' }
})
sessions.after(() => {
  home.remove()
  validator.close()
})

const revoke = (env: Record<string, string>, user = 'rosa') => home.gatehouse(['sessions', 'revoke', user], { SECRET_KEY, ...env })

sessions('sends a sealed order that is good for a minute to the validator', async () => {
  const { code, stdout, stderr } = await revoke({ VALIDATOR_LISTEN: `127.0.0.1:${port}` })
  assert.is(code, 0, stderr)
  const [order] = orders
  assert.equal([order?.line, order?.type], ['POST /sessions/revoke', 'text/plain'])
  const { action, username, expiresAt } = (await createSealer([SECRET_KEY]).open('operator', order?.body ?? '')) ?? {}
  assert.equal([action, username], ['revoke_user', 'rosa'])
  assert.ok(Math.abs(Number(expiresAt) - Date.now() / 1000 - 60) < 10)
  assert.match(stdout, /^All sessions that rosa has had until now are ended; how many there were, nobody counts\./)
  assert.match(stdout, /The validator at 127\.0\.0\.1:\d+ was told, and nobody else: if there are several, tell each/)
  assert.not.match(stdout + stderr, /Fe26/)
})

sessions('a validator that listens everywhere is told over the loopback', async () => {
  assert.is((await revoke({ VALIDATOR_LISTEN: `0.0.0.0:${port}` })).code, 0)
  assert.is(orders.length, 1)
})

sessions('a validator at a unix socket is told there', async () => {
  const path = `${home.folder}/validator.sock`
  const other = createServer((_request, response) => response.end('{"revoked":"rosa"}'))
  await new Promise<void>((done) => other.listen(path, done))
  const { code, stdout, stderr } = await revoke({ VALIDATOR_LISTEN: `unix:${path}` })
  other.close()
  assert.is(code, 0, stderr)
  assert.match(stdout, `The validator at ${path} was told`)
})

sessions('another SECRET_KEY, exit code 3', async () => {
  answer = { status: 403, body: '{}' }
  const { code, stderr } = await revoke({ VALIDATOR_LISTEN: `127.0.0.1:${port}` })
  assert.is(code, 3)
  assert.match(stderr, /refused the order: it has another SECRET_KEY.*No session was ended/)
})

for (const [what, status, body] of [
  ['something else', 200, 'ok'],
  ['a validator that speaks of another user', 200, '{"revoked":"rosalind"}'],
  ['a validator without this route', 404, '{}'],
  ['a store that is away', 503, '{}'],
] as const) {
  sessions(`${what} has ended nothing, exit code 1`, async () => {
    answer = { status, body }
    const { code, stdout, stderr } = await revoke({ VALIDATOR_LISTEN: `127.0.0.1:${port}` })
    assert.equal([code, stdout], [1, ''])
    assert.match(stderr, 'No session was ended')
  })
}

sessions('no validator, exit code 1', async () => {
  for (const listen of [`127.0.0.1:${await freePort()}`, `unix:${home.folder}/none.sock`]) {
    const { code, stderr } = await revoke({ VALIDATOR_LISTEN: listen })
    assert.is(code, 1)
    assert.match(stderr, /No validator can be reached at .*\((?:ECONNREFUSED|ENOENT)\), so no session was ended.*VALIDATOR_LISTEN/)
  }
})

sessions('with a store the store is told, under the user’s digest, and no validator', async () => {
  const store = await startValkey({ password: 'a-password' })
  try {
    const { code, stdout, stderr } = await revoke({ SESSION_STORE_URL: store.url, SECRET_KEY: '', VALIDATOR_LISTEN: `127.0.0.1:${port}` })
    assert.is(code, 0, stderr)
    assert.match(stdout, 'The store was told, and every validator that uses it obeys at once.')
    assert.equal(orders, [])
    const at = Date.now() / 1000
    const ended = createValkeyStore(store.url, { onState: () => {} })
    const has = (username: string, issuedAt: number) => ended.has({ id: 'x', username, issuedAt })
    assert.equal([await has('rosa', at - 60), await has('rosa', at + 60), await has('lone', at - 60)], [true, false, false])
    await ended.close()
    assert.not.match(stdout + stderr, 'a-password')
  } finally {
    await store.stop()
  }
})

sessions('the time is that of the store, whatever the clock of the operator says', async () => {
  const store = await startValkey()
  const ended = createValkeyStore(store.url, { onState: () => {} })
  try {
    for (const [user, seconds] of [
      ['slow', -600],
      ['fast', 600],
    ] as const) {
      const clock = join(home.folder, `${user}.cjs`)
      writeFileSync(clock, `const now = Date.now; Date.now = () => now() + ${seconds * 1000}`)
      const env = { SESSION_STORE_URL: store.url, NODE_OPTIONS: `--require ${clock}` }
      const { code, stderr } = await revoke(env, user)
      assert.is(code, 0, stderr)
      const at = Date.now() / 1000
      const has = (issuedAt: number) => ended.has({ id: 'x', username: user, issuedAt })
      assert.equal([await has(at - 60), await has(at + 1)], [true, false], user)
    }
  } finally {
    await ended.close()
    await store.stop()
  }
})

sessions('a store that is away, exit code 1; no validator is told instead', async () => {
  const away = `redis://user:a-password@127.0.0.1:${await freePort()}`
  const { code, stderr } = await revoke({ SESSION_STORE_URL: away, VALIDATOR_LISTEN: `127.0.0.1:${port}` })
  assert.is(code, 1, stderr)
  assert.match(stderr, /The store does not answer \(.+\), so no session was ended/)
  assert.not.match(stderr, 'a-password')
  assert.equal(orders, [])
})

sessions('settings that lack or are wrong, exit code 2', async () => {
  assert.match((await revoke({ SECRET_KEY: '' })).stderr, '- SECRET_KEY is missing')
  const { code, stderr } = await revoke({ SESSION_STORE_URL: 'http://x' })
  assert.is(code, 2)
  assert.match(stderr, '- SESSION_STORE_URL')
  assert.equal(orders, [])
})

sessions.run()
