/** The official suite, first against an MCP server itself, then through the gateway in front of it: every check must end the same. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import * as assert from '../support/assert.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { type Front, startFront } from './front.ts'
import { runSuite, type Scenario } from './official.ts'
import { type Reference, startReference } from './reference/server.ts'

const conformance = suite('conformance')

/** @param tools a list in YAML; everything else is open */
const policyFor = (tools: string): string => `
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
  purpose: string
  /** More lines for the location. */
  lines: string
  policy: string
}

const ANSWERS = 'set $gatehouse_client_responses on;'
const SETUPS: Setup[] = [
  { purpose: 'lists not filtered', lines: `${ANSWERS} set $gatehouse_list_filter off;`, policy: policyFor('"*"') },
  { purpose: 'lists filtered', lines: ANSWERS, policy: policyFor('"*"') },
  { purpose: 'headers trusted', lines: `${ANSWERS} set $gatehouse_mcp_trust_headers on;`, policy: policyFor('"*"') },
]

let reference: Reference
let direct: Front

conformance.before(async () => {
  ;[reference, direct] = await Promise.all([startReference(), startFront()])
  direct.target = { port: reference.port, prefix: '', headers: [] }
  const policy = policyFor(JSON.stringify(await toolsOf(`${direct.url}/mcp`)))
  SETUPS.push({ purpose: 'lists filtered by name', lines: ANSWERS, policy })
})
conformance.after(async () => {
  await Promise.all([direct?.close(), reference?.close()])
})

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
async function throughGateway<T>({ lines, policy }: Setup, use: (url: string, gateway: Gateway) => Promise<T>): Promise<T> {
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

for (const revision of ['2025-11-25', '2026-07-28'])
  conformance(`${revision} through the gateway is what it is without`, async () => {
    const which = ['--requirements', revision, '--timeout', '15000']
    const without = await runSuite(['server', '--url', `${direct.url}/mcp`, ...which])
    tell(`${revision} without the gateway`, without)
    assert.equal(
      without.filter(({ name }) => !EXTENSION.test(name)).flatMap(({ complaints }) => complaints),
      [],
    )
    for (const setup of SETUPS) {
      const { purpose } = setup
      const through = await throughGateway(setup, (url) => runSuite(['server', '--url', url, ...which]))
      tell(`${revision} through the gateway, ${purpose}`, through)
      assert.equal(differences(through, without), {}, purpose)
    }
  })

conformance('by default clients answer no requests of servers, and the suite sees it', async () => {
  const which = ['--scenario', 'tools-call-elicitation', '--spec-version', '2025-11-25', '--timeout', '5000']
  const [scenario] = await throughGateway({ purpose: 'as shipped', lines: '', policy: policyFor('"*"') }, async (url, gateway) => {
    const seen = await runSuite(['server', '--url', url, ...which])
    assert.match(gateway.logs(), '"reason":"response_not_allowed"')
    return seen
  })
  assert.equal(scenario?.checks[0], 'FAILURE scenario-timeout')
})

conformance.run()
