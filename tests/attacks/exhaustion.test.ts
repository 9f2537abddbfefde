/** No more open files, no more connections: nobody gets in for want of an answer, and afterwards all is as before. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from '../support/assert.ts'
import { call } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { attackSuite } from './attack_suite.ts'
import { NOW, postTo } from './table.ts'
import { startWorld, type World } from './world.ts'

const exhaustion = attackSuite('exhaustion')
let world: World
/** One worker, and connections for no more than a few callers at once. */
const narrow = (conf: string): void => {
  change(conf, 'worker_processes auto;', 'worker_processes 1;')
  change(conf, 'worker_connections 4096;', 'worker_connections 40;')
}
function change(conf: string, from: string, to: string): void {
  const file = join(conf, 'example.conf')
  const text = readFileSync(file, 'utf8')
  assert.match(text, from)
  writeFileSync(file, text.replace(from, to))
}
exhaustion.before(async () => {
  world = await startWorld({ configure: narrow })
})
exhaustion.after(() => world?.gateway.close())
exhaustion.before.each(() => world.gateway.reset())

const statusOf = async (lines: readonly string[], body: string = NOW, path = '/currenttime/mcp'): Promise<number> =>
  (await world.gateway.raw(postTo(path, lines, body), { timeout: 1500 }))[0]?.status ?? 0
const served = (): Promise<void> => until('good callers are served again', async () => (await statusOf([world.agent])) === 200, 5000)

/** Nobody who may not, whatever the answer; a good caller is served or not. */
async function assertClosed(): Promise<number[]> {
  const { currenttime, mcpgw } = world.gateway
  const refused = await Promise.all([statusOf([]), statusOf([world.agent], call('delete_all')), statusOf([world.agent], NOW, '/mcpgw/mcp')])
  for (const status of refused) assert.ok([0, 401, 403, 500, 503].includes(status), `status ${status}`)
  assert.equal([currenttime.received.length, mcpgw.received.length], [0, 0])
  return refused
}

/** Keeps a process from opening another file; gives what allows it again. */
function limitFiles(pid: number): () => void {
  const [, soft = '', hard = ''] = /Max open files\s+(\S+)\s+(\S+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? []
  const open = new Set(readdirSync(`/proc/${pid}/fd`))
  let next = 0
  while (open.has(String(next))) next += 1
  const set = (value: string): void => void execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${value}:${hard}`])
  set(String(next))
  return () => set(soft)
}
const connections = (port: number, count: number): Socket[] =>
  Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}))

exhaustion('284 a validator without open files: 503, and all is well again without a restart', async () => {
  const { gateway } = world
  const restore = limitFiles(gateway.validator.child.pid as number)
  try {
    assert.equal(await assertClosed(), [503, 503, 503])
    assert.is(await statusOf([world.agent]), 503)
    assert.is(gateway.currenttime.received.length, 0)
  } finally {
    restore()
  }
  await served()
})

exhaustion('284 NGINX without open files: nobody gets in, and all is well again without a restart', async () => {
  const usual = world
  world = await startWorld({ configure: (conf) => change(conf, 'worker_processes auto;', 'worker_processes 1; worker_rlimit_nofile 24;') })
  try {
    const others = connections(world.gateway.port, 20)
    await sleep(100)
    await assertClosed()
    await until('no file can be opened', () => world.gateway.logs().includes('Too many open files'), 2000)
    for (const socket of others) socket.destroy()
    await served()
  } finally {
    await world.gateway.close()
    world = usual
  }
})

interface Stream {
  client: ClientRequest
  events: number
}
function openStream(): Stream {
  const headers = { authorization: world.agent.slice('Authorization: '.length), accept: 'text/event-stream' }
  const client = request({ port: world.gateway.port, host: '127.0.0.1', path: '/currenttime/mcp', headers, agent: false })
  const stream: Stream = { client, events: 0 }
  client.on('response', (response) => {
    response.on('data', () => {
      if (response.statusCode === 200) stream.events += 1
    })
    response.on('error', () => {})
  })
  client.on('error', () => {})
  client.end()
  return stream
}

exhaustion(
  '285 streams take all connections: who comes then is refused, streams that are open live, and then all is well again',
  async () => {
    const { gateway } = world
    gateway.currenttime.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const timer = setInterval(() => response.write('data: x\n\n'), 30)
      response.on('close', () => clearInterval(timer))
    }
    const streams: Stream[] = []
    for (let n = 0; n < 25; n += 1) {
      streams.push(openStream())
      await sleep(20)
    }
    await sleep(300)
    const live = streams.filter(({ events }) => events > 0)
    assert.ok(live.length > 5 && live.length < 25, `${live.length} of 25 streams were opened`)
    const reached = gateway.currenttime.received.length
    for (const status of [await statusOf([]), await statusOf([world.agent], call('delete_all')), await statusOf([world.agent])])
      assert.ok([0, 401, 403, 500, 502, 503].includes(status), `status ${status}`)
    assert.is(gateway.currenttime.received.length, reached, 'somebody got in')
    const before = live.map(({ events }) => events)
    await sleep(200)
    assert.ok(
      live.every(({ events }, index) => events > (before[index] as number)),
      'a stream that was open is dead',
    )
    assert.match(gateway.logs(), 'worker_connections are not enough')
    for (const { client } of streams) client.destroy()
    gateway.reset()
    await served()
  },
)

exhaustion('no secret in any log', () => {
  const lines = world.gateway.logs().split('\n')
  assert.equal(
    lines.filter((line) => [...world.secrets].some((text) => line.includes(text))),
    [],
  )
})
exhaustion.run()
