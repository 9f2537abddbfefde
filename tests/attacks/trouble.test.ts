/** Attacks on times and places: a start without a policy, a validator that is away, reloads, tokens after their time or from elsewhere. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from '../support/assert.ts'
import { call, POLICY, root } from '../support/gateway.ts'
import { now } from '../support/issuer.ts'
import { until } from '../support/process.ts'
import { attackSuite } from './attack_suite.ts'
import { flood } from './decision_flood.ts'
import { claims, forge, header, poolKey, rsa } from './forge.ts'
import { getFrom, http, MESSAGE, NOW, postTo, searchLogs } from './table.ts'
import { bearer, cookie, startWorld, type World } from './world.ts'

const trouble = attackSuite('trouble')
let world: World
trouble.before(async () => {
  world = await startWorld({ deadlines: 'shipped' })
})
trouble.after(() => world?.gateway.close())
trouble.before.each(() => world.gateway.reset())

const README = readFileSync(join(root, 'README.md'), 'utf8').replace(/\s+/g, ' ')
const POST = '/currenttime/mcp'
const statusOf = async (lines: readonly string[], body: string = NOW): Promise<number> =>
  (await world.gateway.raw(postTo(POST, lines, body)))[0]?.status ?? 0
const nobodyReached = (): void => assert.equal([world.gateway.currenttime.received.length, world.gateway.mcpgw.received.length], [0, 0])

trouble('184 a user who has signed out of Cognito keeps a token until it ends, as the README says, and Cognito is not asked', async () => {
  const user = { sub: 'f3a1', username: 'rosa', client_id: 'web', scope: 'openid', 'cognito:groups': ['callers'] }
  const token = await world.token(user)
  const { fetches } = world.gateway.issuer
  for (let times = 0; times < 3; times += 1) assert.is(await statusOf([bearer(token)]), 200)
  assert.is(world.gateway.issuer.fetches, fetches)
  assert.match(README, 'a user who signs out of Cognito keeps an unexpired access token')
})

for (const localAddress of ['127.0.0.2', '127.9.9.9']) {
  trouble(`185 a token from ${localAddress} is good for whoever holds it, and the MCP server hears the address`, async () => {
    const socket = connect({ port: world.gateway.port, host: '127.0.0.1', localAddress })
    socket.write(postTo(POST, [world.agent, 'X-Forwarded-For: 127.0.0.1', 'X-Real-IP: 127.0.0.1']))
    await until('the MCP server has it', () => world.gateway.currenttime.received.length === 1)
    socket.destroy()
    assert.equal(world.gateway.currenttime.values('x-real-ip'), [localAddress])
    assert.equal(world.gateway.currenttime.values('x-forwarded-for'), [localAddress])
    assert.match(README, 'A bearer token is good for whoever holds it')
  })
}

trouble('142 a stream outlives its token, as the README says; nothing new is opened with it', async () => {
  const { gateway } = world
  gateway.currenttime.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const timer = setInterval(() => response.write('data: x\n\n'), 50)
    response.on('close', () => clearInterval(timer))
  }
  const end = now() + 2
  const token = await world.token({ exp: end })
  let last = 0
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
  const stream = request({ port: gateway.port, host: '127.0.0.1', path: POST, headers }, (response) => {
    assert.is(response.statusCode, 200)
    response.on('data', () => {
      last = Date.now()
    })
    response.on('error', () => {})
  })
  stream.on('error', () => {})
  stream.end()
  await until('the token is over, and the stream goes on', () => last > end * 1000 + 300, 8000)
  for (const bytes of [postTo(POST, [bearer(token)]), getFrom(POST, [bearer(token)])]) assert.is((await gateway.raw(bytes))[0]?.status, 401)
  stream.destroy()
  assert.match(README, 'a stream that is open stays open')
})

trouble(
  '276 a thousand tokens with names of keys that nobody has make for no fetch beside the one in ten seconds, and good tokens go on',
  async () => {
    const { gateway } = world
    const key = await poolKey(world)
    const before = gateway.issuer.fetches
    const started = Date.now()
    const good = world.agent
    const bad = Array.from({ length: 50 }, (_, n) => bearer(forge(header(world, { kid: `unknown-${n}` }), claims(world), rsa(key))))
    const statuses = await flood(gateway.port, 1000, (n) =>
      http('GET /currenttime/mcp HTTP/1.1', ['Host: localhost', n % 20 === 0 ? good : (bad[n % 50] as string)]).toString('latin1'),
    )
    assert.equal(Object.fromEntries(statuses), { 200: 50, 401: 950 })
    const allowed = 1 + Math.floor((Date.now() - started) / 10_000)
    assert.ok(gateway.issuer.fetches - before <= allowed, `${gateway.issuer.fetches - before} fetches`)
  },
)

trouble(
  '283 reloads of NGINX and changes of the policy under load: no wrong decision, and nothing is refused for want of one',
  async () => {
    const { gateway } = world
    const session = cookie(await world.seal())
    const kinds: [expected: number, bytes: Buffer][] = [
      [200, postTo(POST, [world.agent])],
      [403, postTo(POST, [world.agent], call('delete_all'))],
      [401, postTo(POST, [])],
      [403, postTo('/mcpgw/mcp', [session])],
      [200, postTo(POST, [session])],
    ]
    const wrong: string[] = []
    let count = 0
    let over = false
    const load = kinds.map(async ([expected, bytes]) => {
      while (!over) {
        const [answer] = await gateway.raw(bytes)
        count += 1
        if (answer?.status !== expected) wrong.push(`${answer?.status ?? 'no answer'} instead of ${expected}`)
      }
    })
    for (let times = 0; times < 8; times += 1) {
      gateway.nginx.child.kill('SIGHUP')
      if (times % 2 === 0) writeFileSync(gateway.scopesFile, `${POLICY}# ${times}\n`)
      await sleep(200)
    }
    over = true
    await Promise.all(load)
    assert.equal(wrong, [])
    assert.ok(count > 50, `${count} requests`)
    assert.is(gateway.mcpgw.received.length, 0)
  },
)

async function unavailable(lines: readonly string[]): Promise<void> {
  const started = Date.now()
  const [answer] = await world.gateway.raw(postTo(POST, lines))
  assert.is(answer?.status, 503)
  assert.ok(Date.now() - started < 1500, `${Date.now() - started} ms`)
}

trouble('269 a validator that hangs', async () => {
  const { child } = world.gateway.validator
  child.kill('SIGSTOP')
  try {
    const callers = [[world.agent], [world.admin], [cookie(await world.seal())], [], [bearer('x')], ['Cookie: a=1']]
    await Promise.all(callers.map(unavailable))
  } finally {
    child.kill('SIGCONT')
  }
  nobodyReached()
  await until('it answers again', async () => (await statusOf([world.agent])) === 200, 3000)
})

const NO_POLICIES: [string, (file: string) => void][] = [
  ['an empty one', (file) => writeFileSync(file, '')],
  ['a broken one', (file) => writeFileSync(file, 'a: [1')],
  ['none', (file) => rmSync(file)],
]
for (const [what, spoil] of NO_POLICIES) {
  trouble(`128+268 a validator that finds ${what} does not start, and the gate lets nobody through`, async () => {
    const { gateway } = world
    await gateway.validator.stop('SIGKILL')
    spoil(gateway.scopesFile)
    const failed = await gateway.restartValidator().then(
      () => 'it has started',
      (error: Error) => error.message,
    )
    assert.match(failed, /ended \(1\) before it printed/)
    for (const lines of [[world.agent], [world.admin], []]) await unavailable(lines)
    nobodyReached()
  })
}

trouble('268 with a policy it starts, and everybody is served as before', async () => {
  writeFileSync(world.gateway.scopesFile, POLICY)
  await world.gateway.restartValidator()
  assert.equal([await statusOf([world.agent]), await statusOf([]), await statusOf([world.agent], call('x'))], [200, 401, 403])
})

trouble('168 at the very second of its end a token is refused', async () => {
  const end = now() + 2
  const bytes = http(`POST ${POST} HTTP/1.1`, [...MESSAGE(), bearer(await world.token({ exp: end }))], NOW)
  assert.is((await world.gateway.raw(bytes))[0]?.status, 200)
  await sleep(end * 1000 - Date.now() + 1)
  assert.is((await world.gateway.raw(bytes))[0]?.status, 401)
})

trouble('no secret in any log, and no worker has crashed', () => searchLogs(world))
trouble.run()
