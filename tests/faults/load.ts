/** A modest load of many callers on a gateway, every answer of it compared with the oracle, and what the MCP servers heard too. */
import { Agent, request } from 'node:http'
import type { Backend } from '../support/backend.ts'
import type { Gateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import type { Ask, Caller, Identity } from './callers.ts'

export interface Tally {
  /** Answers that were right. */
  right: number
  /** By caller and status: `agent 200`. */
  counts: Record<string, number>
  /** Wrong decisions, each as a sentence. There must be none, whatever fails. */
  wrong: string[]
  /** 503: the gate could not decide. By caller. */
  undecided: Record<string, number>
  /** When those came, in milliseconds since 1970. */
  undecidedAt: number[]
  /** Other 5xx, and connections that gave no answer. */
  broken: string[]
  /** Requests sent again because an idle connection was closed meanwhile (RFC 9112 section 9.3.1); no server has heard them. */
  resent: number
  /** Milliseconds that the slowest answer took. */
  slowest: number
}

export interface Load {
  tally: Tally
  /** Waits for so many more answers. */
  answers(count: number, timeout?: number): Promise<void>
  /** Waits for so many answers to requests that are sent from now on; gives how many of them were right. */
  rightOf(count: number, timeout?: number): Promise<number>
  /** Waits for so many right answers in a row. */
  recovers(times?: number, timeout?: number): Promise<void>
  /** Ends it, and compares what the servers heard with what was answered. */
  stop(): Promise<Tally>
}

export interface LoadOptions {
  /** Requests at a time. */
  lanes?: number
  /** Milliseconds between two requests of a lane. */
  pause?: number
  /** Milliseconds after which an answer counts as missing. */
  timeout?: number
  /** Milliseconds after which it ends by itself, so that a failed test ends too. */
  longest?: number
}

const IDENTITY = ['x-user', 'x-username', 'x-client-id', 'x-scopes', 'x-groups', 'x-auth-method', 'x-server-name', 'x-tool-name']
const CREDENTIALS = ['authorization', 'cookie', 'x-mcp-allow', 'x-mcp-call']

interface Heard {
  server: string
  /** What was wrong with the identity it came with; null when nothing was. */
  problem: string | null
}

interface Sent {
  caller: Caller
  ask: Ask
  /** What was right when it was sent; another answer may be by the time of its answer. */
  right: readonly number[]
  heard: Heard[]
}

/** Starts it. The answers of the gateway's MCP servers are the load's from then on. */
export function startLoad(
  gateway: Gateway,
  callers: readonly Caller[],
  { lanes = 4, pause = 3, timeout = 4000, longest = 120_000 }: LoadOptions = {},
): Load {
  const sent = new Map<string, Sent>()
  const tally: Tally = { right: 0, counts: {}, wrong: [], undecided: {}, undecidedAt: [], broken: [], resent: 0, slowest: 0 }
  const agent = new Agent({ keepAlive: true, maxSockets: lanes })
  let running = true
  let answered = 0
  let row = 0
  let watch = { answered: 0, right: 0 }
  const end = setTimeout(() => over(), longest)
  const over = (): void => {
    running = false
    clearTimeout(end)
  }
  listen(gateway, sent, tally)

  const one = async (id: string, caller: Caller, ask: Ask): Promise<void> => {
    const note: Sent = { caller, ask, right: ask.right, heard: [] }
    sent.set(id, note)
    const watched = watch
    const started = performance.now()
    let status = await send(agent, gateway.port, id, note, timeout)
    if (status === 'closed while idle' && note.heard.length === 0) {
      tally.resent += 1
      status = await send(false, gateway.port, id, note, timeout)
    }
    tally.slowest = Math.max(tally.slowest, performance.now() - started)
    // The gateway is closed: a test has failed and forgotten its load.
    if (status === 'ECONNREFUSED') over()
    answered += 1
    const before = tally.right
    judge(status, note, tally)
    const isRight = tally.right > before
    row = isRight ? row + 1 : 0
    watched.answered += 1
    if (isRight) watched.right += 1
    // A request that broke off may still be on its way to a server.
    if (typeof status === 'number') sent.delete(id)
  }
  const lane = async (number: number): Promise<void> => {
    for (let turn = number; running; turn += 1) {
      const caller = callers[turn % callers.length] as Caller
      const ask = caller.asks[Math.floor(turn / callers.length) % caller.asks.length] as Ask
      await one(`${number}-${turn}`, caller, ask)
      await new Promise((done) => setTimeout(done, pause))
    }
  }
  const lanesRun = Array.from({ length: lanes }, (_, number) => lane(number))
  return {
    tally,
    answers: (count, within = 20_000) => {
      const enough = answered + count
      return until(`${count} more answers came`, () => answered >= enough, within)
    },
    rightOf: async (count, within = 20_000) => {
      const mine = { answered: 0, right: 0 }
      watch = mine
      await until(`there are ${count} answers to what is sent from now on`, () => mine.answered >= count, within)
      return mine.right
    },
    recovers: async (times = 60, within = 20_000) => {
      row = 0
      await until(`${times} answers in a row are right`, () => row >= times, within)
    },
    stop: async () => {
      over()
      await Promise.all(lanesRun)
      agent.destroy()
      return tally
    },
  }
}

/** The servers answer each call, and write down whom it came from. */
function listen({ currenttime, mcpgw }: Gateway, sent: Map<string, Sent>, tally: Tally): void {
  for (const [server, backend] of Object.entries({ currenttime, mcpgw })) {
    backend.answer = (incoming, response, body) => {
      backend.received.length = 0
      if (incoming.method === 'GET') return stream(response)
      const { id } = JSON.parse(body) as { id: string }
      const note = sent.get(id)
      if (note === undefined) tally.wrong.push(`${server} heard a request that nobody waits for`)
      else note.heard.push({ server, problem: identityProblem(incoming.rawHeaders, server, note) })
      const result = note?.ask.method === 'tools/list' ? { tools: [] } : {}
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    }
  }
}

const stream = (response: Parameters<Backend['answer']>[1]): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write('data: open\n\n')
  const timer = setInterval(() => response.write(`data: ${Date.now()}\n\n`), 200)
  response.on('close', () => clearInterval(timer))
}

function identityProblem(raw: readonly string[], server: string, { caller, ask }: Sent): string | null {
  const found: Record<string, string[]> = {}
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase()
    if (IDENTITY.includes(name) || CREDENTIALS.includes(name)) found[name] = [...(found[name] ?? []), raw[at + 1] as string]
  }
  const seen = JSON.stringify(Object.entries(found).sort())
  const tool: Identity = ask.tool === undefined ? {} : { 'x-tool-name': encodeURIComponent(ask.tool) }
  const rights = caller.identities.map((identity) => {
    const all = Object.entries({ ...identity, 'x-server-name': server, ...tool })
    return JSON.stringify(all.map(([name, value]) => [name, [value]]).sort())
  })
  return rights.includes(seen) ? null : seen
}

/** Compares one answer with the oracle. */
export function judge(status: number | string, { caller, ask, right: before, heard }: Sent, tally: Tally): void {
  const right = [...before, ...ask.right]
  const what = `${caller.name}: ${ask.method} ${ask.tool ?? ''} on ${ask.server}`
  tally.counts[`${caller.name} ${status}`] = (tally.counts[`${caller.name} ${status}`] ?? 0) + 1
  for (const { server, problem } of heard) {
    if (problem !== null) tally.wrong.push(`${what} reached ${server} as ${problem}`)
    if (server !== ask.server) tally.wrong.push(`${what} reached ${server}`)
  }
  if (heard.length > 0 && !right.includes(200)) tally.wrong.push(`${what} reached the MCP server`)
  if (typeof status === 'string' || (status >= 500 && status !== 503)) {
    tally.broken.push(`${what}: ${status}`)
  } else if (status === 503) {
    tally.undecidedAt.push(Date.now())
    tally.undecided[caller.name] = (tally.undecided[caller.name] ?? 0) + 1
    if (heard.length > 0) tally.wrong.push(`${what} was answered 503 and yet reached the MCP server`)
  } else if (!right.includes(status)) {
    tally.wrong.push(`${what} was answered ${status}`)
  } else if (heard.length !== (status === 200 ? 1 : 0)) {
    tally.wrong.push(`${what} was answered ${status} and reached the MCP server ${heard.length} times`)
  } else tally.right += 1
}

/** Sends one call; gives its status, or why there is none. */
function send(agent: Agent | false, port: number, id: string, { caller, ask }: Sent, timeout: number): Promise<number | string> {
  const params = ask.tool === undefined ? {} : { params: ask.method === 'resources/read' ? { uri: ask.tool } : { name: ask.tool } }
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: ask.method, ...params })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...caller.headers }
  return new Promise((done) => {
    const outgoing = request({ agent, host: '127.0.0.1', port, method: 'POST', path: `/${ask.server}/mcp`, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => done(answer.statusCode ?? 0))
      answer.on('error', (error) => done(`cut off: ${error.message}`))
    })
    outgoing.setTimeout(timeout, () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const idle = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      done(idle ? 'closed while idle' : (error.code ?? error.message))
    })
    outgoing.end(body)
  })
}

/** All 503 of a tally. */
export const undecided = ({ undecided: by }: Tally): number => Object.values(by).reduce((sum, count) => sum + count, 0)
