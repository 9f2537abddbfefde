/** What `scopes.yml` opens, compiled for questions. Every answer costs the same however many rules there are. */
import { type Call, NAMED, type NamedKind } from './call.ts'

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
  /** Whether one of the scopes alone opens the call. */
  permits(scopes: readonly string[], server: string, call: Call): boolean
  /**
   * All that the scopes open on the server: space-separated `METHOD`, `METHOD=NAME` (name percent-encoded), with `*` for a wildcard
   * method or name. Null when longer than `limit` characters.
   */
  allowSet(scopes: readonly string[], server: string, limit: number): string | null
  /**
   * The scope to ask for: one that would open the call (or, without a call, the server), of a resource server of which the caller
   * holds a scope already if there is one, and of these the one that opens the least besides. Null if there is none.
   */
  missingScope(held: readonly string[], server: string, call: Call | null): string | null
  /** Every scope that opens something on the server: what a client may ask the authorization server for. */
  scopesFor(server: string): string[]
  /** The rules of these scopes as they stand in the file, for showing to a person. */
  rulesOf(scopes: readonly string[]): Rule[]
  /** The Cognito groups that are mapped to something. */
  readonly groups: readonly string[]
  /** Whether a Cognito group is one of them. */
  mapsGroup(group: string): boolean
  readonly size: { scopes: number; groups: number; servers: number }
}

const ANY = '*'
/** Tokens never start with a colon, so this stands for "the server at all". */
const OPEN = ':open'
const WILDCARDS = [ANY, ...[...NAMED.keys()].map((method) => `${method}=${ANY}`)]
const STARTS_A_CONVERSATION: Call = { method: 'initialize', name: null }

const namedToken = (method: string, name: string): string => `${method}=${encodeURIComponent(name)}`

/** The tokens of which one must be in a set for the call to pass. NGINX looks up the same ones. */
function tokensFor(call: Call): readonly [string, string] {
  if (NAMED.has(call.method)) return [namedToken(call.method, call.name ?? ''), `${call.method}=${ANY}`]
  return [call.method, ANY]
}

/** The tokens that a rule stands for. A wildcard among methods does not open names: those need their own lists. */
function tokensOf(rule: Rule): string[] {
  const allMethods = rule.methods === ANY
  const methods = allMethods ? [...NAMED.keys()] : rule.methods
  const tokens = allMethods ? [ANY] : []
  for (const method of methods) {
    const kind: NamedKind | undefined = NAMED.get(method)
    if (kind === undefined) tokens.push(method)
    else if (rule[kind] === ANY) tokens.push(`${method}=${ANY}`)
    else for (const name of rule[kind]) tokens.push(namedToken(method, name))
  }
  return tokens
}

type Grants = Map<string, Set<string>>

/**
 * Compiles the rules.
 * @param rules in the file's order, which decides between equals
 * @param groups Cognito group → scope names
 */
export function createPolicy(rules: readonly Rule[], scopes: readonly string[], groups: ReadonlyMap<string, readonly string[]>): Policy {
  const known = new Set(scopes)
  const families = new Set(scopes.map(resourceServerOf).filter((family) => family !== ''))
  const servers = new Map<string, Grants>()
  const width = new Map<string, number>()
  for (const rule of rules) {
    const grants = entry(servers, rule.server, () => new Map())
    const tokens = entry(grants, rule.scope, () => new Set())
    for (const token of tokensOf(rule)) tokens.add(token)
  }
  for (const [server, grants] of servers) {
    for (const [scope, tokens] of grants) {
      const wide = server === ANY || WILDCARDS.some((token) => tokens.has(token))
      width.set(scope, (width.get(scope) ?? 0) + tokens.size + (wide ? 1e6 : 0))
    }
  }
  const order = new Map(scopes.map((scope, index) => [scope, index]))
  const narrower = (a: string, b: string): string => {
    const byWidth = (width.get(a) ?? 0) - (width.get(b) ?? 0)
    return byWidth < 0 || (byWidth === 0 && (order.get(a) ?? 0) <= (order.get(b) ?? 0)) ? a : b
  }
  const openers = indexOpeners(servers, narrower)
  const everywhere = servers.get(ANY)

  const tokenSets = function* (held: readonly string[], server: string): Generator<Set<string>> {
    const here = server === ANY ? undefined : servers.get(server)
    for (const scope of held) {
      const specific = here?.get(scope)
      if (specific) yield specific
      const general = everywhere?.get(scope)
      if (general) yield general
    }
  }

  /** The first family that has an opener decides; `choices` are sets of tokens, the better ones first. */
  const opener = (families: readonly string[], server: string, choices: ReadonlyArray<readonly string[]>): string | null => {
    for (const family of [...families, ANY]) {
      for (const tokens of choices) {
        const found = [server, ANY].flatMap((name) => tokens.flatMap((token) => openers.get(name)?.get(token)?.get(family) ?? []))
        if (found.length > 0) return found.reduce(narrower)
      }
    }
    return null
  }

  return {
    knows: (scope) => known.has(scope),
    narrows: (scope) => known.has(scope) || families.has(resourceServerOf(scope)),
    scopesOf: (names) => {
      const found = new Set(names.flatMap((group) => groups.get(group) ?? []).filter((scope) => known.has(scope)))
      return [...found].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    },
    opens: (held, server) => !tokenSets(held, server).next().done,
    permits: (held, server, call) => {
      const [exact, wildcard] = tokensFor(call)
      for (const tokens of tokenSets(held, server)) if (tokens.has(exact) || tokens.has(wildcard)) return true
      return false
    },
    allowSet: (held, server, limit) => joinWithin(tokenSets(held, server), limit),
    missingScope: (held, server, call) => {
      const choices = call === null ? [tokensFor(STARTS_A_CONVERSATION), [OPEN]] : [tokensFor(call)]
      return opener([...new Set(held.map(resourceServerOf))], server, choices)
    },
    scopesFor: (server) => {
      const found = new Set([...(servers.get(server)?.keys() ?? []), ...(everywhere?.keys() ?? [])])
      return [...found].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    },
    rulesOf: (held) => rules.filter(({ scope }) => held.includes(scope)),
    groups: [...groups.keys()],
    mapsGroup: (group) => groups.has(group),
    size: { scopes: known.size, groups: groups.size, servers: servers.size },
  }
}

function entry<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const present = map.get(key)
  if (present !== undefined) return present
  const created = create()
  map.set(key, created)
  return created
}

/** Cognito names a scope RESOURCE_SERVER/SCOPE; a resource server's identifier may itself hold slashes. */
const resourceServerOf = (scope: string): string => scope.slice(0, Math.max(0, scope.lastIndexOf('/')))

type Openers = Map<string, Map<string, Map<string, string>>>

/** By server, token and resource server (`*` for any) the scope that opens the token and the least besides: no challenge needs a search. */
function indexOpeners(servers: ReadonlyMap<string, Grants>, narrower: (a: string, b: string) => string): Openers {
  const result: Openers = new Map()
  for (const [server, grants] of servers) {
    const byToken = entry(result, server, () => new Map())
    for (const [scope, tokens] of grants) {
      for (const token of [OPEN, ...tokens]) {
        const byFamily = entry(byToken, token, () => new Map<string, string>())
        for (const family of [resourceServerOf(scope), ANY]) byFamily.set(family, narrower(byFamily.get(family) ?? scope, scope))
      }
    }
  }
  return result
}

function joinWithin(sets: Iterable<ReadonlySet<string>>, limit: number): string | null {
  const tokens = new Set<string>()
  let length = -1
  for (const set of sets) {
    for (const token of set) {
      if (tokens.has(token)) continue
      tokens.add(token)
      length += token.length + 1
      if (length > limit) return null
    }
  }
  return [...tokens].join(' ')
}
