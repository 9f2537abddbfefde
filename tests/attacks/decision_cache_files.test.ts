/** The files in which NGINX keeps decisions: nothing that opens a door, nobody else's, and no yes from one that is broken. */
import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findNginx } from '../../src/demo/nginx.ts'
import * as assert from '../support/assert.ts'
import { call, SECRET_KEY } from '../support/gateway.ts'
import { type Program, start, until } from '../support/process.ts'
import { attackSuite } from './attack_suite.ts'
import { bytesOf, filesOf, folderOf, inOneMinute, inShort, make } from './decisions.ts'
import { bearer, cookie, startWorld, type World } from './world.ts'

const kept = attackSuite('files of remembered decisions')
let world: World

kept.before(async () => {
  world = await startWorld({ env: { DECISION_CACHE_SECONDS: '60' } })
})
kept.after(() => world?.gateway.close())

let made = 0
const agent = async (): Promise<string> => {
  made += 1
  return bearer(await world.token({ jti: `kept-${process.pid}-${made}` }))
}
/** The file that a call of this caller adds. */
async function fileOf(line: string): Promise<string> {
  const before = new Set(filesOf(world.gateway))
  assert.match((await make(world.gateway, [{ headers: [line] }])).map(inShort).join(), /^200 1 /)
  const added = filesOf(world.gateway).filter((path) => !before.has(path))
  assert.is(added.length, 1)
  return added[0] as string
}

kept('235 no credential and no part of one is in a file or in its name', async () => {
  const { gateway } = world
  const token = (await agent()).slice('Authorization: Bearer '.length)
  const session = await world.seal()
  const headers = [[bearer(token)], [cookie(session)], [bearer(token), cookie(session)], [bearer(token), `Origin: ${gateway.url}`]]
  const seen = await make(
    gateway,
    headers.map((lines) => ({ headers: lines })),
  )
  assert.ok(seen.every(({ status }) => status === 200))
  const files = filesOf(gateway)
  assert.ok(files.length >= headers.length)
  const all = files.map((path) => path + readFileSync(path, 'latin1')).join('\n')
  assert.match(all, 'X-User: rosa', 'this is how the answers look')
  const parts = [...token.split('.'), ...session.split('*').filter((part) => part.length > 12)]
  const decoded = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
  const hidden = [token, session, SECRET_KEY, ...parts, ...decoded, 'Bearer', 'mcp_gateway_session', 'Authorization', 'Cookie']
  assert.equal(
    hidden.filter((text) => all.includes(text)),
    [],
  )
})

for (const [byte, name] of [
  [10, 'a line break'],
  [0, 'a zero'],
  [32, 'a space'],
] as const) {
  kept(`the key ends with the SHA-256 of what was asked with, as it is: with ${name} in it`, () =>
    inOneMinute(async () => {
      const { line, digest } = await agentWith(byte)
      const text = readFileSync(await fileOf(line))
      const key = Buffer.concat([Buffer.from(`POST currenttime ${minuteOf(text)} `), digest])
      const from = text.indexOf('KEY: ') + 5
      assert.is(text.subarray(from, from + key.length + 1).toString('latin1'), `${key.toString('latin1')}\n`)
      assert.equal((await make(world.gateway, [{ headers: [line] }])).map(inShort), ['200 0 agent'], 'it is found again')
    }),
  )
}

/** A caller whose digest has the byte in it. */
async function agentWith(byte: number): Promise<{ line: string; digest: Buffer }> {
  for (;;) {
    const line = await agent()
    const digest = createHash('sha256')
      .update(`${line.slice('Authorization: '.length)}\n\n`)
      .digest()
    if (digest.includes(byte)) return { line, digest }
  }
}

/** The minute that stands in a file. */
const minuteOf = (text: Buffer): string => /KEY: POST currenttime (\d{4}-\d\d-\d\dT\d\d:\d\d) /.exec(text.toString('latin1'))?.[1] ?? ''

kept('the folder and its files are for the user of the workers alone', async () => {
  await fileOf(await agent())
  const { gateway } = world
  const [worker] = workersOf(gateway.nginx)
  const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${worker}/status`, 'utf8'))?.[1])
  const folder = statSync(folderOf(gateway))
  assert.is((folder.mode & 0o777).toString(8), '700')
  assert.is(folder.uid, uid)
  for (const path of filesOf(gateway)) {
    assert.is((statSync(path).mode & 0o777).toString(8), '600')
    assert.is(statSync(path).uid, uid)
  }
})

const workersOf = ({ child }: Program): number[] =>
  readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').map(Number)

const garbled = (text: Buffer, at: number): Buffer => {
  const copy = Buffer.from(text)
  copy.writeUInt8(copy.readUInt8(at) ^ 0x55, at)
  return copy
}

/** What a crash could leave, as a function of the file as it should be. */
const BROKEN: Array<[name: string, change: (path: string, whole: Buffer) => void]> = [
  ['an empty one', (path) => truncateSync(path, 0)],
  ...[1, 50, 100, 335, 336, 400, 450, 500].map((length): [string, (path: string, whole: Buffer) => void] => [
    `one of ${length} bytes`,
    (path, whole) => truncateSync(path, Math.min(length, whole.length - 1)),
  ]),
  ['one that lacks its last byte', (path, whole) => truncateSync(path, whole.length - 1)],
  ['one of zeroes', (path, whole) => writeFileSync(path, Buffer.alloc(whole.length))],
  ['one with another version', (path, whole) => writeFileSync(path, garbled(whole, 0))],
  ['one with another key', (path, whole) => writeFileSync(path, garbled(whole, whole.indexOf('KEY: ') + 8))],
  ['one without a status', (path, whole) => writeFileSync(path, garbled(whole, whole.indexOf('HTTP/1.1 204') + 9))],
  [
    'one of another server',
    (path, whole) => writeFileSync(path, whole.toString('latin1').replace('Name: currenttime', 'Name: mcpgw......'), 'latin1'),
  ],
  ['one without a user', (path, whole) => writeFileSync(path, whole.toString('latin1').replace('X-User: ', 'X-Usex: '), 'latin1')],
]

for (const [name, change] of BROKEN) {
  kept(`a broken file opens nothing: ${name}`, () =>
    inOneMinute(async () => {
      const line = await agent()
      const path = await fileOf(line)
      change(path, readFileSync(path))
      const [seen] = await make(world.gateway, [{ headers: [line] }])
      // Asked once more, or refused because what is remembered is not for this server; never let through unasked.
      assert.match(seen ? inShort(seen) : '', /^(?:200 1 agent|503 [01])$/)
    }),
  )
}

kept('somebody else’s file under a name is no yes', () =>
  inOneMinute(async () => {
    const [one, two] = [await agent(), await agent()]
    const [mine, other] = [await fileOf(one), await fileOf(two)]
    writeFileSync(mine, readFileSync(other))
    assert.is((await make(world.gateway, [{ headers: [one] }])).map(inShort).join(), '200 1 agent')
  }),
)

kept('a folder that the workers cannot use any more: everybody is asked for, as long as it lasts', async () => {
  const { gateway } = world
  const line = await agent()
  const requests = [{ headers: [line] }, { headers: [line] }, { headers: [] }, { headers: ['Authorization: Bearer x'] }]
  chmodSync(folderOf(gateway), 0)
  try {
    const seen = await make(gateway, requests)
    assert.equal(seen.map(inShort), ['200 1 agent', '200 1 agent', '401 1', '401 1'])
    const refused = await make(gateway, [{ headers: [line], body: call('delete_all') }])
    assert.equal(
      refused.map(({ status }) => status),
      [403],
    )
  } finally {
    chmodSync(folderOf(gateway), 0o700)
  }
  assert.equal((await make(gateway, requests.slice(0, 2))).map(inShort), ['200 1 agent', '200 0 agent'])
})

kept('a folder that is gone: everybody is asked for, as long as that lasts', async () => {
  const { gateway } = world
  const line = await agent()
  const requests = [{ headers: [line] }, { headers: [line] }, { headers: [] }]
  renameSync(folderOf(gateway), `${folderOf(gateway)}-away`)
  try {
    assert.equal((await make(gateway, requests)).map(inShort), ['200 1 agent', '200 1 agent', '401 1'])
    writeFileSync(folderOf(gateway), '')
    assert.equal((await make(gateway, requests)).map(inShort), ['200 1 agent', '200 1 agent', '401 1'])
  } finally {
    rmSync(folderOf(gateway), { force: true })
    renameSync(`${folderOf(gateway)}-away`, folderOf(gateway))
  }
  assert.equal((await make(gateway, requests.slice(0, 2))).map(inShort), ['200 1 agent', '200 0 agent'])
})

kept('workers that are killed while they write leave no wrong yes behind', async () => {
  const { gateway } = world
  const lines = await Promise.all(Array.from({ length: 40 }, agent))
  for (let round = 0; round < 3; round += 1) {
    const sent = lines.map((line) => gateway.raw(bytesOf({ headers: [line] }).bytes, { timeout: 1000 }))
    await sleep(10 * (round + 1))
    for (const pid of workersOf(gateway.nginx)) process.kill(pid, 'SIGKILL')
    await Promise.all(sent)
  }
  await until('NGINX answers', async () => (await make(gateway, [{ headers: [lines[0] as string] }]))[0]?.status === 200)
  const seen = await make(gateway, [
    ...lines.map((line) => ({ headers: [line] })),
    { headers: [] },
    { headers: ['Authorization: Bearer x'] },
  ])
  assert.equal(
    seen.map(({ status }) => status),
    [...lines.map(() => 200), 401, 401],
  )
})

kept('a gate that is killed and started again asks, or remembers what is true still', async () => {
  const { gateway } = world
  const line = await agent()
  const path = await fileOf(line)
  const workers = workersOf(gateway.nginx)
  const stopped = gateway.nginx.stop('SIGKILL')
  for (const pid of workers) process.kill(pid, 'SIGKILL')
  await stopped
  truncateSync(path, 420)
  const args = ['-p', gateway.folder, '-e', join(gateway.folder, 'logs/error.log'), '-c', join(gateway.folder, 'conf/example.conf')]
  gateway.nginx = start(findNginx().nginx, [...args, '-g', 'daemon off;'])
  try {
    await until('NGINX answers', async () => (await gateway.raw('GET / HTTP/1.0\r\n\r\n')).length > 0)
    const seen = await make(gateway, [{ headers: [line] }, { headers: [line] }, { headers: [] }])
    assert.match(seen.map(inShort).join(), /^200 1 agent,200 [01] agent,401 1$/)
  } finally {
    await gateway.nginx.stop('SIGTERM')
  }
})

kept.run()
