/** The ports that a local stack may have, and what it says of those that it may not. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeCredentials } from '../../src/demo/credentials.ts'
import { BLOCKED, explain, mustBeAskable, mustBeFree, originOf } from '../../src/demo/ports.ts'
import { portFrom } from '../../src/demo/run.ts'
import { StartError } from '../../src/start_error.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const ports = suite('ports of the local stack')
const HOST = '127.0.0.1'

ports('a port that is taken is named, and another one that is free', async () => {
  const taken = createServer().listen(await freePort(), HOST)
  await new Promise((done) => taken.once('listening', done))
  const { port } = taken.address() as { port: number }
  const error = await mustBeFree(port).catch((one) => one)
  await new Promise((done) => taken.close(done))
  assert.instance(error, StartError)
  const [, named, other] = /^port (\d+) is in use by another program\. Stop it, or choose another: GATEWAY_PORT=(\d+) make up$/.exec(
    error.message,
  ) as RegExpExecArray
  assert.is(named, String(port))
  assert.is.not(other, named)
  await mustBeFree(Number(other))
})

ports('the hint never names a port that is taken, the usual hint included', async () => {
  // Where something else holds it already, so much the better.
  const usual = createServer()
  await new Promise<void>((done) => usual.once('error', () => done()).listen(8001, HOST, done))
  const error = await mustBeFree(8001).catch((one) => one)
  await new Promise((done) => usual.close(done))
  assert.match(error.message, /^port 8001 is in use/)
  assert.not.match(error.message, 'GATEWAY_PORT=8001')
})

for (const [code, what] of [
  ['EADDRINUSE', /^port 80 is in use by another program\. .* GATEWAY_PORT=8003 make up$/],
  ['EACCES', /^port 80 may not be opened by this user\. Choose one above 1023: GATEWAY_PORT=8003 make up$/],
  ['EADDRNOTAVAIL', /^port 80 of 127\.0\.0\.1 cannot be opened \(EADDRNOTAVAIL\)\. /],
] as const) {
  ports(`what ${code} means`, () => assert.match(explain(80, code, 8003), what))
}

ports('the ports at which fetch asks nobody are those that the stack refuses', async () => {
  const near = [...BLOCKED].flatMap((port) => [port - 1, port, port + 1]).filter((port) => port > 0)
  for (const port of new Set([...near, 80, 443, 8000, 8001, 8080, 8888, 9000])) {
    const error = await fetch(`http://${HOST}:${port}`, { signal: AbortSignal.timeout(1000) }).catch((one) => one)
    const isRefused = error instanceof TypeError && (error.cause as Error | undefined)?.message === 'bad port'
    assert.is(BLOCKED.has(port), isRefused, String(port))
  }
  for (const port of [22, 10080]) assert.throws(() => mustBeAskable(port), new RegExp(`^port ${port} is one that browsers .*refuse`))
  mustBeAskable(80)
})

for (const text of ['0', '00', 'abc', '65536', '-1', '8000.5', ' 8000', '1e3']) {
  ports(`${JSON.stringify(text)} is no port of the gateway`, () => {
    const expected = `GATEWAY_PORT must be a port number from 1 to 65535, got ${JSON.stringify(text)}`
    assert.throws(
      () => portFrom({ GATEWAY_PORT: text }, 'GATEWAY_PORT', 8000, 1),
      (error: Error) => error instanceof StartError && error.message === expected,
    )
  })
}

ports('the port that http has anyway stands in no address', () => {
  assert.equal([80, 443, 8000].map(originOf), ['http://localhost', 'http://localhost:443', 'http://localhost:8000'])
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ports-'))
  try {
    const pool = writeCredentials(folder, { gateway: 80, cognito: 9000, validator: 8888, currenttime: 9001, mcpgw: 9002 })
    const [web] = JSON.parse(readFileSync(pool, 'utf8')).clients
    assert.ok(web.callbackUrls.includes('http://localhost/oauth2/callback/mcp'))
    assert.equal(web.logoutUrls, ['http://localhost/oauth2/signed-out'])
    for (const file of [pool, ...['.env', '.env.agent', '.env.user'].map((name) => join(folder, name))])
      assert.not.match(readFileSync(file, 'utf8'), /localhost:80\b/, file)
    assert.match(readFileSync(join(folder, '.env'), 'utf8'), /^REGISTRY_URL=http:\/\/localhost$/m)
    assert.match(readFileSync(join(folder, '.env.agent'), 'utf8'), /^MCP_REGISTRY_URL=http:\/\/localhost\/mcpgw\/sse$/m)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

ports.run()
