/** What `scopes.yml` opens, compiled for questions. Every answer costs the same however many rules there are. */
import { type Call, EVERY_CALL } from './call.ts'
import { createOpeners, resourceServerOf } from './openers.ts'
import { ANY, type Grants, OPEN, tokensFor, tokensOf, WILDCARDS } from './tokens.ts'

/** `'*'` opens everything of its kind; a list opens exactly its members. */
export type Opened = '*' | readonly string[]

/** One entry under a scope: what it opens on one server (or, with `'*'`, on every server). */
export interface Rule {
  scope: string
  server: string
  methods: Opened
  tools: Opened
  prompts: Opened
  resources: Opened
}

export interface Policy {
  /** Whether this is the name of a scope (not of a UI scope). */
  knows(scope: string): boolean
  /** Whether a scope in a user's token says what the token is for here: it is known, or its resource server has a scope that is. */
  narrows(scope: string): boolean
  /** The scopes that Cognito groups are mapped to, in the file's order. */
  scopesOf(groups: readonly string[]): string[]
  /** Whether any of the scopes opens anything at all on the server. */
  opens(scopes: readonly string[], server: string): boolean
  /** Whether one of the scopes alone opens the call; for {@link EVERY_CALL}, whether together they open whatever it may be. */
  permits(scopes: readonly string[], server: string, call: Call): boolean
  /**
   * All that the scopes open on the server: space-separated `METHOD`, `METHOD=NAME` (name percent-encoded), with `*` for a wildcard
   * method or name. Null when longer than `limit` characters.
   * @param of the one method of which the names are wanted, and nothing else; everything when left out
   */
  allowSet(scopes: readonly string[], server: string, limit: number, of?: string): string | null
  /**
   * The scope to ask for: one that would open the call (or, without a call, the server), of a resource server of which the caller
   * holds a scope already if there is one, and of these the one that opens the least besides. Null if there is none.
   * @param among the scopes that come into question; every one when left out. They are walked, the policy is not.
   */
  missingScope(held: readonly string[], server: string, call: Call | null, among?: readonly string[]): string | null
  /** Every scope that by itself opens `initialize` on the server, in the file's order. */
  beginning(server: string): readonly string[]
  /** Every scope that opens something on the server: what a client may ask the authorization server for. */
  scopesFor(server: string): readonly string[]
  /** Whether a rule names this very server, and does not only mean every one. */
  names(server: string): boolean
  /** The rules of these scopes as they stand in the file, for showing to a person. */
  rulesOf(scopes: readonly string[]): Rule[]
  /** Every scope, in the file's order. */
  readonly scopes: readonly string[]
  /** The Cognito groups that are mapped to something. */
  readonly groups: readonly string[]
  /** Whether a Cognito group is one of them. */
  mapsGroup(group: string): boolean
  readonly size: { scopes: number; groups: number; servers: number }
}

const TO_BEGIN = tokensFor({ method: 'initialize', name: null })

/**
 * Compiles the rules.
 * @param rules in the file's order, which decides between equals
 * @param groups Cognito group → scope names
 */
export function createPolicy(rules: readonly Rule[], scopes: readonly string[], groups: ReadonlyMap<string, readonly string[]>): Policy {
  const known = new Set(scopes)
  const families = new Set(scopes.map(resourceServerOf).filter((family) => family !== ''))
  const servers = new Map<string, Grants>()
  for (const rule of rules) {
    const grants = entry(servers, rule.server, () => new Map())
    const tokens = entry(grants, rule.scope, () => new Set())
    for (const token of tokensOf(rule)) tokens.add(token)
  }
  const order = new Map(scopes.map((scope, index) => [scope, index]))
  const everywhere = servers.get(ANY)
  const inOrder = (found: Iterable<string>): string[] => [...found].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))

  const tokenSets = function* (held: readonly string[], server: string): Generator<Set<string>> {
    const here = server === ANY ? undefined : servers.get(server)
    for (const scope of held) {
      const specific = here?.get(scope)
      if (specific) yield specific
      const general = everywhere?.get(scope)
      if (general) yield general
    }
  }

  const opensOne = (scope: string, server: string, tokens: readonly string[]): boolean => {
    for (const set of tokenSets([scope], server)) if (tokens.some((token) => token === OPEN || set.has(token))) return true
    return false
  }

  const holds = (held: readonly string[], server: string, exact: string, wildcard: string): boolean => {
    for (const tokens of tokenSets(held, server)) if (tokens.has(exact) || tokens.has(wildcard)) return true
    return false
  }
  // No list of methods or names is everything: what a server offers is not known here.
  const holdsAll = (held: readonly string[], server: string): boolean => WILDCARDS.every((token) => holds(held, server, token, token))

  const openers = createOpeners(servers, order, opensOne)
  const scopesFor = onceEach(servers, (server) => inOrder(new Set([...(servers.get(server)?.keys() ?? []), ...(everywhere?.keys() ?? [])])))
  const beginning = onceEach(servers, (server) => scopesFor(server).filter((scope) => opensOne(scope, server, TO_BEGIN)))
  const openingAll = onceEach(servers, (server) => scopesFor(server).filter((scope) => holdsAll([scope], server)))

  return {
    knows: (scope) => known.has(scope),
    narrows: (scope) => known.has(scope) || families.has(resourceServerOf(scope)),
    scopesOf: (names) => {
      const found = new Set(names.flatMap((group) => groups.get(group) ?? []).filter((scope) => known.has(scope)))
      return inOrder(found)
    },
    opens: (held, server) => !tokenSets(held, server).next().done,
    permits: (held, server, call) => (call === EVERY_CALL ? holdsAll(held, server) : holds(held, server, ...tokensFor(call))),
    allowSet: (held, server, limit, of) => joinWithin(tokenSets(held, server), limit, of === undefined ? '' : `${of}=`),
    missingScope: (held, server, call, among) => {
      const families = [...new Set(held.map(resourceServerOf))]
      if (call === EVERY_CALL) {
        const opening = openingAll(server).filter((scope) => among === undefined || among.includes(scope))
        return openers.narrowest(families, server, [[OPEN]], opening)
      }
      return openers.narrowest(families, server, call === null ? [TO_BEGIN, [OPEN]] : [tokensFor(call)], among)
    },
    beginning,
    scopesFor,
    names: (server) => server !== ANY && servers.has(server),
    rulesOf: (held) => rules.filter(({ scope }) => held.includes(scope)),
    scopes: [...known],
    groups: [...groups.keys()],
    mapsGroup: (group) => groups.has(group),
    size: { scopes: known.size, groups: groups.size, servers: servers.size },
  }
}

/** Computes what is asked for a server once; servers without rules of their own, whose names anybody may invent, share one answer. */
function onceEach(
  servers: ReadonlyMap<string, unknown>,
  compute: (server: string) => readonly string[],
): (server: string) => readonly string[] {
  const known = new Map<string, readonly string[]>()
  return (server) => {
    const name = servers.has(server) ? server : ANY
    return entry(known, name, () => compute(name))
  }
}

function entry<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const present = map.get(key)
  if (present !== undefined) return present
  const created = create()
  map.set(key, created)
  return created
}

function joinWithin(sets: Iterable<ReadonlySet<string>>, limit: number, prefix: string): string | null {
  const tokens = new Set<string>()
  let length = -1
  for (const set of sets) {
    for (const token of set) {
      if (tokens.has(token) || !token.startsWith(prefix)) continue
      tokens.add(token)
      length += token.length + 1
      if (length > limit) return null
    }
  }
  return [...tokens].join(' ')
}
