/** What a caller may not call, it does not see: lists through the whole gate, and everything that must pass as it is. */
import { request } from 'node:http'
import * as assert from '../support/assert.ts'
import { call, type Gateway, message, POLICY, post, startGateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import type { Answer } from '../support/raw.ts'
import { suite } from '../support/suite.ts'
import { within } from '../support/within.ts'
import { addServers } from './servers.ts'

const MANY = Array.from({ length: 400 }, (_, n) => `a_tool_with_a_long_name_${n}`)
const policy = `${POLICY}
test/kinds:
  - server: currenttime
    methods: [tools/list, prompts/list, resources/list, resources/templates/list, tools/call, prompts/get, resources/read]
    tools: [now, "a b/é"]
    prompts: [greet]
    resources: ["file:///a.txt", "file:///{day}"]
test/many:
  - server: currenttime
    methods: [tools/list, prompts/list, tools/call]
    tools: [${MANY.join(', ')}]
test/endless:
  - server: currenttime
    methods: [tools/list, tools/call]
    tools: [${Array.from({ length: 1200 }, (_, n) => `a_tool_with_a_long_name_${n}`).join(', ')}]
`
const EVENTS = { 'content-type': 'text/event-stream' }
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const NEW = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/list' }

const lists = suite('lists')
let gateway: Gateway
let agent = ''
lists.before(async () => {
  gateway = await startGateway({ policy, configure: (conf) => addServers(conf, { open: 'set $gatehouse_list_filter off;' }) })
  agent = await gateway.issuer.token()
})
lists.after(() => gateway.close())
lists.before.each(() => gateway.reset())

const tool = (name: string): string => `{"name":${JSON.stringify(name)},"inputSchema":{"type":"object"}}`
const answerOf = (items: readonly string[], more = '', key = 'tools'): string =>
  `{"jsonrpc":"2.0","id":1,"result":{"${key}":[${items.join(',')}]${more}}}`
const token = (scope: string): Promise<string> => gateway.issuer.token({ scope })

/** Has the MCP server answer with these pieces, one after the other. */
function answers(pieces: ReadonlyArray<string | Buffer>, head: Record<string, string> = JSON_TYPE, status = 200, pause = 0): void {
  gateway.currenttime.answer = async (_request, response) => {
    response.writeHead(status, head)
    for (const piece of pieces) {
      response.write(piece)
      await new Promise((done) => setTimeout(done, pause))
    }
    response.end()
  }
}
const ask = async (
  method = 'tools/list',
  scope?: string,
  headers: Record<string, string> = {},
  path = '/currenttime/mcp',
): Promise<Answer> => {
  const bearer = scope === undefined ? agent : await token(scope)
  const [answer] = await gateway.raw(post(path, message(method, {}), { Authorization: `Bearer ${bearer}`, ...headers }))
  return answer as Answer
}
const bodyOf = ({ body }: Answer): string => Buffer.from(body, 'latin1').toString('utf8')

for (const [name, method, scope, key, items, shown] of [
  ['an allowed tool', 'tools/list', undefined, 'tools', [tool('now'), tool('drop')], [tool('now')]],
  ['a caller of nothing', 'tools/list', 'test/list', 'tools', [tool('now'), tool('drop')], []],
  ['a caller of everything', 'tools/list', 'test/all', 'tools', [tool('now'), tool('drop')], [tool('now'), tool('drop')]],
  ['names beyond ASCII', 'tools/list', 'test/kinds', 'tools', [tool('a b/é'), tool('a b/e')], [tool('a b/é')]],
  ['prompts', 'prompts/list', 'test/kinds', 'prompts', ['{"name":"greet"}', '{"name":"now"}'], ['{"name":"greet"}']],
  [
    'resources',
    'resources/list',
    'test/kinds',
    'resources',
    ['{"uri":"file:///b"}', '{"uri":"file:///a.txt"}'],
    ['{"uri":"file:///a.txt"}'],
  ],
  [
    'templates',
    'resources/templates/list',
    'test/kinds',
    'resourceTemplates',
    ['{"uriTemplate":"file:///{day}"}', '{"uriTemplate":"file:///{+any}"}'],
    ['{"uriTemplate":"file:///{day}"}'],
  ],
  [
    'templates of everything',
    'resources/templates/list',
    'test/all',
    'resourceTemplates',
    ['{"uriTemplate":"x:{a}"}'],
    ['{"uriTemplate":"x:{a}"}'],
  ],
] as const) {
  const more = ',"nextCursor":"c","ttlMs":5'
  lists(`shows ${name}`, async () => {
    const length = Buffer.byteLength(answerOf(items, more, key))
    answers([answerOf(items, more, key)], {
      'content-length': String(length),
      ...JSON_TYPE,
      etag: '"x"',
      'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT',
      digest: 'sha-256=x',
    })
    const answer = await ask(method, scope)
    assert.is(answer.status, 200)
    assert.is(bodyOf(answer), answerOf(shown, more, key))
    for (const header of ['etag', 'last-modified', 'digest', 'content-length']) assert.is(answer.headers[header], undefined, header)
  })
  lists(`shows ${name} in an event`, async () => {
    answers([`: hi\r\nid: 7\r\nevent: message\r\ndata: ${answerOf(items, more, key)}\r\n\r\n`], EVENTS)
    const answer = await ask(method, scope)
    assert.is(bodyOf(answer), `: hi\r\nid: 7\r\nevent: message\r\ndata: ${answerOf(shown, more, key)}\r\n\r\n`)
  })
}

lists('a list is private from protocol 2026-07-28 on, said or not', async () => {
  answers([answerOf([tool('now'), tool('drop')], ',"cacheScope":"public","ttlMs":9')])
  assert.is(bodyOf(await ask('tools/list', undefined, NEW)), answerOf([tool('now')], ',"cacheScope":"private","ttlMs":9'))
  assert.is(bodyOf(await ask('tools/list', 'test/all', NEW)), answerOf([tool('now'), tool('drop')], ',"cacheScope":"private","ttlMs":9'))
  answers([answerOf([tool('now')])])
  assert.is(bodyOf(await ask('tools/list', undefined, NEW)), answerOf([tool('now')]).replace('"tools"', '"cacheScope":"private","tools"'))
})

const SPLIT = answerOf([tool('now'), tool('dröp😀'), tool('now')])
const SHOWN = answerOf([tool('now'), tool('now')])
for (const [name, text, head] of [
  ['JSON', SPLIT, JSON_TYPE],
  ['an event', `data: ${SPLIT}\n\n`, EVENTS],
  ['an event with CR', `data: ${SPLIT}\r\r`, EVENTS],
] as const) {
  lists(`comes in pieces of any size: ${name}`, async () => {
    const bytes = Buffer.from(text)
    for (const size of [1, 2, 3, 7, 50]) {
      answers(
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, n * size + size)),
        head,
        200,
        size === 1 ? 1 : 0,
      )
      // A CR alone is no end of a line to everybody.
      assert.is(bodyOf(await ask()), text.replace(SPLIT, SHOWN).replaceAll('\r', '\n'), `pieces of ${size}`)
    }
  })
}

lists('what some readers take for a line of data, and others do not, is not shown', async () => {
  const hostile = [
    `event: message\nfoo\u2028data: ${SPLIT}\n\n`,
    `: x\u0085data: ${SPLIT}\n\n`,
    `: x\x0bdata: ${SPLIT}\n\n`,
    `${SPLIT}\n\n`,
  ]
  gateway.currenttime.answer = async (_request, response) => {
    response.writeHead(200, EVENTS).end([...hostile, `data: ${SPLIT}\n\n`].join(''))
  }
  const answer = await fetch(`${gateway.url}/currenttime/mcp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${agent}`, 'content-type': 'application/json' },
    body: message('tools/list'),
  })
  assert.is((await answer.text()).trim(), `data: ${SHOWN}`)
})

lists('such a line is taken out of an event that has data as well', async () => {
  const empty = '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}'
  for (const data of [empty, SPLIT]) {
    answers([Buffer.from(`id: 4\n\u2028data: ${SPLIT}\n\u2028\ndata: ${data}\n\n`)], EVENTS)
    assert.is(bodyOf(await ask()), `id: 4\ndata: ${data === SPLIT ? SHOWN : empty}\n\n`)
  }
})

lists('a line that ends for some readers only does not carry a name through', async () => {
  const odd = '{"jsonrpc":"2.0","id":1,"result":{"tools":[\r{"name":"drop"},\ndata: {"name":"now"}]}}'
  for (const end of ['\n', '\r\n']) {
    answers([Buffer.from(`data: ${odd.replace('\n', end)}${end}${end}`)], EVENTS)
    assert.not.match(bodyOf(await ask()), /\r(?!\n)/)
  }
})

lists('what cannot be read is said once, and nothing comes after it', async () => {
  answers([Buffer.from('data:x\n\n'.repeat(5000))], EVENTS)
  const body = bodyOf(await ask())
  assert.is(body.split('list_unreadable').length, 2)
  assert.ok(body.length < 1000, `${body.length} bytes`)
  assert.is(gateway.logs().split('with what cannot be read as a list').length < 200, true)
})

lists('a long s is an s, which some parsers take it for', async () => {
  for (const key of ['tool\u017f', 'tool\\u017f']) {
    answers([Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"${key}":[{"name":"drop"}]}}`)])
    assert.match(bodyOf(await ask()), 'list_unreadable')
  }
})

/** How many milliseconds the latest of some events took, which the MCP server sends one after the other. */
async function latest(before: readonly string[]): Promise<number> {
  const at: number[] = []
  gateway.currenttime.answer = async (_request, response) => {
    response.writeHead(200, EVENTS)
    for (const event of [...before, `data: ${SPLIT}\n\n`]) {
      at.push(Date.now())
      response.write(event)
      await new Promise((done) => setTimeout(done, 60))
    }
    response.end()
  }
  const pieces: Array<{ text: string; at: number }> = []
  const headers = { authorization: `Bearer ${agent}`, 'content-type': 'application/json' }
  await new Promise<void>((done) => {
    const client = request({ port: gateway.port, host: '127.0.0.1', method: 'POST', path: '/currenttime/mcp', headers }, (response) => {
      response.on('data', (chunk) => pieces.push({ text: String(chunk), at: Date.now() }))
      response.on('close', done)
    })
    client.end(message('tools/list'))
  })
  assert.is(pieces.map(({ text }) => text).join(''), [...before, `data: ${SHOWN}\n\n`].join(''))
  // Two that came as one were kept back, by the gate or by a busy machine.
  return pieces.length === at.length ? Math.max(...pieces.map((piece, index) => piece.at - (at[index] ?? 0))) : Number.POSITIVE_INFINITY
}
lists('events before and after the list pass, each at once', () =>
  within(40, () => latest(['id: 1\ndata:\n\n', ': ping\n\n', 'data: {"jsonrpc":"2.0","method":"notifications/message"}\n\n'])),
)

const ERROR = { reason: 'list_unreadable' }
for (const [name, body, head] of [
  ['no JSON', 'tools: now, drop', JSON_TYPE],
  ['a page', '<p>drop</p>', { 'content-type': 'text/html' }],
  ['nothing', '', JSON_TYPE],
  ['half a list', answerOf([tool('drop')]).slice(0, -2), JSON_TYPE],
  ['two answers', answerOf([tool('now')]) + answerOf([tool('drop')]), JSON_TYPE],
  ['a batch', `[${answerOf([tool('drop')])}]`, JSON_TYPE],
  ['two results', `{"jsonrpc":"2.0","id":1,"result":{"tools":[]},"result":{"tools":[${tool('drop')}]}}`, JSON_TYPE],
  ['two lists', `{"jsonrpc":"2.0","id":1,"result":{"tools":[],"tools":[${tool('drop')}]}}`, JSON_TYPE],
  ['a list that is an object', '{"jsonrpc":"2.0","id":1,"result":{"tools":{"drop":{}}}}', JSON_TYPE],
  ['other letters', `{"jsonrpc":"2.0","id":1,"result":{"Tools":[${tool('drop')}]}}`, JSON_TYPE],
  ['no UTF-8', Buffer.from(answerOf([tool('dr\xf6p')]), 'latin1'), JSON_TYPE],
  ['a byte order mark', `\ufeff${answerOf([tool('drop')])}`, JSON_TYPE],
  ['more than is read', answerOf([tool('drop'), `{"name":"now","description":"${'d'.repeat(1_100_000)}"}`]), JSON_TYPE],
  ['compressed', answerOf([tool('drop')]), { ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ['a compressed stream', `data: ${answerOf([tool('drop')])}\n\n`, { ...EVENTS, 'content-encoding': 'br' }],
  ['an event that is no JSON', 'data: drop\n\n', EVENTS],
  ['an event of a batch', `data: [${answerOf([tool('drop')])}]\n\n`, EVENTS],
  ['an event without an end', `data: ${answerOf([tool('drop')]).slice(0, -2)}`, EVENTS],
  ['an event of no UTF-8', Buffer.from(`data: ${answerOf([tool('dr\xf6p')])}\n\n`, 'latin1'), EVENTS],
  ['an event larger than is read', `data: "drop${'d'.repeat(1_100_000)}"\n\n`, EVENTS],
] as const) {
  lists(`is not shown when it cannot be read: ${name}`, async () => {
    answers([body], head)
    const answer = await ask()
    assert.is(answer.status, 200)
    assert.not.match(answer.body, /drop|dr/)
    assert.is(answer.headers['content-encoding'], undefined)
    const isStream = head['content-type'] === 'text/event-stream'
    assert.equal(answer.headers['content-type'], [head['content-type'] === 'text/html' ? 'application/json' : head['content-type']])
    const error = JSON.parse(isStream ? answer.body.trim().replace(/^data: /, '') : answer.body)
    assert.equal([error.jsonrpc, error.id, error.error.data], ['2.0', 1, ERROR])
    await until('the audit trail says so', () => gateway.logs().includes('"decision":"allow","reason":"list_unreadable"'))
  })
}

for (const [name, status, head, body] of [
  ['404', 404, JSON_TYPE, '{"tools":[{"name":"drop"}]}'],
  ['an error of its own', 500, { 'content-type': 'text/plain' }, 'drop'],
  ['202', 202, {}, ''],
  ['204', 204, {}, ''],
] as const) {
  lists(`passes ${name} as it is`, async () => {
    answers(body === '' ? [] : [body], head, status)
    const answer = await ask()
    assert.equal([answer.status, answer.body], [status, body])
  })
}
for (const text of [
  '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"tools"}}',
  '{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{}}}',
  ' {"jsonrpc" : "2.0", "id":1,"result":{"tools":null, "_meta":{"n":12345678901234567890.10}}}\n',
]) {
  lists(`passes what holds no item as it is: ${text}`, async () => {
    answers([text])
    assert.is(bodyOf(await ask()), text)
  })
}

const RAW = `{"jsonrpc":"2.0","id":1,"result":{"content":[],"tools":[{"name":"drop"}],"cacheScope":"public"}}`
for (const [name, method, body, path, headers] of [
  ['the answer to a call', 'POST', call('now'), '/currenttime/mcp', {}],
  ['a stream', 'GET', '', '/currenttime/mcp', {}],
  ['the old transport', 'GET', '', '/currenttime/sse', { 'Last-Event-ID': '5' }],
  ['a server without the filter', 'POST', message('tools/list'), '/open/mcp', {}],
] as const) {
  lists(`has no effect on ${name}`, async () => {
    for (const head of [JSON_TYPE, EVENTS]) {
      const text = head === EVENTS ? `data: ${RAW}\n\n` : RAW
      for (const server of [gateway.currenttime, gateway.mcpgw]) {
        server.answer = (_request, response) => response.writeHead(200, { ...head, etag: '"x"', 'content-length': text.length }).end(text)
      }
      const bearer = path.startsWith('/open') ? await token('test/all') : agent
      const bytes = post(path, body, { Authorization: `Bearer ${bearer}`, ...headers }).toString('latin1')
      const plain = method === 'POST' ? bytes : bytes.replace('POST', 'GET').replace(/Content-.*\r\n/g, '')
      const [answer] = await gateway.raw(plain)
      assert.is(answer?.body, text)
      // There is a filter of its own on streams of the old transport.
      if (path.endsWith('/mcp')) assert.equal([answer?.headers.etag, answer?.headers['content-length']], [['"x"'], [String(text.length)]])
    }
  })
}

/** Resumes a stream. */
async function resume(events: string, path = '/currenttime/mcp', session = ''): Promise<Answer> {
  answers([events], EVENTS)
  const [answer] = await gateway.raw(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${agent}\r\nLast-Event-ID: 3\r\n${session}\r\n`,
  )
  return answer as Answer
}
lists('a path that ends like that of the old transport is none', async () => {
  for (const [path, session] of [
    ['/currenttime/mcp/sse', ''],
    ['/currenttime/sse', 'Mcp-Session-Id: s\r\n'],
  ]) {
    assert.is(bodyOf(await resume(`data: ${SPLIT}\n\n`, path, session)), `data: ${SHOWN}\n\n`)
  }
})
lists('a resumed stream does not bring what the first one would not have', async () => {
  const others = `id: 4\ndata: ${RAW}\n\nid: 5\ndata: {"result":{"tools":{}}}\n\nid: 6\ndata: no JSON\n\n: c\r\n\r\n`
  const answer = await resume(`${others}id: 7\ndata: ${SPLIT}\n\n`)
  assert.is(bodyOf(answer), `${others}id: 7\ndata: ${SHOWN}\n\n`)
})
lists('what is resumed and is no stream is read all the same, or not shown', async () => {
  for (const type of ['text/plain', 'application/json', 'text/event-stream, application/json']) {
    for (const text of [SPLIT, `data: ${SPLIT}\n\n`]) {
      answers([text], { 'content-type': type })
      const [answer] = await gateway.raw(
        `GET /currenttime/mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${agent}\r\nLast-Event-ID: 3\r\n\r\n`,
      )
      assert.ok(!answer?.body.includes('dr'), answer?.body)
    }
  }
  assert.not.match((await resume('data: {"result":{"tool\\u017f":[{"name":"drop"}]}}\n\n')).body, 'drop')
})
lists('a resumed stream ends when it has become long, and large events of others pass', async () => {
  const event = `data: {"result":{"content":["${'x'.repeat(2_000_000)}"]}}\n\n`
  assert.is((await resume(event)).body, event)
  const answer = await resume(event.repeat(4))
  assert.ok(answer.body.length < 4_200_000, `${answer.body.length}`)
})

lists('a large event of a resumed stream is not shown where it could be a list', async () => {
  const filler = 'x'.repeat(300_000)
  for (const event of [
    `data: {"result":{"tools":[{"name":"drop","description":"${filler}"}]}}`,
    `data: {"result":{"description":"${filler}","tool\\u0073":[{"name":"drop"}]}}`,
    `data: {"a":"${filler}"}\rdata: {"result":{"tools":[{"name":"drop"}]}}`,
  ]) {
    const { body } = await resume(`${event}\n\n`)
    assert.not.match(body, 'drop')
    assert.match(body, 'list_unreadable')
  }
  assert.is((await resume(`: ${filler}\n\ndata: {}\n\n`)).body, '\ndata: {}\n\n')
})

lists('what a caller may do may be more than is told in every answer', async () => {
  const items = [tool(MANY[399] ?? ''), tool('drop'), tool(MANY[0] ?? '')]
  answers([answerOf(items)])
  assert.is(bodyOf(await ask('tools/list', 'test/many')), answerOf([items[0], items[2]] as string[]))
  assert.not.match(gateway.logs(), 'shows nothing')
  assert.is((await ask('prompts/list', 'test/many')).status, 200)
  assert.is((await ask('resources/list', 'test/many')).status, 403)
})
lists('a list is empty when even that is too much, and the log says so', async () => {
  answers([answerOf([tool(MANY[0] ?? ''), tool('drop')])])
  assert.is(bodyOf(await ask('tools/list', 'test/endless')), answerOf([]))
  assert.match(gateway.logs(), /more than fits: tools\/list shows nothing/)
  await until('the audit trail says so', () => gateway.logs().includes('"decision":"allow","reason":"list_set_too_long"'))
})
lists('a large list of many tools', async () => {
  const items = Array.from(
    { length: 300 },
    (_, n) => `{"name":"${n % 50 === 0 ? 'now' : `t${n}`}","description":"${'d'.repeat(600)}","n":1e400}`,
  )
  answers([answerOf(items)])
  assert.is(bodyOf(await ask()), answerOf(items.filter((_, n) => n % 50 === 0)))
})
lists.run()
