/** A collector that is away, slow or talks nonsense: decisions do not notice, the log stays calm, and the process ends. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { root, SECRET_KEY } from '../support/gateway.ts'
import { type Issuer, startIssuer } from '../support/issuer.ts'
import { freePort, type Program, start, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { type Collector, startCollector } from './collector.ts'

const trouble = suite('trouble with the collector')
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tracing-'))
const running: Program[] = []
let issuer: Issuer
let collector: Collector
let token = ''

trouble.before(async () => {
  ;[issuer, collector] = await Promise.all([startIssuer(), startCollector()])
  token = await issuer.token({ scope: 'mcp-servers-unrestricted/execute' })
  // The image's files, alone.
  mkdirSync(join(folder, 'image'))
  for (const name of ['validator.js', 'tracing.js']) cpSync(join(root, 'dist', name), join(folder, 'image', name))
  writeFileSync(join(folder, 'image/package.json'), '{"type":"module"}')
})
trouble.after(async () => {
  await Promise.all(running.map((program) => program.stop('SIGKILL')))
  await Promise.all([issuer?.close(), collector?.close()])
  rmSync(folder, { recursive: true, force: true })
})

interface Validator extends Program {
  ask(count?: number): Promise<number[]>
}

const settings = (port: number): Record<string, string> => ({
  COGNITO_USER_POOL_ID: issuer.poolId,
  COGNITO_ISSUER: issuer.issuer,
  ALLOWED_CLIENT_IDS: 'agent',
  SECRET_KEY,
  REGISTRY_URL: 'http://localhost:8000',
  SCOPES_FILE: join(root, 'scopes.yml'),
  VALIDATOR_LISTEN: `127.0.0.1:${port}`,
})

function run(args: readonly string[], env: Record<string, string>): Program {
  const program = start(process.execPath, args, env)
  running.push(program)
  return program
}

async function validator(env: Record<string, string>, args = [join(folder, 'image/validator.js')]): Promise<Validator> {
  const port = await freePort()
  const program = run(args, { ...settings(port), ...env })
  await program.printed('"msg":"listening"')
  const question = {
    'x-mcp-server': 'currenttime',
    'x-mcp-http-method': 'POST',
    authorization: `Bearer ${token}`,
    traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
  }
  const ask = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/validate`, { headers: question })).status
  return { ...program, ask: (count = 1) => Promise.all(Array.from({ length: count }, ask)) }
}

/** How often the log says that the collector takes nothing. */
const warnings = (program: Program): number => (program.output().match(/"msg":"collector does not take spans"/g) ?? []).length

trouble('the image tells it in protobuf, by two files of together less than a megabyte', async () => {
  collector.received.length = 0
  const program = await validator({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path`, OTEL_BSP_SCHEDULE_DELAY: '50' })
  assert.equal(await program.ask(), [204])
  await until('there are spans', () => collector.received.length > 0)
  const [{ url, headers, body } = { url: '', headers: {}, body: Buffer.alloc(0) }] = collector.received
  assert.equal([url, headers['content-type']], ['/own/path', 'application/x-protobuf'])
  for (const part of [Buffer.from(TRACE, 'hex'), 'GET /validate', 'gatehouse.decision', 'allow', 'currenttime'])
    assert.ok(body.includes(part), String(part))
  // Sent at the end, however long it would have waited else.
  assert.is(await program.stop(), 0)
  const sizes = ['validator.js', 'tracing.js'].map((name) => readFileSync(join(folder, 'image', name)).length)
  assert.ok(sizes.reduce((sum, size) => sum + size) < 1_000_000, String(sizes))
})

trouble('what has not been sent yet is sent at the end', async () => {
  collector.received.length = 0
  const program = await validator({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' })
  await program.ask(3)
  assert.is(await program.stop(), 0)
  assert.is(collector.spans().length, 3)
})

const NONSENSE: Record<string, (response: ServerResponse) => void> = {
  'answers nonsense': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>welcome\u0007</h1>'),
  'refuses with a long page': (response) => response.writeHead(400).end('<script>password</script>'.repeat(10_000)),
  'closes the connection': (response) => response.destroy(),
  'asks for patience': (response) => response.writeHead(503, { 'retry-after': '3600' }).end(),
}
for (const [what, answer] of Object.entries(NONSENSE)) {
  trouble(`one that ${what} is nobody's trouble`, async () => {
    const kept = collector.answer
    collector.answer = answer
    collector.received.length = 0
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_EXPORTER_OTLP_TIMEOUT: '500' }
    const program = await validator(env)
    for (let round = 1; round <= 3; round += 1) {
      assert.equal(await program.ask(3), [204, 204, 204])
      await until(`it was sent ${round} times`, () => collector.received.length >= round)
    }
    assert.is(await program.stop(), 0)
    collector.answer = kept
    assert.is(warnings(program), what === 'answers nonsense' ? 0 : 1, program.output())
    assert.not.match(program.output(), /welcome|script|password|"level":"error"| {4}at /)
  })
}

trouble('one that is away is told of once, and when it is back', async () => {
  const port = await freePort()
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '300',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  }
  const program = await validator(env)
  assert.ok((await program.ask(10)).every((status) => status === 204))
  await until('it is told', () => warnings(program) === 1)
  assert.match(program.output(), /"error":"ECONNREFUSED","msg":"collector does not take spans"/)
  const back = await startCollector(port)
  await until('it is told that it is back', async () => {
    await program.ask()
    return program.output().includes('"msg":"collector takes spans again"')
  })
  assert.is(await program.stop(), 0)
  await back.close()
  assert.is(warnings(program), 1)
  const [, lost] = /"lost":(\d+),"msg":"collector takes spans again"/.exec(program.output()) ?? []
  assert.ok(Number(lost) >= 10, lost)
})

trouble('what waits for one that is slow is bounded', async () => {
  const kept = collector.answer
  const held: ServerResponse[] = []
  collector.answer = (response) => held.push(response)
  collector.received.length = 0
  const program = await validator({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_BSP_MAX_QUEUE_SIZE: '10',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
  })
  await program.ask()
  await until('it holds the first', () => held.length === 1)
  for (let round = 0; round < 5; round += 1) assert.ok((await program.ask(10)).every((status) => status === 204))
  collector.answer = kept
  for (const response of held) kept(response)
  assert.is(await program.stop(), 0)
  assert.is(collector.spans().length, 11)
})

trouble('one that never answers delays neither decisions nor the end', async () => {
  const kept = collector.answer
  const held: ServerResponse[] = []
  collector.answer = (response) => held.push(response)
  collector.received.length = 0
  const port = await freePort()
  const file = join(folder, 'settings.env')
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
  writeFileSync(
    file,
    Object.entries({ ...settings(port), ...otel, OTEL_SERVICE_NAME: 'from-the-file' })
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  const program = run(['--', join(root, 'bin/gatehouse'), 'serve', '--env-file', file], {})
  await program.printed('"msg":"listening"')
  const headers = { 'x-mcp-server': 'currenttime', 'x-mcp-http-method': 'POST', authorization: `Bearer ${token}` }
  const ask = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/validate`, { headers })).status
  await ask()
  await until('the collector holds the first', () => held.length > 0)
  const started = performance.now()
  for (let count = 0; count < 50; count += 1) assert.is(await ask(), 204)
  assert.ok(performance.now() - started < 2000)
  const stopped = performance.now()
  assert.is(await program.stop(), 0)
  const took = performance.now() - stopped
  assert.ok(took > 1500 && took < 5000, `${took} ms`)
  assert.match(program.output(), '"msg":"stopped"')
  assert.is(collector.resources()[0]?.['service.name'], 'from-the-file')
  collector.answer = kept
})

trouble('where no collector is named, or it is switched off, nothing of it is loaded', async () => {
  mkdirSync(join(folder, 'alone'))
  cpSync(join(root, 'dist/validator.js'), join(folder, 'alone/validator.mjs'))
  const alone = [join(folder, 'alone/validator.mjs')]
  for (const env of [
    { OTEL_SERVICE_NAME: 'gate', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_EXPORTER: 'none' },
  ] as Record<string, string>[]) {
    const program = await validator(env, alone)
    assert.equal(await program.ask(), [204])
    assert.is(await program.stop(), 0)
  }
})

trouble('what the SDK has against its settings is told once, at the start', async () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=very-private',
  }
  const program = await validator(env)
  await program.printed('"msg":"tracing"')
  assert.match(program.output(), /OTEL_TRACES_SAMPLER value \\"sometimes\\" invalid/)
  assert.is(await program.stop(), 0)
  assert.not.match(program.output(), 'very-private')
})

trouble.run()
