/** The official suite, first against an MCP server itself, then through the gateway in front of it: every check must end the same. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from '../support/assert.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { type Front, startFront } from './front.ts'
import { runServerSuite, type Scenario } from './official.ts'
import { type Reference, startReference } from './reference/server.ts'

const conformance = suite('conformance')

const POLICY = `
test/everything:
  - server: currenttime
    methods: "*"
    tools: "*"
    prompts: "*"
    resources: "*"
`

/** The extension for tasks is none of the protocol, and the SDK does not have it: its scenarios fail here as there. */
const EXTENSION = /^tasks-/

/** Lines for the location, by what they are for. */
const LOCATIONS = {
  'answers of clients let through, lists filtered': 'set $gatehouse_client_responses on;',
  'answers of clients let through, lists not filtered': 'set $gatehouse_client_responses on; set $gatehouse_list_filter off;',
}

let reference: Reference
let direct: Front

conformance.before(async () => {
  ;[reference, direct] = await Promise.all([startReference(), startFront()])
  direct.target = { port: reference.port, prefix: '', headers: [] }
})
conformance.after(async () => {
  await Promise.all([direct?.close(), reference?.close()])
})

/** Puts lines of its own into the location, and the server's address as its upstream: its name for the Host header. */
function configure(conf: string, lines: string): void {
  const file = join(conf, 'example.conf')
  const shipped = 'set $gatehouse_upstream http://currenttime;'
  const text = readFileSync(file, 'utf8')
  assert.match(text, shipped)
  writeFileSync(file, text.replace(shipped, `set $gatehouse_upstream http://127.0.0.1:${reference.port}; ${lines}`))
}

/** The gateway with lines of its own in the location, and a place in front of it that has a token. */
async function throughGateway<T>(lines: string, use: (url: string, gateway: Gateway) => Promise<T>): Promise<T> {
  const front = await startFront()
  // Clients reach the gateway where it says that it is: what browsers send as their Origin is its own.
  const env = { REGISTRY_URL: front.url }
  const gateway = await startGateway({ policy: POLICY, env, configure: (conf) => configure(conf, lines) })
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
    const which = ['--requirements', revision, '--timeout', '5000']
    const without = await runServerSuite(`${direct.url}/mcp`, ...which)
    tell(`${revision} without the gateway`, without)
    assert.equal(
      without.filter(({ name }) => !EXTENSION.test(name)).flatMap(({ complaints }) => complaints),
      [],
    )
    for (const [purpose, lines] of Object.entries(LOCATIONS)) {
      const through = await throughGateway(lines, (url) => runServerSuite(url, ...which))
      tell(`${revision} through the gateway, ${purpose}`, through)
      assert.equal(differences(through, without), {}, purpose)
    }
  })

conformance('by default clients answer no requests of servers, and the suite sees it', async () => {
  const which = ['--scenario', 'tools-call-elicitation', '--spec-version', '2025-11-25', '--timeout', '2000']
  const [scenario] = await throughGateway('', async (url, gateway) => {
    const seen = await runServerSuite(url, ...which)
    assert.match(gateway.logs(), '"reason":"response_not_allowed"')
    return seen
  })
  assert.equal(scenario?.checks[0], 'FAILURE scenario-timeout')
})

conformance.run()
