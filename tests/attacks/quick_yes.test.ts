/** The quick yes lets nothing through that the gate in full refuses: the same requests, to the shipped gate and to one without the quick yes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { HEAD } from './framed.ts'
import { BODIES, MIRRORS, OTHERS, TWO_VERSIONS, TYPES, VERSIONS } from './quick_requests.ts'
import { http, MESSAGE, NOW } from './table.ts'
import { startWorld, type World } from './world.ts'

const quick = suite('the quick yes')
let shipped: World
let full: World

/** As a default server may have it: then it is for the gate to refuse odd header names. */
const odd = (conf: string): void =>
  replace(
    conf,
    'server.conf',
    /underscores_in_headers off;\nignore_invalid_headers on;/,
    'underscores_in_headers on;\nignore_invalid_headers off;',
  )
const slow = (conf: string): void => replace(conf, 'gate.js', 'const method = v.gatehouse_glance', "const method = ''")
function replace(conf: string, file: string, from: string | RegExp, to: string): void {
  const path = join(conf, 'gatehouse', file)
  const text = readFileSync(path, 'utf8')
  assert.is.not(text.replace(from, to), text)
  writeFileSync(path, text.replace(from, to))
}

quick.before(async () => {
  ;[shipped, full] = await Promise.all([
    startWorld({ configure: odd }),
    startWorld({
      configure: (conf) => {
        odd(conf)
        slow(conf)
      },
    }),
  ])
})
quick.after(async () => {
  await Promise.all([shipped, full].map((w) => w?.gateway.close()))
})

interface Seen {
  answer: string
  received: string[]
}

/** What differs between two runs of the same request by nature. */
const OWN = /^(?:x-forwarded-port|x-forwarded-host|x-request-id|traceparent)$/i

async function ask(w: World, bytes: Buffer): Promise<Seen> {
  w.gateway.reset()
  const at = bytes.indexOf('\r\n\r\n')
  const request = Buffer.concat([bytes.subarray(0, at), Buffer.from(`\r\n${w.agent}`), bytes.subarray(at)])
  const [answer] = await w.gateway.raw(request, { timeout: 1500 })
  const received = w.gateway.currenttime.received.map(({ method, url, body, rawHeaders }) => {
    const headers = rawHeaders.filter((_, index) => !OWN.test(rawHeaders[index - (index % 2)] ?? ''))
    return JSON.stringify([method, url, body, headers])
  })
  return { answer: `${answer?.status ?? 0} ${answer?.status === 200 ? '' : answer?.body}`, received }
}

/** Some of the requests pass, so that the quick yes has had something to say. */
async function assertSame(requests: readonly Buffer[], passing = 1): Promise<void> {
  const different: string[] = []
  let passed = 0
  for (const bytes of requests) {
    const [one, other] = await Promise.all([ask(shipped, bytes), ask(full, bytes)])
    passed += one.received.length
    if (JSON.stringify(one) !== JSON.stringify(other))
      different.push([bytes.toString('latin1'), one.answer, other.answer].map((text) => text.slice(0, 400)).join('\n'))
  }
  assert.equal(different, [])
  assert.ok(passed >= passing, `${passed} have passed`)
}

const LINE = 'POST /currenttime/mcp HTTP/1.1'
const withHeaders = (lines: readonly string[], body: string | Buffer = NOW): Buffer => http(LINE, [...MESSAGE(body), ...lines], body)
const withType = (lines: readonly string[]): Buffer => http(LINE, ['Host: localhost', `Content-Length: ${NOW.length}`, ...lines], NOW)
const inChunks = (body: string | Buffer, trailer = ''): Buffer => {
  const bytes = Buffer.from(body)
  const cut = Math.floor(bytes.length / 2)
  const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)].filter((piece) => piece.length > 0)
  const framed = pieces.map((piece) => Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]))
  return http(LINE, [...HEAD, 'Transfer-Encoding: chunked'], Buffer.concat([...framed, Buffer.from(`0\r\n${trailer}\r\n`)]))
}
const versions = (...values: readonly string[]): string[] => values.map((value) => `MCP-Protocol-Version: ${value}`)

quick('bodies', () =>
  assertSame(
    BODIES.map((body) => withHeaders([], body)),
    20,
  ),
)
quick('bodies in chunks, and trailers', () => assertSame([...BODIES.map((body) => inChunks(body)), inChunks(NOW, 'Mcp-Name: x\r\n')], 20))
quick('versions and the headers that repeat a message', () =>
  assertSame(
    MIRRORS.flatMap((lines) => [withHeaders(lines), ...VERSIONS.map((version) => withHeaders([...versions(version), ...lines]))]),
    60,
  ),
)
quick('two versions', () =>
  assertSame(
    TWO_VERSIONS.flatMap((both) => MIRRORS.map((lines) => withHeaders([...versions(...both), ...lines]))),
    0,
  ),
)
quick('other headers, with odd names let through by the server', () =>
  assertSame(
    OTHERS.map((line) => withHeaders([line])),
    5,
  ),
)
quick('types', () => {
  const both = ['Content-Type: application/json', 'Content-Type: text/plain']
  return assertSame(
    [...TYPES.map((type) => withType([`Content-Type: ${type}`])), withType([]), withType(both), withType(both.reverse())],
    4,
  )
})
quick('origins', () =>
  assertSame(
    ['http://a.example', '', ',', 'null'].flatMap((origin) => [
      withHeaders([`Origin: ${origin}`]),
      withHeaders(Array(2).fill(`Origin: ${origin}`)),
    ]),
  ),
)

quick.run()
