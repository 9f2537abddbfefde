/** The cases of other files over TLS, over HTTP/2, in chunks, in HTTP/1.0 and behind a good request, to a gate that remembers its callers. */
import { freePort } from '../support/process.ts'
import { attackSuite, countCase } from './attack_suite.ts'
import { type Carrier, carriers, carry } from './carriers.ts'
import { type Case, postTo, searchLogs, type Table, tablesOf } from './table.ts'
import { addTls } from './tls.ts'
import { startWorld, type World } from './world.ts'

const FILES = [
  () => import('./paths.test.ts'),
  () => import('./routes.test.ts'),
  () => import('./headers.test.ts'),
  () => import('./identity.test.ts'),
  () => import('./authorization.test.ts'),
  () => import('./body.test.ts'),
  () => import('./mcp.test.ts'),
  () => import('./jwt.test.ts'),
  () => import('./cookie.test.ts'),
  () => import('./framing.test.ts'),
  () => import('./backend.test.ts'),
  () => import('./broken.test.ts'),
]

/** The first table of each file: the others need another gate. */
const tables: Table[] = []
for (const load of FILES) tables.push((await tablesOf(load))[0] as Table)

/** Rows whose cases do the sending themselves. */
const OWN_WAYS = ['46', '62', '63']

/** What is about the way itself, or about waiting, is carried on these ways alone. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  framing: ['over TLS', 'behind a good request'],
  'hostile MCP servers': ['over HTTP/2', 'in HTTP/1.0'],
  'broken MCP servers': ['over HTTP/2'],
}

const port = await freePort()
const ALL = carriers(port)
const carried = attackSuite('cases on other ways')
let world: World
carried.before(async () => {
  const policy = tables.find(({ options }) => options.policy !== undefined)?.options.policy
  world = await startWorld({
    ...(policy === undefined ? {} : { policy }),
    env: { DECISION_CACHE_SECONDS: '60' },
    configure: (conf) => addTls(conf, port),
  })
})
carried.after(async () => {
  for (const { close } of ALL) close?.()
  await world?.gateway.close()
})

/** Gives what is wrong. */
async function carryAll(carrier: Carrier, cases: readonly Case[]): Promise<string[]> {
  const problems: string[] = []
  let count = 0
  for (const one of cases.filter(({ id }) => !OWN_WAYS.includes(id))) {
    const wrong = await carry(world, carrier, one)
    if (wrong === null) continue
    count += 1
    if (wrong.length === 0) countCase(one.id)
    else problems.push(`${one.id} ${one.name}: ${wrong.join(', ')}`)
  }
  if (count < cases.length / 10) problems.push(`only ${count} of ${cases.length} could be carried`)
  world.gateway.reset()
  const [answer] = await world.gateway.raw(postTo('/currenttime/mcp', [world.agent]))
  return answer?.status === 200 ? problems : [...problems, `the good request afterwards got ${answer?.status ?? 'no answer'}`]
}

for (const { name, cases } of tables) {
  const ways = ALL.filter((carrier) => WAYS[name]?.includes(carrier.name) ?? true)
  for (const [number, carrier] of ways.entries()) {
    carried(`${name} ${carrier.name}`, async () => {
      const { every = 1 } = carrier
      const problems = await carryAll(
        carrier,
        cases.filter((_, at) => at % every === number % every),
      )
      if (problems.length > 0) throw new Error(`${problems.length} are not as they should be\n${problems.join('\n').slice(0, 5000)}`)
    })
  }
}
carried('no secret in any log, and no worker has crashed', () => searchLogs(world))
carried.run()
