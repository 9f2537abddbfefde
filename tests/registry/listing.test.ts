/** One server asked for its tools: honest ones of every kind, and every way in which one can be down, slow, wrong or hostile. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startCurrentTime } from '../../src/demo/servers/start.ts'
import { LIMITS, type Limits, type Listing, listTools } from '../../src/registry/listing.ts'
import type { ServerEntry } from '../../src/registry/servers.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { type FakeServer, onePage, type Pages, startFakeServer, tool } from './fake_server.ts'

const listing = suite('asking a server for its tools')
const ends: Array<() => Promise<unknown>> = []
listing.after.each(async () => {
  for (const end of ends.splice(0)) await end()
})

const entry = (url: string, transports: ServerEntry['transports'] = ['streamable-http']): ServerEntry => {
  return { name: 'it', url, description: '', tags: [], transports }
}
const QUICK: Limits = { ...LIMITS, milliseconds: 1000 }

async function fake(pages: Pages): Promise<FakeServer> {
  const server = await startFakeServer(pages)
  ends.push(server.close)
  return server
}

/** A server that answers everything alike. */
async function answering(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  ends.push(async () => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

const namesOf = (listing: Listing): string[] => ('tools' in listing ? listing.tools.map(({ name }) => name) : [])

for (const [what, path, transports] of [
  ['of today over Streamable HTTP', 'mcp', ['streamable-http']],
  ['of before over HTTP+SSE', 'sse', ['sse']],
] as const) {
  listing(`a server ${what} tells its tools`, async () => {
    const server = await startCurrentTime({ port: 0 })
    ends.push(server.close)
    const found = await listTools(entry(server.url.replace(/mcp$/, path), [...transports]))
    assert.ok('tools' in found, JSON.stringify(found))
    assert.equal(namesOf(found), ['current_time_by_timezone'])
    assert.is(found.tools[0]?.title, 'Current time by time zone')
    assert.equal(Object.keys(found.tools[0]?.inputSchema.properties as object), ['tz_name'])
  })
}

listing('a server of 2025 tells its tools, and its session is ended', async () => {
  const server = await fake(onePage(tool('a'), tool('b')))
  assert.equal(namesOf(await listTools(entry(server.url))), ['a', 'b'])
  assert.equal(server.asked, { initialize: 1, list: 1, ended: 1 })
})

listing('all pages are read', async () => {
  const server = await fake((cursor) => {
    const page = Number(cursor ?? 0)
    return { tools: [tool(`t${page}`)], ...(page < 4 ? { nextCursor: String(page + 1) } : {}) }
  })
  assert.equal(namesOf(await listTools(entry(server.url))), ['t0', 't1', 't2', 't3', 't4'])
})

listing('pages without end are cut', async () => {
  const server = await fake((cursor) => ({ tools: [tool(`t${cursor ?? 0}`)], nextCursor: String(Number(cursor ?? 0) + 1) }))
  const found = await listTools(entry(server.url), { ...QUICK, pages: 7 })
  assert.equal({ ...found, tools: namesOf(found).length }, { tools: 7, dropped: 0, cut: true })
})

listing('ten thousand tools are cut, with the first ones kept', async () => {
  const server = await fake(onePage(...Array.from({ length: 10_000 }, (_, index) => tool(`t${index}`))))
  const found = await listTools(entry(server.url))
  assert.equal({ ...found, tools: namesOf(found).length }, { tools: 2000, dropped: 0, cut: true })
  assert.is(namesOf(found)[1999], 't1999')
})

let deep: unknown = {}
for (let level = 0; level < 1000; level += 1) deep = { items: deep }

const WRONG: [string, unknown][] = [
  ['no object', 'echo'],
  ['no name', { inputSchema: { type: 'object' } }],
  ['an empty name', tool(' ')],
  ['a name that is a number', tool(7 as unknown as string)],
  ['a line end in its name', tool('a\nb')],
  ['a terminal sequence in its name', tool('a\u001b[2Jb')],
  ['a name that reads from right to left', tool('a\u202eb')],
  ['an invisible character in its name', tool('a\u200bb')],
  ['half a character in its name', tool('a\ud800')],
  ['a name too long for the gate', tool('x'.repeat(257))],
  ['no schema', { name: 'x' }],
  ['a schema that is a list', { name: 'x', inputSchema: [] }],
  ['a schema of no object', { name: 'x', inputSchema: { type: 'string' } }],
  ['a schema larger than any', tool('x', '', { a: { description: 'x'.repeat(70_000) } })],
  ['a schema deeper than any', { name: 'x', inputSchema: { type: 'object', properties: deep } }],
  ['the name of one before', tool('good')],
]
for (const [what, wrong] of WRONG) {
  listing(`a tool with ${what} is dropped, and the others are kept`, async () => {
    const server = await fake(onePage(tool('good'), wrong, tool('other')))
    const found = await listTools(entry(server.url))
    assert.equal({ ...found, tools: namesOf(found) }, { tools: ['good', 'other'], dropped: 1, cut: false })
  })
}

listing('what a description hides is taken out, and a long one is cut', async () => {
  const server = await fake(
    onePage(tool('a', ` one\u001b[31m\u202etwo\u0000\nthree ${'x'.repeat(9000)}`), { ...tool('b'), description: 7 }),
  )
  const found = await listTools(entry(server.url))
  assert.ok('tools' in found)
  assert.ok(found.tools[0]?.description.startsWith('one[31mtwo\nthree x'))
  assert.ok((found.tools[0]?.description.length ?? 0) <= 4000)
  assert.is(found.tools[1]?.description, '')
})

listing('arguments called like members of every object stay what they are', async () => {
  const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"description":"x"},"constructor":{"description":"y"}}}')
  const server = await fake(onePage({ name: 'a', inputSchema: schema }))
  const found = await listTools(entry(server.url))
  assert.ok('tools' in found)
  assert.equal(JSON.stringify(found.tools[0]?.inputSchema), JSON.stringify(schema))
  assert.is(({} as Record<string, unknown>).description, undefined)
})

listing('a server without tools has none', async () => {
  const server = await fake(onePage())
  assert.equal(await listTools(entry(server.url)), { tools: [], dropped: 0, cut: false })
})

const BAD: [string, () => Promise<string>, Listing, Partial<Limits>?][] = [
  ['nobody listens', async () => `http://127.0.0.1:${await freePort()}/mcp`, { problem: 'unreachable' }],
  ['the name cannot be found', async () => 'http://nowhere.invalid/mcp', { problem: 'unreachable' }],
  ['it hangs up', async () => answering((request) => request.socket.destroy()), { problem: 'unreachable' }],
  ['it never answers', async () => answering(() => {}), { problem: 'timeout' }],
  [
    'it answers byte by byte',
    async () => answering((_request, response) => void setInterval(() => response.write(' '), 50).unref()),
    { problem: 'timeout' },
  ],
  ['it fails', async () => answering((_request, response) => response.writeHead(500).end()), { problem: 'http_error' }],
  ['it wants a login', async () => answering((_request, response) => response.writeHead(401).end()), { problem: 'http_error' }],
  ['it is no MCP server', async () => answering((_request, response) => response.writeHead(200).end('<html>')), { problem: 'invalid' }],
  [
    'it answers JSON that is no message',
    async () => answering((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1}')),
    { problem: 'invalid' },
  ],
  [
    'it sends elsewhere',
    async () => answering((_request, response) => response.writeHead(307, { location: 'http://169.254.169.254/latest/' }).end()),
    { problem: 'unreachable' },
  ],
  ['its list is none', async () => (await fake(() => ({ tools: 'many' }))).url, { problem: 'invalid' }],
  ['its list is a number', async () => (await fake(() => 7 as never)).url, { problem: 'invalid' }],
  [
    'its list does not end',
    async () =>
      (
        await fake((_cursor, response) => {
          response.writeHead(200, { 'content-type': 'application/json' })
          const more = (): void => {
            while (!response.destroyed && response.write('[1,2,3,4,5,6,7,8,9]'.repeat(1000)));
          }
          response.on('drain', more)
          more()
          return 'answered'
        })
      ).url,
    { problem: 'too_large' },
    { milliseconds: 10_000 },
  ],
  [
    'its list hangs in the middle',
    async () =>
      (
        await fake((_cursor, response) => {
          response.writeHead(200, { 'content-type': 'application/json' }).write('{"jsonrpc"')
          return 'answered'
        })
      ).url,
    { problem: 'timeout' },
  ],
  [
    'it keeps talking of something else',
    async () =>
      (
        await fake((_cursor, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          const say = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x' } })}\n\n`
          setInterval(() => response.write(say), 20).unref()
          return 'answered'
        })
      ).url,
    { problem: 'timeout' },
  ],
]
for (const [what, start, expected, limits] of BAD) {
  listing(`${what}: ${(expected as { problem: string }).problem}, in time`, async () => {
    const url = await start()
    const began = Date.now()
    assert.equal(await listTools(entry(url), { ...QUICK, ...limits }), expected)
    assert.ok(Date.now() - began < 3000, `${Date.now() - began} ms`)
  })
}

listing('a small bomb that unpacks to a large list is stopped', async () => {
  const { gzipSync } = await import('node:zlib')
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))
  const server = await fake((_cursor, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb)
    return 'answered'
  })
  assert.equal(await listTools(entry(server.url), QUICK), { problem: 'too_large' })
})

listing.run()
