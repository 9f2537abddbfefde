/** The official suite, first against an MCP server itself, then through the gateway in front of it: every check must end the same. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import * as assert from '../support/assert.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import type { suite } from '../support/suite.ts'
import { type Front, startFront } from './front.ts'
import { runSuite, type Scenario } from './official.ts'
import { type Reference, startReference } from './reference/server.ts'

/** @param tools a list in YAML; everything else is open */
export const policyFor = (tools: string): string => `
test/everything:
  - server: currenttime
    methods: "*"
    tools: ${tools}
    prompts: "*"
    resources: "*"
`

/** The extension for tasks is none of the protocol, and the SDK does not have it: its scenarios fail here as there. */
const EXTENSION = /^tasks-/

interface Setup {
  /** More lines for the location. */
  lines: string
  policy: string
}

const ANSWERS = 'set $gatehouse_client_responses on;'
const all = (): string => '"*"'
const SETUPS: { purpose: string; lines: string; tools: (named: readonly string[]) => string }[] = [
  { purpose: 'lists not filtered', lines: `${ANSWERS} set $gatehouse_list_filter off;`, tools: all },
  { purpose: 'lists filtered', lines: ANSWERS, tools: all },
  { purpose: 'headers trusted', lines: `${ANSWERS} set $gatehouse_mcp_trust_headers on;`, tools: all },
  { purpose: 'lists filtered by name', lines: ANSWERS, tools: (named) => JSON.stringify(named) },
]

let reference: Reference
let direct: Front

async function toolsOf(url: string): Promise<string[]> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  const { tools } = await client.listTools()
  await client.close()
  return tools.map(({ name }) => name)
}

/** Puts lines of its own into the location, and the server's address as its upstream: its name for the Host header. */
function configure(conf: string, lines: string): void {
  const file = join(conf, 'example.conf')
  const shipped = 'set $gatehouse_upstream http://currenttime;'
  const text = readFileSync(file, 'utf8')
  assert.match(text, shipped)
  writeFileSync(file, text.replace(shipped, `set $gatehouse_upstream http://127.0.0.1:${reference.port}; ${lines}`))
}

/** The gateway with lines of its own in the location, and a place in front of it that has a token. */
export async function throughGateway<T>({ lines, policy }: Setup, use: (url: string, gateway: Gateway) => Promise<T>): Promise<T> {
  const front = await startFront()
  // Clients reach the gateway where it says that it is: what browsers send as their Origin is its own.
  const env = { REGISTRY_URL: front.url }
  const gateway = await startGateway({ policy, env, configure: (conf) => configure(conf, lines) })
  try {
    const token = await gateway.issuer.token({ scope: 'test/everything' })
    front.target = { port: gateway.port, prefix: '/currenttime', headers: ['Authorization', `Bearer ${token}`] }
    return await use(`${front.url}/mcp`, gateway)
  } finally {
    await front.close()
    await gateway.close()
  }
}

const count = (scenarios: readonly Scenario[], status: string): number =>
  scenarios.reduce((sum, { checks }) => sum + checks.filter((check) => check.startsWith(status)).length, 0)

const tell = (where: string, scenarios: readonly Scenario[]): void =>
  console.log(
    `  ${where}: ${scenarios.length} scenarios, ${count(scenarios, 'SUCCESS')} checks passed, ${count(scenarios, 'FAILURE')} failed`,
  )

const told = ({ name, checks, complaints }: Scenario): string[] => [...checks, ...(EXTENSION.test(name) ? [] : complaints)]

/** The scenarios that did not end as they did without the gateway. */
function differences(through: readonly Scenario[], without: readonly Scenario[]): Record<string, unknown> {
  const names = [...new Set([...through, ...without].map(({ name }) => name))]
  const of = (scenarios: readonly Scenario[], name: string) => scenarios.filter((scenario) => scenario.name === name).map(told)
  const pairs = names.map((name) => [name, { through: of(through, name), without: of(without, name) }] as const)
  return Object.fromEntries(pairs.filter(([, pair]) => JSON.stringify(pair.through) !== JSON.stringify(pair.without)))
}

/** Adds to a suite the comparison for a revision of the protocol. */
export function compare(conformance: ReturnType<typeof suite>, revision: string): void {
  conformance.before(async () => {
    ;[reference, direct] = await Promise.all([startReference(), startFront()])
    direct.target = { port: reference.port, prefix: '', headers: [] }
  })
  conformance.after(async () => {
    await Promise.all([direct?.close(), reference?.close()])
  })
  let without: Scenario[] = []
  const run = (url: string): Promise<Scenario[]> => runSuite(['server', '--url', url, '--requirements', revision, '--timeout', '15000'])
  conformance(`${revision} without the gateway`, async () => {
    without = await run(`${direct.url}/mcp`)
    tell(`${revision} without the gateway`, without)
    assert.equal(
      without.filter(({ name }) => !EXTENSION.test(name)).flatMap(({ complaints }) => complaints),
      [],
    )
  })
  for (const { purpose, lines, tools } of SETUPS) {
    conformance(`${revision} through the gateway, ${purpose}, is what it is without`, async () => {
      const policy = policyFor(tools(await toolsOf(`${direct.url}/mcp`)))
      const through = await throughGateway({ lines, policy }, run)
      tell(`${revision} through the gateway, ${purpose}`, through)
      assert.ok(without.length > 0)
      assert.equal(differences(through, without), {}, purpose)
    })
  }
}
