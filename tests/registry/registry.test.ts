/** mcpgw asked by MCP clients, with the headers that the gate sends: who sees what, and what changes are noticed. */
import { writeFileSync } from 'node:fs'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { LIMITS } from '../../src/registry/listing.ts'
import { StartError } from '../../src/start_error.ts'
import * as assert from '../support/assert.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { within } from '../support/within.ts'
import { type FakeServer, onePage, startFakeServer, tool } from './fake_server.ts'
import { OPEN_POLICY, serversFile, startWorld, type World } from './world.ts'

const registry = suite('mcpgw')
const POLICY = `
all/use:
  - { server: "*", methods: "*", tools: "*" }
clock/use:
  - { server: clock, methods: [tools/call], tools: [now, "50% off, really"] }
clock/look:
  - { server: clock, methods: [initialize, tools/list] }
bank/some:
  - { server: bank, methods: [tools/call], tools: [balance] }
bank/list-only:
  - { server: bank, methods: [tools/list], tools: [balance, transfer] }
"odd/a%b,c":
  - { server: clock, methods: [tools/call], tools: [now] }
`
let clock: FakeServer
let bank: FakeServer
let world: World
registry.before(async () => {
  clock = await startFakeServer(
    onePage(tool('now', 'Tells the time.', { zone: { type: 'string', description: 'IANA zone' } }), tool('alarm'), tool('50% off, really')),
  )
  bank = await startFakeServer(onePage(tool('balance', 'What an account holds.'), tool('transfer', 'Sends money from an account.')))
  world = await startWorld(
    serversFile(
      { name: 'clock', url: clock.url, description: 'A clock.', tags: ['time'], transports: ['streamable-http', 'sse'] },
      { name: 'bank', url: bank.url, transports: ['sse'] },
      { name: 'bank2', url: bank.url },
    ),
    POLICY,
    { refreshMilliseconds: 1_000_000 },
  )
  // The fake one speaks no SSE: it stands for a server that was never reached.
  await until('all servers were asked', () => ['clock', 'bank'].every((name) => world.log().includes(`"server":"${name}"`)))
})
registry.after(() => Promise.all([world.close(), clock.close(), bank.close()]).then(() => undefined))

const ALL = ['all/use']

registry('list_servers tells all there is to know of a server, with its public address', async () => {
  const { servers } = await world.ask(ALL, 'list_servers')
  const [{ ageSeconds, ...first } = { ageSeconds: -1 }, second] = servers
  assert.equal(first, {
    name: 'clock',
    description: 'A clock.',
    url: 'https://mcp.example.com/clock/mcp',
    transports: ['streamable-http', 'sse'],
    tags: ['time'],
    tools: 3,
    available: true,
  })
  assert.ok(ageSeconds !== null && ageSeconds >= 0 && ageSeconds < 10)
  assert.equal([second?.url, second?.available, second?.ageSeconds, second?.tools], ['https://mcp.example.com/bank/sse', false, null, 0])
})

registry('no answer names the address past the gate', async () => {
  const answers = [
    await world.ask(ALL, 'list_servers'),
    await world.ask(ALL, 'get_server_details', { server: 'clock' }),
    await world.ask(ALL, 'get_server_details', { server: 'bank' }),
    await world.ask(ALL, 'get_service_tools'),
    await world.ask(ALL, 'intelligent_tool_finder', { query: 'time' }),
  ]
  assert.not.match(JSON.stringify(answers), /127\.0\.0\.1|localhost/)
})

registry('get_server_details names the tools, and what is wrong', async () => {
  const details = await world.ask(ALL, 'get_server_details', { server: 'clock' })
  assert.equal([details.toolNames, details.problem], [['now', 'alarm', '50% off, really'], null])
  const { problem, available } = await world.ask(ALL, 'get_server_details', { server: 'bank' })
  assert.equal([problem, available], ['http_error', false])
})

registry('get_service_tools gives schemas, of one server or of all', async () => {
  const { tools, omitted } = await world.ask(ALL, 'get_service_tools')
  assert.equal(
    tools.map(({ server, name }) => `${server}/${name}`),
    ['clock/now', 'clock/alarm', 'clock/50% off, really', 'bank2/balance', 'bank2/transfer'],
  )
  assert.is(omitted, 0)
  const one = await world.ask(ALL, 'get_service_tools', { server: 'clock' })
  assert.equal(one.tools[0], {
    server: 'clock',
    name: 'now',
    description: 'Tells the time.',
    inputSchema: { type: 'object', properties: { zone: { type: 'string', description: 'IANA zone' } } },
  })
  assert.is(one.tools.length, 3)
})

registry('intelligent_tool_finder gives the best first, with server, schema and score', async () => {
  const { tools } = await world.ask(ALL, 'intelligent_tool_finder', { query: 'What time is it?' })
  assert.equal([tools[0]?.server, tools[0]?.name, typeof tools[0]?.inputSchema], ['clock', 'now', 'object'])
  assert.ok((tools[0]?.score ?? 0) > 0)
  const few = await world.ask(ALL, 'intelligent_tool_finder', { query: 'account money time', limit: 2 })
  assert.is(few.tools.length, 2)
})

/** Scopes, the servers that they show with the number of tools, and the tools. */
const SEEN: [string, string[] | null, string[], string[]][] = [
  ['without the header nothing', null, [], []],
  ['with an empty one nothing', [''], [], []],
  ['with unknown scopes nothing', ['clock/nothing', 'mcp-registry-admin'], [], []],
  ['two tools of one server', ['clock/use'], ['clock 2'], ['now', '50% off, really']],
  ['a server that may be listed, and none of its tools', ['clock/look'], ['clock 0'], []],
  ['a server whose tools are listed without tools/call', ['bank/list-only'], ['bank 0'], []],
  ['several scopes together', ['clock/look', 'bank/some', 'clock/use'], ['clock 2', 'bank 0'], ['now', '50% off, really']],
  ['a scope that came percent-encoded', ['odd/a%25b%2Cc'], ['clock 1'], ['now']],
  ['a scope that came as it is not sent', ['odd/a%b,c'], [], []],
  ['two headers, of which one is not the gate’s', ['clock/look,', 'all/use'], [], []],
  ['a prefix of a scope', ['clock/us', 'all'], [], []],
  ['a scope in capitals', ['ALL/USE'], [], []],
]
for (const [what, scopes, servers, tools] of SEEN) {
  registry(`shows ${what}`, async () => {
    const listed = await world.ask(scopes, 'list_servers')
    assert.equal(
      listed.servers.map(({ name, tools }) => `${name} ${tools}`),
      servers,
    )
    const names = (list: Array<{ name: string }>): string[] => list.map(({ name }) => name).sort()
    assert.equal(names((await world.ask(scopes, 'get_service_tools')).tools), [...tools].sort())
    const query = 'now time alarm really off balance transfer account money does'
    assert.equal(names((await world.ask(scopes, 'intelligent_tool_finder', { query, limit: 50 })).tools), [...tools].sort())
  })
}

registry('a server that is not open is not told from one that is not there', async () => {
  for (const name of ['get_server_details', 'get_service_tools'] as const) {
    const closed = await world.refused(['clock/use'], name, { server: 'bank' })
    const absent = await world.refused(['clock/use'], name, { server: 'bunk' })
    assert.is(closed.replace('bank', 'bunk'), absent)
    assert.match(absent, /^There is no MCP server "bunk", or none of your scopes opens it\./)
    assert.is(await world.refused(ALL, name, { server: '__proto__' }), absent.replace('bunk', '__proto__'))
  }
})

registry('the ranking of what is seen does not depend on what is not', async () => {
  const before = await world.ask(['clock/use'], 'intelligent_tool_finder', { query: 'account time' })
  bank.pages = onePage(...Array.from({ length: 50 }, (_, index) => tool(`time_${index}`, 'time time')))
  const other = await startWorld(serversFile({ name: 'clock', url: clock.url, tags: ['time'] }, { name: 'bank', url: bank.url }), POLICY)
  const after = await other.ask(['clock/use'], 'intelligent_tool_finder', { query: 'account time' })
  await other.close()
  bank.pages = onePage(tool('balance', 'What an account holds.'), tool('transfer', 'Sends money from an account.'))
  assert.equal(after, before)
})

for (const [name, args, expected] of [
  ['get_server_details', {}, /server/],
  ['intelligent_tool_finder', {}, /query/],
  ['intelligent_tool_finder', { query: '' }, /query/],
  ['intelligent_tool_finder', { query: 'x'.repeat(1001) }, /query/],
  ['intelligent_tool_finder', { query: 'x', limit: 51 }, /limit/],
  ['intelligent_tool_finder', { query: 'x', limit: 1.5 }, /limit/],
] as const) {
  registry(`${name} says what is wrong with ${JSON.stringify(args).slice(0, 40)}`, async () => {
    assert.match(await world.refused(ALL, name, args), expected)
  })
}

registry('who_am_i is told as before', async () => {
  const me = await world.ask(['a/b', 'c%20d'], 'who_am_i')
  assert.equal(me['X-Scopes'], ['a/b', 'c d'])
  assert.is(me['X-User'], null)
})

registry('scopes belong to a request, not to its session', async () => {
  let scopes = ''
  const withScopes: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('X-Scopes', scopes)
    return fetch(input, { ...init, headers })
  }
  const client = new Client({ name: 'test', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(world.registry.url), { fetch: withScopes })
  await client.connect(transport)
  assert.ok(transport.sessionId)
  const counts: number[] = []
  for (scopes of ['all/use', 'clock/use', 'none', 'all/use']) {
    const { structuredContent } = await client.callTool({ name: 'list_servers', arguments: {} })
    counts.push((structuredContent as { servers: unknown[] }).servers.length)
  }
  await client.close()
  assert.equal(counts, [3, 1, 0, 3])
})

registry('a dead server keeps its tools, is marked, and comes back', async () => {
  const mortal = await startFakeServer(onePage(tool('breathe')))
  const own = await startWorld(serversFile({ name: 'mortal', url: mortal.url }, { name: 'clock', url: clock.url }), OPEN_POLICY, {
    refreshMilliseconds: 50,
  })
  const state = async (): Promise<string> => {
    const { servers } = await own.ask(ALL, 'list_servers')
    return servers.map(({ available, tools }) => `${available} ${tools}`).join(', ')
  }
  assert.is(await state(), 'true 1, true 3')
  await mortal.close()
  await until('its death is noticed', async () => (await state()) === 'false 1, true 3')
  assert.is((await own.ask(ALL, 'get_server_details', { server: 'mortal' })).problem, 'unreachable')
  assert.is((await own.ask(ALL, 'intelligent_tool_finder', { query: 'breathe' })).tools[0]?.name, 'breathe')
  await until('its age is told', async () => ((await own.ask(ALL, 'list_servers')).servers[0]?.ageSeconds ?? 0) >= 1)
  const again = await startFakeServer(onePage(tool('breathe'), tool('walk')), Number(new URL(mortal.url).port))
  await until('its return is noticed', async () => (await state()) === 'true 2, true 3')
  const told = own.log().match(/"server":"mortal".*"msg":"[^"]*"/g) ?? []
  assert.is(told.length, 3, told.join('\n'))
  await own.close()
  await again.close()
})

registry('a slow server holds up neither the start nor the others', async () => {
  const slow = await startFakeServer(() => 'answered')
  const own = await startWorld(serversFile({ name: 'slow', url: slow.url }, { name: 'clock', url: clock.url }), OPEN_POLICY, {
    limits: { ...LIMITS, milliseconds: 4000 },
    refreshMilliseconds: 100,
  })
  const began = Date.now()
  const { servers } = await own.ask(ALL, 'list_servers')
  assert.ok(Date.now() - began < 3000, 'the first answer waits two seconds at most')
  assert.equal(
    servers.map(({ name, available }) => `${name} ${available}`),
    ['slow false', 'clock true'],
  )
  await within(500, () => own.ask(ALL, 'list_servers'))
  assert.is(slow.asked.list, 1, 'it is asked once at a time')
  await own.close()
  await slow.close()
})

registry('a changed servers.yml is followed, and a broken one changes nothing', async () => {
  const own = await startWorld(serversFile({ name: 'clock', url: clock.url }))
  const names = async (): Promise<string> => (await own.ask(ALL, 'get_service_tools')).tools.map(({ server }) => server).join(' ')
  assert.is(await names(), 'clock clock clock')
  writeFileSync(own.serversFile, serversFile({ name: 'bank', url: bank.url }, { name: 'clock', url: clock.url }))
  await until('the new server is there', async () => (await names()) === 'bank bank clock clock clock')
  writeFileSync(own.serversFile, 'servers: [{name: "*"}]')
  await until('the broken file is reported', () => /servers\[0\]\.name must be/.test(own.log()))
  assert.match(own.log(), /servers\[0\]\.url must be/)
  assert.is(await names(), 'bank bank clock clock clock')
  writeFileSync(own.serversFile, serversFile({ name: 'bank', url: clock.url }))
  await until('the address has changed', async () => (await names()) === 'bank bank bank')
  await own.close()
})

registry('a changed scopes.yml counts for the next question', async () => {
  const own = await startWorld(serversFile({ name: 'clock', url: clock.url }), 'a/b: [{ server: clock, methods: "*", tools: [now] }]\n')
  const found = async (): Promise<string> =>
    (await own.ask(['a/b'], 'intelligent_tool_finder', { query: 'now alarm' })).tools.map(({ name }) => name).join(' ')
  assert.is(await found(), 'now')
  writeFileSync(own.scopesFile, 'a/b: [{ server: clock, methods: "*", tools: [alarm] }]\n')
  await until('the change counts', async () => (await found()) === 'alarm')
  writeFileSync(own.scopesFile, 'a/b: [')
  await until('the broken file is reported', () => /file refused/.test(own.log()))
  assert.is(await found(), 'alarm')
  await own.close()
})

registry('many tools are answered for, up to a limit that is told', async () => {
  const large = await startFakeServer(onePage(...Array.from({ length: 700 }, (_, index) => tool(`t${index}`))))
  const own = await startWorld(serversFile({ name: 'large', url: large.url }))
  const { tools, omitted } = await own.ask(ALL, 'get_service_tools')
  assert.equal([tools.length, omitted], [500, 200])
  assert.is((await own.ask(ALL, 'list_servers')).servers[0]?.tools, 700)
  await own.close()
  await large.close()
})

registry('more callers than are remembered get their own view all the same', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `scope/${index}`)
  const policy = names.map((name, index) => `${name}: [{ server: large, methods: "*", tools: [t${index}] }]\n`).join('')
  const large = await startFakeServer(onePage(...names.map((_, index) => tool(`t${index}`))))
  const own = await startWorld(serversFile({ name: 'large', url: large.url }), policy)
  for (const index of [0, 39, ...names.keys(), 0]) {
    const { tools } = await own.ask([`scope/${index}`], 'intelligent_tool_finder', { query: `does t ${index}` })
    assert.equal(
      tools.map(({ name }) => name),
      [`t${index}`],
    )
  }
  await own.close()
  await large.close()
})

registry('there is no start without good files or with a port that is taken, and every problem is told', async () => {
  const failure = async (servers: string, policy?: string): Promise<string> => {
    const error = await startWorld(servers, policy).then(
      (own) => own.close(),
      (error: unknown) => error,
    )
    assert.ok(error instanceof StartError, String(error))
    return error.message
  }
  assert.match(
    await failure('servers: [{}]'),
    /servers\.yml cannot be used:\n {2}- servers\[0\]\.name must be[\s\S]*\n {2}- servers\[0\]\.url must/,
  )
  assert.match(await failure(serversFile(), 'a/b: 7'), /scopes\.yml cannot be used:\n {2}- a\/b must be/)
})

registry('the registry may be one of its own servers', async () => {
  const port = await freePort()
  const own = await startWorld(serversFile({ name: 'mcpgw', url: `http://127.0.0.1:${port}/mcp` }), OPEN_POLICY, {}, port)
  const { tools } = await own.ask(ALL, 'intelligent_tool_finder', { query: 'What MCP servers are available?' })
  assert.is(tools[0]?.name, 'list_servers')
  await own.close()
})

registry.run()
