/** The loop and its toolbox, with servers and a model that are made up: what is offered when, what is called where, and when it ends. */

import type { CallToolResult, Connection, Tool } from '../../src/agent/connection.ts'
import { done, failed, type Outcome } from '../../src/agent/failure.ts'
import { answer, MOST_TURNS, type Run } from '../../src/agent/loop.ts'
import type { CallAnswer, Conversation, OfferedTool, Reply } from '../../src/agent/models/model.ts'
import type { Servers } from '../../src/agent/servers.ts'
import { createToolbox } from '../../src/agent/toolbox.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const loop = suite('the agent')

type Give = (tool: string, input: Record<string, unknown>) => Outcome<CallToolResult>

const text = (value: unknown, isError = false): Outcome<CallToolResult> =>
  done({ content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }], isError })
const tool = (name: string): Tool => ({ name, description: `Does ${name}`, inputSchema: { type: 'object' } })
const refusal = { status: 403, reason: 'name_not_allowed', message: 'No.', scope: 't/execute' }

interface World {
  /** `server tool`, in their order. */
  called: string[]
  connected: string[]
  offered: string[][]
  /** What the model was told, by turn. */
  told: Array<string | readonly CallAnswer[]>
  watched: string[]
  run: Run
}

/** A reply as the model gives it: a text, or calls by their offered names. */
type Said = string | Array<[string, Record<string, unknown> | null]>

const found = (server: string, name: string) => ({
  server,
  name,
  description: 'Found',
  inputSchema: { type: 'object', properties: { a: {} } },
})

async function live(
  replies: Said[] | ((turn: number) => Said),
  give: Give,
  signal = new AbortController().signal,
  tools = ['find'],
): Promise<World> {
  const world = {
    called: [] as string[],
    connected: [] as string[],
    offered: [] as string[][],
    told: [] as World['told'],
    watched: [] as string[],
  }
  const connect = (server: string): Connection => ({
    transport: 'streamable-http',
    listTools: async () => done([tool('listed'), tool('odd name!')]),
    callTool: async (name, input) => {
      world.called.push(`${server} ${name}`)
      return give(name, input)
    },
    close: async () => {},
  })
  const servers: Servers = {
    to: async (server) => {
      world.connected.push(String(server))
      return server === 'gone' ? failed({ kind: 'unreachable', code: 'ECONNREFUSED' }) : done(connect(String(server)))
    },
    close: async () => {},
  }
  const conversation: Conversation = {
    close() {},
    async say(said, offers: readonly OfferedTool[]): Promise<Reply> {
      world.told.push(said)
      world.offered.push(offers.map(({ name }) => name))
      const turn = world.told.length
      const reply = typeof replies === 'function' ? replies(turn) : (replies[turn - 1] ?? 'the end')
      if (typeof reply === 'string') return { text: reply, calls: [], cut: false }
      return { text: '', cut: false, calls: reply.map(([name, input], index) => ({ id: `${turn}-${index}`, name, input })) }
    },
  }
  const toolbox = createToolbox({ name: 'registry', connection: connect('registry'), tools: tools.map(tool) }, servers)
  const run = await answer(
    'question',
    conversation,
    toolbox,
    {
      thinking: () => () => {},
      remark: () => {},
      calling: (server, name) => world.watched.push(`${server} ${name}`),
      called: ({ outcome }) => world.watched.push(outcome),
    },
    signal,
  )
  return { ...world, run }
}

const answers = (said: string | readonly CallAnswer[] | undefined): string[] =>
  Array.isArray(said) ? said.map((one: CallAnswer) => one.text) : []

loop('answers without a call', async () => {
  const { run, told, offered } = await live(['At once.'], () => text(''))
  assert.equal(run, { answer: 'At once.', cut: false, turns: 1, calls: [] })
  assert.equal(told, ['question'])
  assert.equal(offered, [['find', 'list_server_tools']])
})

loop('what the registry finds is offered in the next turn, and called at its own server', async () => {
  const give: Give = (name) => (name === 'find' ? text({ tools: [found('clock', 'now'), found('registry', 'find')] }) : text('12:00'))
  const { run, offered, called, connected, told, watched } = await live(
    [[['find', { query: 'time' }]], [['clock__now', { a: 1 }]], 'It is noon.'],
    give,
  )
  assert.is(run.answer, 'It is noon.')
  assert.equal(offered[1], ['find', 'list_server_tools', 'clock__now'])
  assert.equal(called, ['registry find', 'clock now'])
  assert.equal(connected, ['clock'])
  assert.equal(told[2], [{ id: '2-0', text: '12:00', failed: false }])
  assert.equal(watched, ['registry find', 'done', 'clock now', 'done'])
  assert.equal(
    run.calls.map(({ server, tool: name, arguments: input, outcome }) => [server, name, input, outcome]),
    [
      ['registry', 'find', { query: 'time' }, 'done'],
      ['clock', 'now', { a: 1 }, 'done'],
    ],
  )
})

loop('structured content says the same', async () => {
  const { offered } = await live([[['find', {}]]], () => done({ content: [], structuredContent: { tools: [found('clock', 'now')] } }))
  assert.ok(offered[1]?.includes('clock__now'))
})

loop('what any other server says of tools is not offered', async () => {
  const give: Give = (name) => (name === 'find' ? text({ tools: [found('clock', 'now')] }) : text({ tools: [found('evil', 'steal')] }))
  const { offered } = await live([[['find', {}]], [['clock__now', {}]], 'x'], give)
  assert.equal(offered[2], ['find', 'list_server_tools', 'clock__now'])
})

loop('a server can be asked for its tools itself', async () => {
  const { offered, run } = await live([[['list_server_tools', { server: 'clock' }]], 'x'], () => text(''))
  assert.equal(offered[1], ['find', 'list_server_tools', 'clock__listed', 'clock__odd_name_'])
  assert.equal([run.calls[0]?.server, run.calls[0]?.tool], ['clock', 'tools/list'])
  for (const server of ['../x', 'https://evil.example', '', 7]) {
    const { run: refused, connected } = await live([[['list_server_tools', { server }]], 'x'], () => text(''))
    assert.equal([refused.calls[0]?.outcome, connected], ['error', []], String(server))
  }
})

loop('names are what every provider takes, and none twice', async () => {
  const names = ['a.b', 'a_b', 'x'.repeat(80), 'ü']
  const give: Give = () => text({ tools: names.map((name) => found('s', name)) })
  const { offered } = await live([[['find', {}]]], give)
  const added = offered[1]?.slice(2) ?? []
  assert.is(new Set(added).size, 4)
  for (const name of added) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/)
  const own = await live([[['find', {}]]], () => text({ tools: [found('list_server', 'x')] }), undefined, [
    'find',
    'list_server__x',
    'list_server_tools',
  ])
  assert.equal(own.offered[1], ['find', 'list_server__x', 'list_server_tools', 'list_server_tools_2', 'list_server__x_2'])
})

loop('of very many tools the ones found last are offered', async () => {
  const give: Give = (_name, { from }) => text({ tools: Array.from({ length: 40 }, (_, index) => found('s', `t${Number(from) + index}`)) })
  const { offered } = await live(
    [[['find', { from: 0 }]], [['find', { from: 40 }]], [['find', { from: 20 }]], [['find', { from: 80 }]], 'x'],
    give,
  )
  assert.is(offered[2]?.length, 66)
  assert.ok(!offered[2]?.includes('s__t0') && offered[2]?.includes('s__t79'))
  assert.is(offered[3]?.length, 66)
  assert.ok(offered[4]?.includes('s__t40') && !offered[4]?.includes('s__t60'), 'what was found again is new')
})

loop('a refusal is told with the missing scope, and it goes on', async () => {
  const { run, told, watched } = await live([[['find', {}]], 'I may not.'], () => failed({ kind: 'refused', refusal }))
  assert.match(answers(told[1])[0] ?? '', /403 name_not_allowed.*Missing scope: t\/execute/)
  assert.equal([run.answer, run.calls[0]?.outcome, run.calls[0]?.refusal], ['I may not.', 'refused', refusal])
  assert.equal(watched, ['registry find', 'refused'])
})

for (const [what, call, expected] of [
  ['a tool that there is not', ['nope', {}], /There is no tool "nope"/],
  ['arguments that are no object', ['find', null], /must be one JSON object/],
  ['a server that is away', ['gone__x', {}], /cannot be reached \(ECONNREFUSED\)/],
] as Array<[string, [string, Record<string, unknown> | null], RegExp]>) {
  loop(`${what} is told to the model`, async () => {
    const give: Give = () => text({ tools: [found('gone', 'x')] })
    const { told, run } = await live([[['find', {}]], [call], 'x'], give)
    assert.match(answers(told[2])[0] ?? '', expected)
    assert.is(run.calls.at(-1)?.outcome, 'error')
  })
}

loop('an error of a tool is told as one', async () => {
  const { told } = await live([[['find', {}]], 'x'], () => text('bad zone', true))
  assert.equal(told[1], [{ id: '1-0', text: 'bad zone', failed: true }])
})

loop('several calls are made one after the other, each is answered, and more than sixteen are not made', async () => {
  const calls = Array.from({ length: 18 }, () => ['find', {}] as [string, Record<string, unknown>])
  const { told, called } = await live([calls, 'x'], () => text('ok'))
  assert.is(called.length, 16)
  assert.equal(
    (told[1] as CallAnswer[]).map(({ id }) => id),
    calls.map((_, index) => `1-${index}`),
  )
  assert.match(answers(told[1])[17] ?? '', /Not made: 16 calls/)
})

loop('a very long answer is cut, and says so', async () => {
  const { told } = await live([[['find', {}]], 'x'], () => text('y'.repeat(50_000)))
  assert.match(answers(told[1])[0] ?? '', /^y{40000}\n\[cut off after 40000 characters\]$/)
})

loop('a model that never ends is ended', async () => {
  const { run, told } = await live(
    () => [['find', {}]],
    () => text('again'),
  )
  assert.equal([run.answer, run.turns, told.length], [null, MOST_TURNS, MOST_TURNS])
})

loop('silence is no answer', async () => {
  assert.is((await live([' \n'], () => text(''))).run.answer, null)
})

loop('who interrupts ends it after the call that is being made', async () => {
  const controller = new AbortController()
  const give: Give = () => {
    controller.abort(new Error('enough'))
    return text('')
  }
  const error = await live(
    [
      [
        ['find', {}],
        ['find', {}],
      ],
      'x',
    ],
    give,
    controller.signal,
  ).catch((caught: Error) => caught)
  assert.is((error as Error).message, 'enough')
})

loop.run()
