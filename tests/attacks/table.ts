/** Runs tables of attacks through the real gate: sends the bytes, looks at the answer, at what the MCP servers received and at the logs. */
import { call, type GatewayOptions } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import type { Answer, RawOptions } from '../support/raw.ts'
import { attackSuite } from './attack_suite.ts'
import { AGENT, type Delivery, deliveryProblems } from './delivery.ts'
import { startWorld, type World } from './world.ts'

type Bytes = string | Buffer

export interface Case {
  /** Row in the list of attacks; siblings of a row share its number. */
  id: string
  name: string
  /** The bytes, or a function that does the sending itself. */
  send: Bytes | ((world: World) => Bytes | Answer[] | Promise<Bytes | Answer[]>)
  options?: RawOptions
  /** Accepted statuses of the first answer; 0 for a connection that is closed without one. */
  status: number | readonly number[]
  /** After a 400 that `status` accepts beside others it is nothing: newer releases of NGINX refuse what older ones pass on in a safe form. */
  backend: 'nothing' | Delivery
  /** How many decisions the validator may have been asked for; not counted when left out. */
  decisions?: number | { atMost: number }
  /** More to look at: throw, or give a sentence for what is wrong. */
  check?(answers: Answer[], world: World): unknown
  /** What has to be set up first, such as the answer of an MCP server. */
  prepare?(world: World): unknown
}

/** A request line and header lines, each without its line end, and a body that gets no header by itself. */
export const http = (line: string, headers: readonly string[], body: Bytes = ''): Buffer =>
  Buffer.concat([Buffer.from([line, ...headers, '', ''].join('\r\n'), 'latin1'), Buffer.isBuffer(body) ? body : Buffer.from(body)])

export const NOW = call('now')
export const MESSAGE = (body: Bytes = NOW): string[] => [
  'Host: localhost',
  'Content-Type: application/json',
  `Content-Length: ${Buffer.byteLength(body)}`,
]

/** A call of the tool `now`, or another body, with more header lines. */
export const postTo = (path: string, headers: readonly string[], body: Bytes = NOW): Buffer =>
  http(`POST ${path} HTTP/1.1`, [...MESSAGE(body), ...headers], body)

export const getFrom = (path: string, headers: readonly string[]): Buffer => http(`GET ${path} HTTP/1.1`, ['Host: localhost', ...headers])

/** The agent's call of `now` as currenttime must get it. */
export const DELIVERED: Delivery = { url: '/mcp', caller: AGENT, tool: 'now', body: NOW }

let numbered = 0

export interface Table {
  name: string
  cases: readonly Case[]
  options: GatewayOptions
}
let collected: Table[] | null = null

/** The tables of another file, which are not run. */
export async function tablesOf(load: () => Promise<unknown>): Promise<Table[]> {
  collected = []
  await load()
  const tables = collected
  collected = null
  return tables
}

/** Makes and runs a suite: one test a case, and at the end one that searches all logs. */
export function runTable(name: string, cases: readonly Case[], options: GatewayOptions = {}): void {
  if (collected !== null) {
    collected.push({ name, cases, options })
    return
  }
  const table = attackSuite(name)
  let world: World | undefined
  let outcomes: Array<Promise<void>> = []
  table.before(async () => {
    world = await startWorld(options)
    outcomes = runInTurn(world, cases)
  })
  table.after(() => world?.gateway.close())
  for (const [at, one] of cases.entries()) table(`${one.id} ${one.name}`, () => outcomes[at])
  table('no secret in any log, and no worker has crashed', () => searchLogs(world as World))
  table.run()
}

/** Throws with the lines of logs that should not be there. */
export function searchLogs({ gateway, secrets }: World): void {
  const lines = gateway.logs().split('\n')
  const leaked = lines.filter((line) => [...secrets].some((text) => line.includes(text)))
  const crashed = lines.filter((line) => /exited on signal|unexpected error|\[(?:alert|emerg)\]/.test(line))
  if (leaked.length + crashed.length > 0) throw new Error(brief([...leaked, ...crashed].join('\n')))
}

/** Runs the cases one after the other. The validator writes its log every 100 ms: the next case does not wait for the last one's lines. */
function runInTurn(world: World, cases: readonly Case[]): Array<Promise<void>> {
  let turn: Promise<unknown> = Promise.resolve()
  return cases.map((one) => {
    const done = turn.then(() => runCase(world, one))
    const outcome = done.then((judge) => judge())
    turn = done.catch(() => {})
    // Its test asks for it later.
    outcome.catch(() => {})
    return outcome
  })
}

/**
 * Runs one case, then the good request that shows that the gate still does its work.
 * @returns waits for the log and throws what is wrong
 */
async function runCase(world: World, one: Case): Promise<() => Promise<void>> {
  const { gateway } = world
  gateway.reset()
  await one.prepare?.(world)
  const connections = gateway.currenttime.connections + gateway.mcpgw.connections
  const log = followLog(world)
  const sent = typeof one.send === 'function' ? await one.send(world) : one.send
  const answers = Array.isArray(sent) ? sent : await gateway.raw(sent, one.options)
  const problems = await caseProblems(one, answers, world)
  if (one.backend === 'nothing' || (Array.isArray(one.status) && answers[0]?.status === 400)) {
    if (gateway.currenttime.connections + gateway.mcpgw.connections !== connections)
      problems.push('a connection to an MCP server was opened')
  }
  const received = { currenttime: gateway.currenttime.received, mcpgw: gateway.mcpgw.received }
  const good = await goodRequest(world, problems)
  return async () => {
    const decisions = await log.decisionsBefore(good).catch((error) => {
      problems.push(error.message)
      return 0
    })
    problems.push(...decisionProblems(one, decisions))
    if (problems.length > 0) throw new Error(`${problems.join('\n')}\nanswers: ${show(answers)}\nreceived: ${show(received)}`)
  }
}

/** What is wrong with the answers to a case, and with what the MCP servers have received. */
export async function caseProblems(one: Case, answers: Answer[], world: World): Promise<string[]> {
  const { currenttime, mcpgw } = world.gateway
  const problems = [...answerProblems(one, answers, world), ...(await checkProblems(one, answers, world))]
  if (one.backend === 'nothing' || (Array.isArray(one.status) && answers[0]?.status === 400)) {
    if (currenttime.received.length > 0) problems.push('currenttime was reached')
    if (mcpgw.received.length > 0) problems.push('mcpgw was reached')
  } else problems.push(...deliveryProblems(world, one.backend))
  const leaks = JSON.stringify([answers, currenttime.received, mcpgw.received])
  if ([...world.secrets].some((text) => leaks.includes(text))) problems.push('a secret is in the answer or has reached an MCP server')
  return problems
}

function answerProblems({ status, backend }: Case, answers: readonly Answer[], world: World): string[] {
  const accepted = [status].flat()
  const [answer] = answers
  const seen = answer?.status ?? 0
  const problems = accepted.includes(seen) ? [] : [`status ${seen} instead of ${accepted.join(' or ')}`]
  if (answer?.status !== 401 || backend !== 'nothing') return problems
  const challenges = answer.headers['www-authenticate'] ?? []
  const metadata = `resource_metadata="${world.gateway.url}/.well-known/oauth-protected-resource/`
  if (challenges.length !== 1 || !challenges[0]?.startsWith('Bearer ') || !challenges[0]?.includes(metadata))
    problems.push(`challenge ${JSON.stringify(challenges)}`)
  return problems
}

function decisionProblems({ decisions: expected }: Case, decisions: number): string[] {
  if (typeof expected === 'object') return decisions > expected.atMost ? [`${decisions} decisions, more than ${expected.atMost}`] : []
  return expected === undefined || decisions === expected ? [] : [`${decisions} decisions instead of ${expected}`]
}

async function checkProblems(one: Case, answers: Answer[], world: World): Promise<string[]> {
  try {
    const problem = await one.check?.(answers, world)
    return typeof problem === 'string' ? [problem] : []
  } catch (error) {
    return [(error as Error).message]
  }
}

/** Sends a good request and gives its id, which the validator's log will name. */
async function goodRequest(world: World, problems: string[]): Promise<string> {
  const { gateway } = world
  numbered += 1
  const id = goodId(numbered)
  gateway.reset()
  const [answer] = await gateway.raw(postTo('/currenttime/mcp', [world.agent, `X-Request-Id: ${id}`]))
  if (answer?.status !== 200) problems.push(`the good request afterwards got ${answer?.status ?? 'no answer'}`)
  problems.push(...deliveryProblems(world, DELIVERED).map((problem) => `the good request afterwards: ${problem}`))
  for (const [name, { child }] of [['validator', gateway.validator] as const, ['NGINX', gateway.nginx] as const])
    if (child.exitCode !== null || child.signalCode !== null) problems.push(`the ${name} has ended`)
  return id
}

const goodId = (number: number): string => `good-request-${process.pid}-${number}-end`

/** Counts how often the validator decides between the last good request, whose line may not be written yet, and the next one. */
function followLog({ gateway }: World): { decisionsBefore(id: string): Promise<number> } {
  const mark = gateway.validator.output().length
  const last = goodId(numbered)
  const seen = (): string => gateway.validator.output().slice(mark)
  return {
    decisionsBefore: async (id) => {
      await until('the validator has logged the good request', () => seen().includes(id), 2000)
      const lines = seen().split('\n')
      const from = lines.findLastIndex((line) => line.includes(last)) + 1
      const own = lines.slice(
        from,
        lines.findIndex((line) => line.includes(id)),
      )
      return own.filter((line) => line.includes('"msg":"decision"')).length
    },
  }
}

const brief = (text: string): string => (text.length > 3000 ? `${text.slice(0, 3000)}…` : text)
const show = (value: unknown): string => brief(JSON.stringify(value))
