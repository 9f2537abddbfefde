/** How much one caller and one address may ask, with limits so small that few requests meet them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { flood } from '../attacks/decision_flood.ts'
import * as assert from '../support/assert.ts'
import { call, type Gateway, post, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import type { Answer } from '../support/raw.ts'
import { suite } from '../support/suite.ts'
import { addServers } from './servers.ts'

const limits = suite('limits')
let gateway: Gateway
let tokens = 0

/** Nothing comes back within a test, but in the class `strict`. The zone of `generous` has room for some hundred callers. */
const SMALL: Record<string, Record<string, string>> = {
  'gatehouse/limits.conf': {
    '# 10.1.0.0/16 1;': '10.1.0.0/16 1;',
    'rate=200r/s': 'rate=1r/m',
    'rate=50r/s': 'rate=1r/m',
    'rate=5r/s': 'rate=1r/s',
    'rate=20r/s;\n# Registering': 'rate=1r/m;\n# Registering',
    'rate=2r/s': 'rate=1r/m',
    'zone=gatehouse_generous_caller:8m': 'zone=gatehouse_generous_caller:64k',
    'zone=gatehouse_generous_address:4m': 'zone=gatehouse_generous_address:64k',
  },
  'gatehouse/limited.conf': {
    'standard_address burst=500 ': 'standard_address burst=9 ',
    'standard_caller  burst=200 ': 'standard_caller burst=3 ',
    'strict_caller    burst=20 ': 'strict_caller burst=1 ',
    'sign_in_address  burst=100 ': 'sign_in_address burst=4 ',
    'costly_address   burst=20 ': 'costly_address burst=1 ',
    'gatehouse_address 1000;': 'gatehouse_address 3;',
    'gatehouse_caller  500;': 'gatehouse_caller 2;',
  },
  // As behind a load balancer: each test comes from addresses of its own.
  'example.conf': { 'absolute_redirect off;': 'absolute_redirect off; set_real_ip_from 127.0.0.1; real_ip_header X-Real-Client;' },
}

function configure(conf: string): void {
  for (const [file, changes] of Object.entries(SMALL)) {
    const path = join(conf, file)
    let text = readFileSync(path, 'utf8')
    for (const [from, to] of Object.entries(changes)) {
      assert.is(text.split(from).length, 2, `${file} must hold "${from}" once`)
      text = text.replace(from, to)
    }
    writeFileSync(path, text)
  }
  const classes = { strict: 'strict', generous: 'generous', free: 'off', typo: 'strickt' }
  addServers(conf, Object.fromEntries(Object.entries(classes).map(([name, word]) => [name, `set $gatehouse_limit ${word};`])))
}

limits.before(async () => {
  gateway = await startGateway({ configure, install: { limits: 'shipped' } })
})
limits.after(() => gateway?.close())
limits.before.each(() => gateway.reset())

const newCaller = async (): Promise<Record<string, string>> => {
  tokens += 1
  return { Authorization: `Bearer ${await gateway.issuer.token({ jti: `caller-${tokens}`, scope: 'test/all' })}` }
}
const from = (address: string, headers: Record<string, string> = {}): Record<string, string> => ({ 'X-Real-Client': address, ...headers })
const mcp = (headers: Record<string, string>, path = '/currenttime/mcp'): Buffer => post(path, call('now'), headers)
const line = (method: string, path: string, headers: Record<string, string>): Buffer =>
  Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${Object.entries(headers)
      .map(([n, v]) => `${n}: ${v}\r\n`)
      .join('')}\r\n`,
  )

/** The answers to requests, which come one behind the other on one connection. */
const answersTo = (requests: readonly Buffer[]): Promise<Answer[]> =>
  gateway.raw(Buffer.concat(requests), { answers: requests.length, timeout: 20_000 })
/** Their statuses, each with how often it came in a row. */
async function ask(requests: readonly Buffer[]): Promise<string> {
  const rows: [number, number][] = []
  for (const { status } of await answersTo(requests)) {
    const last = rows.at(-1)
    if (last?.[0] === status) last[1] += 1
    else rows.push([status, 1])
  }
  return rows.map(([status, times]) => `${times}x${status}`).join(' ')
}
const times = (count: number, bytes: Buffer): Buffer[] => Array.from({ length: count }, () => bytes)

limits('one caller over the limit is refused, another one at the same address is not', async () => {
  const [loud, quiet] = [await newCaller(), await newCaller()]
  assert.is(await ask(times(20, mcp(from('10.0.0.1', loud)))), '4x200 16x429')
  assert.is(await ask([mcp(from('10.0.0.1', quiet))]), '1x200')
  assert.is(await ask([mcp(from('10.0.0.2', loud))]), '1x429')
  assert.is(gateway.currenttime.received.length, 5)
})

limits('what stands beside a credential does not make another caller of it', async () => {
  const { Authorization = '' } = await newCaller()
  const written: Record<string, string>[] = [{}, { Cookie: 'a=1' }, { Origin: gateway.url }, { Cookie: 'a=2', Origin: gateway.url }]
  const schemes = ['bearer', 'BEARER', 'BeArEr'].map((word) => ({ Authorization: Authorization.replace('Bearer', word) }))
  const variants = [...written, ...schemes].map((more) => mcp(from('10.0.1.1', { Authorization, ...more })))
  assert.is(await ask(variants), '4x200 3x429')
  const seal = await gateway.cookie(['callers'])
  const cookies = [
    seal,
    `a=1; ${seal}`,
    `${seal}; a=2`,
    `b=;${seal} ;c`,
    `x=${'y'.repeat(200)}; ${seal}`,
    `mcp_gateway_session_2=1;\t${seal}\t`,
  ]
  assert.is(await ask(cookies.map((Cookie) => mcp(from('10.0.1.2', { Cookie })))), '4x200 2x429')
})

limits('nor does a tab around it, which the validator does not hear', async () => {
  const { Authorization = '' } = await newCaller()
  const tabs = [Authorization, `${Authorization}\t`, `\t${Authorization}`, `${Authorization}\t \t`, `\t \t${Authorization}\t`]
  const variants = [...tabs, ...tabs].map((text, n) => mcp(from('10.0.12.1', { Authorization: text, Cookie: `a=${n}` })))
  assert.is(await ask(variants), '4x200 6x429')
  const seal = await gateway.cookie(['callers'])
  const bare = ['', '\t', '\t \t', '\t\t', '\t\t\t', '\t \t\t']
  const cookies = bare.map((text, n) => mcp(from('10.0.12.2', { Authorization: text, Cookie: `a=${n}; ${seal}` })))
  assert.is(await ask(cookies), '4x200 2x429')
})

limits('over https the cookie has another name, and is one caller too', async () => {
  const seal = await gateway.cookie(['callers'])
  const https = `__Host-${seal}`
  const cookies = [https, `a=1; ${https}`, `${https}; a=2`, `b=;\t${https} ;c`, `x=${'y'.repeat(200)}; ${https}`, `a=3; ${https}`]
  // To the validator of this gateway, which has no https, it is no session.
  assert.is(await ask(cookies.map((Cookie) => mcp(from('10.0.13.1', { Cookie })))), '4x401 2x429')
})

limits('who sends cookies of both names is one caller for each address, whatever they hold', async () => {
  const seal = await gateway.cookie(['callers'])
  const both = (n: number): string[] => {
    const junk = `mcp_gateway_session=${String(n).repeat(120)}`
    return [`__Host-${junk}; ${seal}`, `${seal};__Host-${junk}`, `a=b; ${seal} ; c; \t__Host-${junk}`]
  }
  const all = [1, 2].flatMap(both)
  assert.is(await ask(all.map((Cookie) => mcp(from('10.0.14.1', { Cookie })))), '4x200 2x429')
  assert.is(await ask([mcp(from('10.0.14.2', { Cookie: all[0] ?? '' }))]), '1x200')
  assert.is(await ask([mcp(from('10.0.14.1', { Cookie: seal }))]), '1x200')
})

limits('strangers are counted by their address', async () => {
  const known = await newCaller()
  assert.is(await ask(times(12, mcp(from('10.0.2.1')))), '10x401 2x429')
  assert.is(await ask([mcp(from('10.0.2.1', known))]), '1x429')
  assert.is(await ask([mcp(from('10.0.2.2', known))]), '1x200')
  // A new token for each request is of no use.
  const guesses = Array.from({ length: 12 }, (_, n) => mcp(from('10.0.2.3', { Authorization: `Bearer ${'x'.repeat(120)}${n}` })))
  assert.is(await ask(guesses), '10x401 2x429')
})

limits('a network of IPv6 is one address; an address of IPv4 in its clothes is one too', async () => {
  // The byte of a line's end is one like any other.
  const hosts = Array.from({ length: 11 }, (_, n) => mcp(from(`2001:db8:1:2:${n}:a0a::${n}`)))
  assert.is(await ask(hosts), '10x401 1x429')
  assert.is(await ask([mcp(from('2001:db8:1:3::1')), mcp(from('2001:db8:1:2:ffff::'))]), '1x401 1x429')
  assert.is(await ask(times(11, mcp(from('::ffff:10.0.3.1')))), '10x401 1x429')
  assert.is(await ask([mcp(from('::ffff:10.0.3.2'))]), '1x401')
})

limits('what is refused for its caller does not count against the address', async () => {
  const loud = await newCaller()
  assert.is(await ask(times(30, mcp(from('10.0.4.1', loud)))), '4x200 26x429')
  assert.is(await ask(times(7, mcp(from('10.0.4.1')))), '6x401 1x429')
})

limits('classes: another one, none, and a word that is no class', async () => {
  const caller = await newCaller()
  assert.is(await ask(times(12, mcp(from('10.0.5.1', caller), '/generous/mcp'))), '12x200')
  assert.is(await ask(times(12, mcp(from('10.0.5.1', caller), '/free/mcp'))), '12x200')
  assert.is(await ask(times(6, mcp(from('10.0.5.1', caller), '/typo/mcp'))), '4x200 2x429')
  assert.is(await ask(times(12, mcp(from('10.1.0.1', caller)))), '12x200')
})

limits('after a second there is room again', async () => {
  const caller = await newCaller()
  const bytes = mcp(from('10.0.6.1', caller), '/strict/mcp')
  const rows = (await answersTo(times(12, bytes))).map(({ status }) => status)
  assert.equal(rows.slice(0, 2), [200, 200])
  assert.ok(rows.includes(429), rows.join())
  await until('one is let through', async () => (await ask([bytes])) === '1x200', 5000)
})

limits('the answer and the line in the log; nobody else hears of the request', async () => {
  const caller = await newCaller()
  const id = (n: number): Record<string, string> => from('10.0.7.1', { ...caller, 'X-Request-Id': `limited-${n}` })
  const answers = await answersTo([0, 1, 2, 3, 4].map((n) => post('/currenttime/mcp?code=hidden', call('now'), id(n))))
  const { status, headers, body } = answers[4] as Answer
  assert.is(status, 429)
  assert.equal(JSON.parse(body), { reason: 'rate_limited', message: 'Too many requests. Try again after a second.' })
  const of = (name: string): string | undefined => headers[name]?.join()
  assert.equal(
    [of('content-type'), of('retry-after'), of('cache-control'), of('x-request-id')],
    ['application/json', '1', 'no-store', 'limited-4'],
  )
  assert.is(gateway.currenttime.received.length, 4)
  const log = (): string => readFileSync(join(gateway.folder, 'logs/access.json'), 'utf8')
  await until('the line is written', () => log().includes('"limited-4"'))
  const written = JSON.parse(
    log()
      .split('\n')
      .find((text) => text.includes('"limited-4"')) ?? '',
  )
  assert.equal(
    [written.decision, written.reason, written.status, written.server, written.remote_addr, written.upstream_status],
    ['refuse', 'rate_limited', 429, 'currenttime', '10.0.7.1', ''],
  )
  await until('the validator has written of the others', () => gateway.validator.output().includes('limited-3'))
  assert.not.ok(gateway.validator.output().includes('limited-4'))
  const logs = gateway.logs()
  for (const secret of ['hidden', caller.Authorization?.slice(-40) ?? '']) assert.not.ok(logs.includes(secret), 'a credential is in a log')
})

limits('the body of a refused request is not waited for', async () => {
  const headers = from('10.0.8.1', await newCaller())
  assert.is(await ask(times(4, mcp(headers))), '4x200')
  const [refused] = await gateway.raw(line('POST', '/currenttime/mcp', { ...headers, 'Content-Length': '100000', Expect: '100-continue' }))
  assert.is(refused?.status, 429)
})

/** Method, path, how many are let through, and who reads the answer. */
const OPEN: [string, string, number, 'programs' | 'OAuth clients' | 'people'][] = [
  ['GET', '/.well-known/oauth-protected-resource/currenttime/mcp', 5, 'programs'],
  ['HEAD', '/.well-known/oauth-authorization-server', 5, 'programs'],
  ['GET', '/.well-known/openid-configuration', 5, 'programs'],
  ['POST', '/oauth2/token', 5, 'OAuth clients'],
  ['POST', '/oauth2/revoke', 5, 'OAuth clients'],
  ['POST', '/oauth2/register', 2, 'OAuth clients'],
  ['GET', '/oauth2/authorize?client_id=https%3A%2F%2Fexample.com%2Fx&code=hidden', 2, 'people'],
  ['GET', '/oauth2/', 5, 'people'],
  ['POST', '/oauth2/consent', 5, 'people'],
]
for (const [index, [method, path, room, readers]] of OPEN.entries()) {
  limits(`${method} ${path.split('?')[0]}: ${room}, and no more`, async () => {
    const headers = from(`10.0.9.${index}`, method === 'POST' ? { 'Content-Length': '0' } : {})
    // A caller's token does not open another account here.
    const tokens = Array.from({ length: room + 2 }, (_, n) => ({ ...headers, Authorization: `Bearer ${'t'.repeat(120)}${n}` }))
    const answers: Answer[] = []
    for (const one of tokens) answers.push(...(await gateway.raw(line(method, path, { ...one, Connection: 'close' }))))
    const statuses = answers.map(({ status }) => status)
    assert.equal(statuses.slice(room), [429, 429], statuses.join())
    assert.not.ok(statuses.slice(0, room).includes(429), statuses.join())
    const { headers: told, body } = answers.at(-1) as Answer
    assert.is(told['retry-after']?.join(), '1')
    assert.is(told['content-type']?.join(), readers === 'people' ? 'text/html' : 'application/json')
    if (method === 'HEAD') assert.is(body, '')
    else if (readers === 'people') {
      assert.match(body, /^<!doctype html>.*Too many requests/)
      assert.is(told['x-content-type-options']?.join(), 'nosniff')
      for (const name of ['referrer-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy'])
        assert.is(told[name]?.join(), 'same-origin', name)
      assert.match(told['content-security-policy']?.join() ?? '', /^default-src 'none';.* form-action 'none'; frame-ancestors 'none'$/)
    } else if (readers === 'OAuth clients') assert.is(JSON.parse(body).error, 'temporarily_unavailable')
    else assert.is(JSON.parse(body).reason, 'rate_limited')
    assert.not.ok(gateway.logs().includes('code=hidden'), 'what stands behind the path is in a log')
  })
}

/** Opens a stream; `status` is 0 until its head is there. */
function open(headers: Record<string, string>) {
  const self = { status: 0, retry: '', text: '', ended: false, close: () => void client.destroy() }
  const client = request({
    port: gateway.port,
    host: '127.0.0.1',
    path: '/generous/mcp',
    headers: { accept: 'text/event-stream', ...headers },
  })
  client.on('response', (response) => {
    self.status = response.statusCode ?? 0
    self.retry = response.headers['retry-after'] ?? ''
    response.on('data', (chunk) => {
      self.text += chunk
    })
    response.on('end', () => {
      self.ended = true
    })
    response.on('error', () => {})
  })
  client.on('error', () => {})
  client.end()
  return self
}

limits('streams: the one too many is refused, the others live on', async () => {
  const emit: Array<(text: string) => void> = []
  gateway.mcpgw.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': open\n\n')
    emit.push((text) => response.write(text))
  }
  const opened: ReturnType<typeof open>[] = []
  const stream = async (address: string, caller: Record<string, string>): Promise<ReturnType<typeof open>> => {
    const one = open(from(address, caller))
    opened.push(one)
    await until('the head is there', () => one.status !== 0, 20_000)
    return one
  }
  const [rosa, ida] = [await newCaller(), await newCaller()]
  const first = await stream('10.0.20.1', rosa)
  const second = await stream('10.0.20.1', rosa)
  const third = await stream('10.0.20.1', rosa)
  assert.equal([first.status, second.status, third.status, third.retry], [200, 200, 429, '10'])
  await until('it has ended', () => third.ended)
  assert.match(JSON.parse(third.text).message, /at once/)
  assert.is((await stream('10.0.20.2', rosa)).status, 429)
  assert.is((await stream('10.0.20.1', ida)).status, 200)
  assert.is((await stream('10.0.20.1', ida)).status, 429, 'the address has three')
  assert.is((await stream('10.0.20.2', ida)).status, 200)
  assert.is(gateway.mcpgw.received.length, 4)
  for (const write of emit) write('data: still here\n\n')
  await until('the streams go on', () => first.text.includes('still here') && second.text.includes('still here'))
  first.close()
  await until('there is room for one', async () => (await stream('10.0.20.1', rosa)).status === 200)
  for (const one of opened) one.close()
})

limits('a flood of tokens and addresses, many more than there is room for, locks nobody out', async () => {
  const headers = await newCaller()
  const address = (n: number): string => `10.2.${n >> 8}.${n & 255}`
  const statuses = await flood(gateway.port, 2500, (n) => {
    const token = `${'f'.repeat(100)}${String(n).padStart(40, '0')}`
    return line('GET', '/generous/mcp', from(address(n), { Authorization: `Bearer ${token}` })).toString()
  })
  assert.not.ok(statuses.has(429), JSON.stringify([...statuses]))
  assert.ok((statuses.get(401) ?? 0) > 2000, JSON.stringify([...statuses]))
  assert.is(await ask([mcp(from('10.0.30.1', headers), '/generous/mcp')]), '1x200')
  assert.not.match(readFileSync(join(gateway.folder, 'logs/error.log'), 'utf8'), /\[(?:error|crit|alert|emerg)\]/)
})

limits.run()
