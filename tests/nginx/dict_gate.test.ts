/** Decisions in a dictionary of nginx's workers, in nginx: where its njs is new enough. NGINX_BIN and NJS_MODULE may name one. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNginx, installNginx } from '../../src/demo/nginx.ts'
import * as assert from '../support/assert.ts'
import { call, type Gateway, message, post, root, startGateway } from '../support/gateway.ts'
import { now } from '../support/issuer.ts'
import { sharesDictionary } from '../support/njs_dict.ts'
import { until } from '../support/process.ts'
import type { Answer } from '../support/raw.ts'
import { suite } from '../support/suite.ts'

const PAGE = 'https://app.example.com'
const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

const canShare = sharesDictionary()
const older = suite('decisions in a dictionary, in an nginx whose njs has none')
const whereOld: (name: string, check: () => void | Promise<void>) => void = (name, check) => (canShare ? undefined : older(name, check))
whereOld('nginx says that it cannot take the files, and does not start without them', () => {
  process.stdout.write('\n  njs is older than 0.8.5: NGINX_BIN and NJS_MODULE may name a newer one\n')
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-dict-'))
  try {
    const address = '127.0.0.1:9'
    const addresses = { gateway: address, validator: address, currenttime: address, mcpgw: address }
    const args = installNginx(join(root, 'nginx'), folder, addresses, { memory: 'dict' })
    const { status: code, stderr } = spawnSync(findNginx().nginx, ['-t', ...args], { encoding: 'utf8' })
    assert.equal([code, /unknown directive "js_shared_dict_zone" in \S+\/gatehouse\/cache\.conf/.test(stderr)], [1, true], stderr)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

const shared = suite('decisions in a dictionary, in nginx')
const whereNew: (name: string, check: () => void | Promise<void>) => void = (name, check) => (canShare ? shared(name, check) : undefined)
let gateway: Gateway

/** Starts a gate of its own, in which a yes is remembered for so many seconds: the validator takes one off what is set (decide.ts). */
async function startFor(seconds: number, configure: (conf: string) => void = () => {}): Promise<void> {
  // A decision is forgotten at the end of the minute.
  const left = 60_000 - (Date.now() % 60_000)
  if (left < 12_000) await pause(left)
  gateway = await startGateway({
    install: { memory: 'dict' },
    configure,
    env: { DECISION_CACHE_SECONDS: String(seconds + 1), ALLOWED_ORIGINS: PAGE },
  })
}
shared.after.each(() => gateway.close())

const bearer = async (claims: Record<string, unknown> = {}): Promise<Record<string, string>> => ({
  Authorization: `Bearer ${await gateway.issuer.token(claims)}`,
})
async function ask(headers: Record<string, string>, body = call('now'), path = '/currenttime/mcp'): Promise<Answer> {
  const [answer] = await gateway.raw(post(path, body, headers))
  if (answer === undefined) throw new Error('no answer')
  return answer
}
const status = async (...args: Parameters<typeof ask>): Promise<number> => (await ask(...args)).status
const get = async (headers: Record<string, string>, method = 'GET'): Promise<number | undefined> => {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return (await gateway.raw(`${method} /currenttime/mcp HTTP/1.1\r\n${lines.join('')}\r\n`))[0]?.status
}
/** Questions that the validator has answered. */
const decisions = (): number => gateway.validator.output().split('"msg":"decision"').length - 1
/** Waits until the validator has logged so many, which it does not do at once, and sees that there are no more. */
async function settled(count: number): Promise<void> {
  await until(`${count} questions are logged`, () => decisions() >= count)
  await pause(300)
  assert.is(decisions(), count)
}
/** What the MCP server has heard, without what is another one each time. */
const heard = (): string[] => {
  const { rawHeaders = [] } = gateway.currenttime.received.at(-1) ?? {}
  const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []))
  return pairs.filter((line) => !/^X-Request-Id/i.test(line))
}

whereNew('a known caller is served while the validator is away, until the second is over; everybody else is not', async () => {
  await startFor(3)
  const headers = await bearer()
  assert.is(await status(headers), 200)
  const since = Date.now()
  const other = await bearer({ jti: 'another' })
  await gateway.validator.stop('SIGKILL')
  assert.is(await status(headers), 200)
  for (const [what, refused] of [
    ['another token', await status(other)],
    ['nobody', await status({})],
    ['a token with a letter more', await status({ Authorization: `${headers.Authorization}A` })],
    ['another server', await status(headers, call('now'), '/mcpgw/mcp')],
    ['another method', await get(headers)],
    ['a page', await status({ ...headers, Origin: PAGE })],
    ['a call that is for the validator', await status(headers, call('delete_all'))],
  ] as const)
    assert.is(refused, 503, what)
  while (Date.now() - since < 2700) assert.is(await status(headers), 200)
  await pause(3050 - (Date.now() - since))
  assert.is(await status(headers), 503)
  assert.is(gateway.mcpgw.received.length, 0)
})

whereNew('what a known caller calls outside of the set is refused by the validator, and lists are filtered', async () => {
  await startFor(30)
  const headers = await bearer()
  assert.equal([await status(headers), await status(headers)], [200, 200])
  const refused = await ask(headers, call('delete_all'))
  assert.equal([refused.status, /"reason":"\w+"/.test(refused.body)], [403, true])
  const tools = ['now', 'delete_all'].map((name) => ({ name, inputSchema: { type: 'object' } }))
  gateway.currenttime.answer = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }))
  const listed = await ask(headers, message('tools/list'))
  assert.equal([listed.status, listed.body.includes('"now"'), listed.body.includes('delete_all')], [200, true, false])
  await settled(2)
})

whereNew('to the MCP server, the page and the log a known caller is the same as an unknown one', async () => {
  await startFor(30)
  const headers = { Cookie: await gateway.cookie(['callers', 'ädmins'], 'rosa m'), Origin: PAGE }
  const seen = []
  for (const id of ['told-by-it', 'remembered']) {
    const answer = await ask({ ...headers, 'X-Request-Id': id })
    const log = (): string => readFileSync(join(gateway.folder, 'logs/access.json'), 'utf8')
    await until('it is logged', () => log().includes(id))
    const line = JSON.parse(log().trim().split('\n').at(-1) as string)
    for (const name of ['time', 'request_id', 'request_time', 'upstream_time']) delete line[name]
    const { 'x-request-id': _id, date: _date, ...rest } = answer.headers
    seen.push({ heard: heard(), status: answer.status, rest, line })
  }
  assert.equal(seen[1], seen[0])
  assert.is(seen[0]?.status, 200)
  await settled(1)
  assert.ok(seen[1]?.heard.includes('X-User: rosa%20m'), String(seen[1]?.heard))
  assert.equal(seen[1]?.rest['access-control-allow-origin'], [PAGE])
})

whereNew('no refusal is remembered, nor in the way of a yes', async () => {
  await startFor(30)
  for (const headers of [await bearer({ exp: now() - 10 }), {}, { Authorization: 'Bearer x' }])
    for (let times = 0; times < 2; times += 1) assert.is(await status(headers), 401)
  await settled(6)
})

whereNew('never beyond the end of the token', async () => {
  await startFor(59)
  const end = now() + 4
  const headers = await bearer({ exp: end })
  assert.equal([await status(headers), await status(headers)], [200, 200])
  await settled(1)
  await gateway.validator.stop('SIGKILL')
  await pause(end * 1000 - Date.now() + 5)
  assert.is(await status(headers), 503)
})

whereNew('a body that comes late does not draw out what is remembered', async () => {
  await startFor(2)
  const headers = await bearer()
  const bytes = post('/currenttime/mcp', call('now'), headers)
  const socket = connect(gateway.port, '127.0.0.1')
  socket.write(bytes.subarray(0, bytes.length - 1))
  await until('the validator has answered', () => decisions() === 1)
  await pause(1900)
  socket.write(bytes.subarray(bytes.length - 1))
  await until('the call has come', () => gateway.currenttime.received.length === 1)
  socket.destroy()
  await pause(300)
  await gateway.validator.stop('SIGKILL')
  assert.is(await status(headers), 503)
})

whereNew('nothing of it is in a file, and the oldest make room for the newest', async () => {
  await startFor(59, (conf) => {
    const file = join(conf, 'gatehouse/cache.conf')
    writeFileSync(file, readFileSync(file, 'utf8').replace('zone=gatehouse:8m', 'zone=gatehouse:32k'))
  })
  for (let caller = 0; caller < 100; caller += 1) assert.is(await status(await bearer({ jti: String(caller) })), 200)
  const last = await bearer({ jti: 'last' })
  assert.equal([await status(last), await status(last)], [200, 200])
  await settled(101)
  assert.not.match(gateway.logs(), /\[(?:crit|alert|emerg|error)\]/)
  assert.not.match(gateway.logs(), last.Authorization?.split('.')[2] as string)
})

older.run()
shared.run()
