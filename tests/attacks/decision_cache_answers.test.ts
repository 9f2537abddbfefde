/** What NGINX makes of a validator's answers, and of what the http {} around the shipped files says of caches. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { attackSuite } from './attack_suite.ts'
import { DECISION_CASES } from './decision_cases.ts'
import { bytesOf, filesOf, folderOf, inOneMinute, inShort, make } from './decisions.ts'
import { bearer, startWorld, type World } from './world.ts'

const FOREVER = { 'Cache-Control': 'public, max-age=3600, stale-if-error=3600', Expires: 'Fri, 01 Jan 2100 00:00:00 GMT' }
const IDENTITY = { 'X-User': 'agent', 'X-Client-Id': 'agent', 'X-Server-Name': 'currenttime', 'X-Mcp-Allow': 'tools/call=now' }
const NO = { 'X-Gatehouse-Reason': 'token_expired', 'X-Gatehouse-Message': 'No.', 'WWW-Authenticate': 'Bearer realm="mcp"' }

/** A validator that says what it is told to. */
interface Liar {
  address: string
  questions: number
  status: number
  headers: Record<string, string>
  /** Bytes instead of an answer. */
  raw: string
  server: Server
}

async function startLiar(): Promise<Liar> {
  const server = createServer((request, response) => {
    self.questions += 1
    if (self.raw !== '') request.socket.end(self.raw)
    else response.writeHead(self.status, self.headers).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const self: Liar = { address, questions: 0, status: 204, headers: {}, raw: '', server }
  return self
}

const answers = attackSuite('answers that are remembered')
let liar: Liar
let world: World
let made = 0

answers.before(async () => {
  liar = await startLiar()
  world = await startWorld({ validatorAddress: liar.address })
})
answers.after(async () => {
  await world?.gateway.close()
  liar.server.closeAllConnections()
  liar.server.close()
})

/** `status questions` of calls of one caller nobody has seen, one after the other. */
async function say(status: number, headers: Record<string, string>, { raw = '', times = 2 } = {}): Promise<string[]> {
  Object.assign(liar, { status, headers, raw })
  made += 1
  const seen: string[] = []
  for (let n = 0; n < times; n += 1) seen.push(await ask([`Authorization: Bearer caller-${made}`]))
  return seen
}

async function ask(headers: string[]): Promise<string> {
  const before = liar.questions
  const [answer] = await world.gateway.raw(bytesOf({ headers }).bytes)
  return `${answer?.status ?? 0} ${liar.questions - before}`
}

answers('a yes is remembered when it says for how long, and by nothing else', () =>
  inOneMinute(async () => {
    assert.equal(await say(204, { ...IDENTITY, 'X-Accel-Expires': '30' }), ['200 1', '200 0'])
    for (const [name, value] of Object.entries({ ...FOREVER, ETag: '"a"', Vary: 'Accept' }))
      assert.equal(await say(204, { ...IDENTITY, [name]: value }), ['200 1', '200 1'], name)
    for (const time of ['0', '', 'x', '-1', '1.5', '@1'])
      assert.equal(await say(204, { ...IDENTITY, ...FOREVER, 'X-Accel-Expires': time }), ['200 1', '200 1'], time)
    const more = { ...IDENTITY, 'X-Accel-Expires': '30', 'Set-Cookie': 'a=1', Vary: '*', 'Cache-Control': 'no-store, private' }
    assert.equal(await say(204, more), ['200 1', '200 0'])
  }),
)

for (const status of [200, 302, 400, 401, 403, 404, 429, 500, 502, 503, 504]) {
  answers(`238 ${status} is not remembered, however long it says to be good`, async () => {
    const [first = '', second = ''] = await say(status, { ...IDENTITY, ...NO, ...FOREVER, Location: '/mcpgw/' })
    assert.is(second, first)
    assert.match(first, status === 401 || status === 403 ? `${status} ` : /^503 [12]$/)
  })
}

answers('238 what is no answer is not remembered', async () => {
  const heads = ['rubbish\r\n\r\n', 'HTTP/1.1 204 No Content\r\nX-Accel-Expires: 30\r\nX-User: a', 'HTTP/1.1 999 X\r\n\r\n', '\0', ' ']
  for (const raw of heads) {
    const seen = await say(0, {}, { raw })
    for (const one of seen) assert.match(one, /^503 [12]$/, raw)
  }
  assert.is(
    world.gateway.currenttime.received.some(({ rawHeaders }) => rawHeaders.includes('a')),
    false,
  )
})

answers('a refusal whose validator wants it remembered locks out nobody but the one that it was for', () =>
  inOneMinute(async () => {
    for (const status of [401, 403, 500, 200]) {
      await say(status, { ...IDENTITY, ...NO, 'X-Accel-Expires': '30' })
      const victim = await say(204, { ...IDENTITY, 'X-Accel-Expires': '30' })
      assert.equal(victim, ['200 1', '200 0'])
    }
  }),
)

/** What an operator may have said for the sites beside the gate. */
const AROUND = `
    proxy_cache_path sites keys_zone=sites:1m;
    proxy_cache sites;
    proxy_cache_key all;
    proxy_cache_valid any 1h;
    proxy_cache_use_stale error timeout updating http_500 http_503 http_403;
    proxy_cache_background_update on;
    proxy_cache_lock on;
    proxy_cache_lock_timeout 5s;
    proxy_cache_revalidate on;
    proxy_cache_min_uses 100;
    proxy_cache_methods POST;
    proxy_cache_convert_head off;
    proxy_buffering off;
    proxy_max_temp_file_size 0;
    proxy_ignore_headers X-Accel-Expires;
    proxy_no_cache 1;
    proxy_cache_bypass 1;
    proxy_store on;
    open_file_cache max=10000 inactive=1h;
    open_file_cache_valid 1h;
    open_file_cache_errors on;
    directio 1;
    etag off;
`

answers('what http {} says of caches changes nothing', async () => {
  const configure = (conf: string): void => {
    const file = join(conf, 'example.conf')
    // A store goes before a cache, and NGINX wants only one of the two.
    const text = AROUND.replace('    proxy_store on;\n', '')
    writeFileSync(file, readFileSync(file, 'utf8').replace('include gatehouse/http.conf;', `include gatehouse/http.conf;\n${text}`))
  }
  const usual = await startWorld({ env: { DECISION_CACHE_SECONDS: '60' }, configure })
  try {
    for (const one of DECISION_CASES.slice(0, 12)) {
      await inOneMinute(async () => {
        usual.gateway.reset()
        const got = (await make(usual.gateway, await one.calls(usual))).map(inShort)
        assert.ok(
          got.every((seen, at) => new RegExp(`^${seenAs(one.seen[at])}$`).test(seen)),
          `${one.name}: ${got.join()}`,
        )
      })
    }
  } finally {
    await usual.gateway.close()
  }
})

const seenAs = (seen: string | RegExp | undefined): string => (seen instanceof RegExp ? seen.source.replace(/^\^|\$$/g, '') : (seen ?? ''))

for (const seconds of ['0', '1']) {
  answers(`with DECISION_CACHE_SECONDS=${seconds} every call asks`, async () => {
    const off = await startWorld({ env: { DECISION_CACHE_SECONDS: seconds } })
    try {
      const calls = Array(3).fill({ headers: [bearer(await off.token())] })
      assert.equal((await make(off.gateway, calls)).map(inShort), Array(3).fill('200 1 agent'))
      assert.equal(filesOf(off.gateway), [], folderOf(off.gateway))
    } finally {
      await off.gateway.close()
    }
  })
}
answers.run()
