/** Random policies as files, with callers and calls that could be mistaken for something else. */
import { type Call, NAMED } from '../../src/gate/call.ts'
import type { Caller } from '../../src/policy/assumed.ts'
import type { PolicyFile } from '../../src/policy/entries.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import type { Random } from '../support/random.ts'

export const SCOPES = ['a/x', 'a/y', 'b/x', 'solo']
export const GROUPS = ['one', 'two', 'three']
export const SERVERS = ['now', 'later', 'mcp.gw']
export const METHODS = ['ping', 'initialize', 'tools/list', ...NAMED.keys()]
export const NAMES = ['tick', 'Tick', 'a=b', 'a%3Db', 'x*', 'größe', 'ping', 'true', '- 1', '__proto__', 'file:///a?b']

export interface Entry {
  server: string
  methods: string[] | '*'
  tools: string[] | '*'
  prompts: string[] | '*'
  resources: string[] | '*'
}

/** A document as it stands in a file. */
export interface Document {
  group_mappings: Record<string, string[]>
  [scope: string]: Entry[] | Record<string, string[]>
}

const some = <T>(random: Random, values: readonly T[], times: number): T[] => values.filter(() => random.once(times))
const opened = (random: Random, values: readonly string[], times: number): string[] | '*' =>
  random.once(9) ? '*' : some(random, values, times)

export function randomEntry(random: Random): Entry {
  return {
    server: random.once(6) ? '*' : random.pick(SERVERS),
    methods: opened(random, METHODS, 3),
    tools: opened(random, NAMES, 5),
    prompts: opened(random, NAMES, 5),
    resources: opened(random, NAMES, 7),
  }
}

export function randomDocument(random: Random): Document {
  const mapping = GROUPS.filter(() => !random.once(5)).map((group) => [group, some(random, [...SCOPES, 'nobody/defines'], 2)])
  const scopes = SCOPES.filter(() => !random.once(6)).map((scope) => [
    scope,
    Array.from({ length: random.below(4) }, () => randomEntry(random)),
  ])
  // One scope at least: a file without any cannot be used.
  return { ...Object.fromEntries(scopes), 'a/x': [randomEntry(random)], group_mappings: Object.fromEntries(mapping) }
}

/** JSON is YAML. */
export function load(document: Document): PolicyFile {
  const loaded = loadScopes(JSON.stringify(document))
  if (!('policy' in loaded)) throw new Error(`not a policy: ${loaded.problems}`)
  return { ...loaded, lineOf: () => null }
}

export function randomCaller(random: Random): Caller {
  const groups = some(random, [...GROUPS, 'stranger', 'ONE'], 2)
  const scopes = some(random, [...SCOPES, 'openid', 'a/unknown'], 2)
  return random.pick<Caller>([
    { kind: 'session', user: 'rosa', groups },
    { kind: 'user_token', user: 'rosa', groups, scopes },
    // With a token for one of the scopes: another token of the same caller often is what helps.
    { kind: 'agent', client: 'robot', scopes: [random.pick(SCOPES)] },
    { kind: 'user_token', user: 'rosa', groups: GROUPS, scopes: [random.pick(SCOPES)] },
    { kind: 'agent', client: 'robot', scopes },
  ])
}

export function randomCall(random: Random): Call | null {
  if (random.once(12)) return null
  const method = random.pick([...METHODS, ...NAMED.keys(), 'server/discover'])
  return { method, name: NAMED.has(method) ? random.pick([...NAMES, 'unknown']) : null }
}

/** Every call that a file could mean, and for each kind one that none names. */
export const ALL_CALLS: Call[] = [...METHODS, 'server/discover', 'unheard/of'].flatMap((method): Call[] =>
  NAMED.has(method) ? [...NAMES, 'unknown'].map((name) => ({ method, name })) : [{ method, name: null }],
)
