import { type Call, NAMED, type NamedKind } from '../../src/gate/call.ts'
import { createPolicy, type Opened, type Policy, type Rule } from '../../src/gate/policy.ts'
import { type Access, accessOf, type Right, type RightKind } from '../../src/login/access.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const oracle = suite('what is shown as allowed, against the gate')

const ROUNDS = 400
const SCOPES = ['a/x', 'a/y', 'b/x', 'solo']
const GROUPS = ['one', 'two', 'three', 'stranger']
const SERVERS = ['now', 'later', 'mcp.gw']
const METHODS = ['ping', 'initialize', 'tools/list', ...NAMED.keys()]
const NAMES = ['tick', 'tick tock', 'a=b', 'a%3Db', 'x*', 'größe', '🕰', 'ping', '__proto__', 'file:///a?b']
const CALLS: Call[] = [...METHODS, 'server/discover', '__proto__'].flatMap((method): Call[] =>
  NAMED.has(method) ? [...NAMES, '*', 'unknown'].map((name) => ({ method, name })) : [{ method, name: null }],
)
const KINDS: Record<NamedKind, RightKind> = { tools: 'tool', prompts: 'prompt', resources: 'resource' }

/** Mulberry32: the same numbers in every run, so that a failure can be repeated. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function eachCase(check: (access: Access, policy: Policy, round: string) => void): void {
  const random = numbers(20270208)
  const some = <T>(values: readonly T[], share: number): T[] => values.filter(() => random() < share)
  const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const opened = (values: readonly string[], share: number): Opened => (random() < 0.12 ? '*' : some(values, share))
  for (let round = 0; round < ROUNDS; round += 1) {
    const rules: Rule[] = Array.from({ length: Math.floor(random() * 9) }, () => ({
      scope: one(SCOPES),
      server: random() < 0.2 ? '*' : one(SERVERS),
      methods: opened(METHODS, 0.4),
      tools: opened(NAMES, 0.2),
      prompts: opened(NAMES, 0.2),
      resources: opened(NAMES, 0.2),
    }))
    const mapping = new Map(['one', 'two', 'three'].map((group) => [group, some([...SCOPES, 'not-of-servers'], 0.4)]))
    const policy = createPolicy(rules, SCOPES, mapping)
    const access = accessOf({ user: 'alice', groups: some(GROUPS, 0.6), endsAt: 1, now: 0, gateway: 'https://mcp.example.com' }, policy)
    check(access, policy, `round ${round}`)
  }
}

/** How a person would read the table. */
function shown(rights: readonly Right[], { method, name }: Call): boolean {
  const named = NAMED.get(method)
  const kind = named === undefined ? 'method' : KINDS[named]
  return rights.some((right) => right.kind === kind && (right.name === '*' || right.name === (name ?? method)))
}

const rightsOn = ({ servers, everyServer }: Access, name: string): Right[] => [
  ...(servers.find((server) => server.name === name)?.rights ?? []),
  ...everyServer,
]

oracle('a call is shown as allowed exactly when the gate lets it pass', () => {
  let allowed = 0
  eachCase((access, policy, round) => {
    for (const server of [...SERVERS, 'unheard-of']) {
      for (const call of CALLS) {
        const expected = policy.permits(access.scopes, server, call)
        assert.is(shown(rightsOn(access, server), call), expected, `${round}: ${server} ${call.method} ${call.name}`)
        if (expected) allowed += 1
      }
    }
  })
  assert.ok(allowed > 5000, `only ${allowed} calls were allowed at all`)
})

/** The call that a right stands for; for a wildcard one that no list holds. */
function callOf({ kind, name }: Right): Call {
  const wanted = name === '*' ? 'anything/else' : name
  const method = [...NAMED].find(([, named]) => KINDS[named] === kind)?.[0]
  return method === undefined ? { method: wanted, name: null } : { method, name: wanted }
}

oracle('each reason is one by itself, and complete', () => {
  eachCase((access, policy, round) => {
    const places: [string, Right[]][] = [
      ...access.servers.map(({ name, rights }): [string, Right[]] => [name, rights]),
      ['*', access.everyServer],
    ]
    for (const [server, rights] of places) {
      for (const right of rights) {
        for (const { scope, groups } of right.because) {
          const expected = access.groups.filter(({ name }) => policy.scopesOf([name]).includes(scope)).map(({ name }) => name)
          assert.equal(groups, expected, round)
          assert.ok(groups.length > 0, `${round}: ${scope} from nowhere`)
          assert.ok(
            policy.permits([scope], server, callOf(right)),
            `${round}: ${scope} does not open ${right.kind} ${right.name} on ${server}`,
          )
        }
      }
    }
  })
})

oracle('nothing is listed twice', () => {
  eachCase((access, _policy, round) => {
    for (const rights of [...access.servers.map((server) => server.rights), access.everyServer]) {
      const keys = rights.map(({ kind, name }) => `${kind} ${name}`)
      assert.is(new Set(keys).size, keys.length, round)
      for (const { because } of rights) assert.is(new Set(because.map(({ scope }) => scope)).size, because.length, round)
    }
  })
})

oracle.run()
