import { createSocket, type Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createResolve, type Resolve } from '../../src/oauth/public_host.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { within } from '../support/within.ts'

const names = suite('the addresses of a host')

const TYPE = { A: 1, AAAA: 28 } as const
const SERVFAIL = 2
const NXDOMAIN = 3
type Records = { a: number[][]; aaaa: number[][]; code?: number } | 'silence'

/** A name server (RFC 1035 section 4.1) with one answer for each name. */
const ZONE: Record<string, Records> = {
  'both.example': {
    a: [
      [93, 184, 215, 14],
      [127, 0, 0, 1],
    ],
    aaaa: [[0x26, 6, 0x47, 0, ...Array(11).fill(0), 1]],
  },
  'four.example': { a: [[93, 184, 215, 14]], aaaa: [] },
  'six.example': { a: [], aaaa: [[0x26, 6, 0x47, 0, ...Array(11).fill(0), 1]] },
  'empty.example': { a: [], aaaa: [] },
  'broken.example': { a: [], aaaa: [], code: SERVFAIL },
  'silent.example': 'silence',
  'mapped.example': { a: [], aaaa: [[...Array(10).fill(0), 255, 255, 127, 0, 0, 1]] },
}
const asked: string[] = []
let server: Socket
let resolve: Resolve

/** The answer to a message, or null for none. */
function answerTo(message: Buffer): Buffer | null {
  const labels: string[] = []
  let at = 12
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.subarray(at + 1, at + 1 + length).toString())
    at += 1 + length
  }
  const name = labels.join('.').toLowerCase()
  const type = message.readUInt16BE(at + 1)
  asked.push(`${name} ${type === TYPE.A ? 'A' : 'AAAA'}`)
  const records = ZONE[name] ?? { a: [], aaaa: [], code: NXDOMAIN }
  if (records === 'silence') return null
  const data = type === TYPE.A ? records.a : records.aaaa
  const head = Buffer.from([...message.subarray(0, 2), 0x81, 0x80 | (records.code ?? 0), 0, 1, 0, data.length, 0, 0, 0, 0])
  const bodies = data.map((bytes) => Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, bytes.length, ...bytes]))
  return Buffer.concat([head, message.subarray(12, at + 5), ...bodies])
}

names.before(async () => {
  server = createSocket('udp4', (message, { port, address }) => {
    const answer = answerTo(message)
    if (answer !== null) server.send(answer, port, address)
  })
  await new Promise<void>((done) => server.bind(0, '127.0.0.1', done))
  resolve = createResolve([`127.0.0.1:${(server.address() as AddressInfo).port}`])
})
names.after(() => new Promise<void>((done) => server.close(() => done())))
names.before.each(() => {
  asked.length = 0
})

const never = new AbortController().signal

const FOUND: [string, string[]][] = [
  ['both.example', ['93.184.215.14', '127.0.0.1', '2606:4700::1']],
  ['four.example', ['93.184.215.14']],
  ['six.example', ['2606:4700::1']],
  ['mapped.example', ['::ffff:127.0.0.1']],
]
for (const [name, addresses] of FOUND) {
  names(`${name} has ${addresses.join(', ')}, by one question of each kind`, async () => {
    assert.equal(await resolve(name, never), addresses)
    assert.equal(asked.sort(), [`${name} A`, `${name} AAAA`])
  })
}

async function rejected(name: string, signal = never): Promise<string> {
  try {
    return `resolved to ${await resolve(name, signal)}`
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'no code'
  }
}

for (const [name, code] of [
  ['empty.example', 'ENODATA'],
  ['missing.example', 'ENOTFOUND'],
  ['broken.example', 'ESERVFAIL'],
] as const)
  names(`${name} has none: ${code}`, async () => assert.is(await rejected(name), code))

names('a name of one label is asked for as it is: no domain of the system is put behind it', async () => {
  assert.is(await rejected('metadata'), 'ENOTFOUND')
  assert.equal([...new Set(asked)].sort(), ['metadata A', 'metadata AAAA'])
})

names('the file of hosts is not read, where this machine has its names', async () => {
  assert.match(readFileSync('/etc/hosts', 'utf8'), /\blocalhost\b/)
  assert.is(await rejected('localhost'), 'ENOTFOUND')
  assert.equal(asked.sort(), ['localhost A', 'localhost AAAA'])
})

names('a silent name server is left soon', async () => {
  const started = performance.now()
  assert.is(await rejected('silent.example'), 'ETIMEOUT')
  assert.ok(performance.now() - started < 2900, `${performance.now() - started} ms`)
})

names('the signal ends the question at once, also one that was given before', async () => {
  await within(400, async () => {
    const end = new AbortController()
    const outcome = rejected('silent.example', end.signal)
    setTimeout(() => end.abort(), 50)
    assert.is(await outcome, 'ECANCELLED')
    assert.is(await rejected('silent.example', end.signal), 'ECANCELLED')
  })
})

names.run()
