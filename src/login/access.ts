/** What a signed-in user may do, and why: `scopes.yml` told to one person. It decides nothing; the gate does, by the same policy. */
import { NAMED, type NamedKind } from '../gate/call.ts'
import type { Opened, Policy, Rule } from '../gate/policy.ts'

export type RightKind = 'method' | 'tool' | 'prompt' | 'resource'

/** One thing that may be called. */
export interface Right {
  kind: RightKind
  /** `*` for all of the kind; every method does not include calling a tool, getting a prompt and reading a resource. */
  name: string
  because: Because[]
}

export interface Because {
  scope: string
  /** Those of the user's groups that give the scope. */
  groups: string[]
}

export interface ServerAccess {
  name: string
  url: string
  /** What rules for this very server open; empty when they open nothing. */
  rights: Right[]
}

export interface GroupAccess {
  name: string
  /** Whether `scopes.yml` mentions the group. */
  mapped: boolean
  scopes: string[]
}

export interface Access {
  user: string
  groups: GroupAccess[]
  scopes: string[]
  /** Seconds since 1970, as is `now`. */
  endsAt: number
  now: number
  /** Each server that a rule of a held scope names. */
  servers: ServerAccess[]
  /** What holds on every server, besides what each one's own rules open. */
  everyServer: Right[]
}

export interface SignedIn {
  user: string
  groups: readonly string[]
  /** Seconds since 1970, as is `now`. */
  endsAt: number
  now: number
  /** Public URL of the gateway, without a final slash. */
  gateway: string
}

const ANY = '*'
const KINDS: Record<NamedKind, RightKind> = { tools: 'tool', prompts: 'prompt', resources: 'resource' }
const ORDER: RightKind[] = ['method', 'tool', 'prompt', 'resource']

export function accessOf({ user, groups, endsAt, now, gateway }: SignedIn, policy: Policy): Access {
  const members = [...new Set(groups)].map((name) => groupAccess(name, policy))
  const scopes = policy.scopesOf(groups)
  const givers = new Map(scopes.map((scope) => [scope, members.filter((group) => group.scopes.includes(scope)).map(({ name }) => name)]))
  const rules = policy.rulesOf(scopes)
  const named = new Set(rules.map(({ server }) => server).filter((server) => server !== ANY))
  const rightsOn = (name: string): Right[] =>
    rightsOf(
      rules.filter(({ server }) => server === name),
      givers,
    )
  return {
    user,
    groups: members,
    scopes,
    endsAt,
    now,
    servers: [...named].map((name) => ({ name, url: serverUrl(gateway, name), rights: rightsOn(name) })),
    everyServer: rightsOn(ANY),
  }
}

/** Where an MCP client reaches the server. */
export const serverUrl = (gateway: string, server: string): string => `${gateway}/${encodeURIComponent(server)}/mcp`

function groupAccess(name: string, policy: Policy): GroupAccess {
  return { name, mapped: policy.groups.includes(name), scopes: policy.scopesOf([name]) }
}

/** Equal rights of several rules are one right with several reasons; wildcards come first within their kind. */
function rightsOf(rules: readonly Rule[], givers: ReadonlyMap<string, string[]>): Right[] {
  const rights = new Map<string, Right>()
  for (const rule of rules) {
    for (const [kind, name] of openedBy(rule)) {
      const key = `${kind} ${name}`
      const right = rights.get(key) ?? { kind, name, because: [] }
      rights.set(key, right)
      if (right.because.some(({ scope }) => scope === rule.scope)) continue
      right.because.push({ scope: rule.scope, groups: givers.get(rule.scope) ?? [] })
    }
  }
  const rank = ({ kind, name }: Right): number => 2 * ORDER.indexOf(kind) + (name === ANY ? 0 : 1)
  return [...rights.values()].sort((a, b) => rank(a) - rank(b))
}

const members = (opened: Opened): readonly string[] => (opened === ANY ? [ANY] : opened)

/**
 * What a rule opens by itself, in the gate's logic: a named thing needs its method in the same rule, and a method that wants a name
 * opens nothing without one, so it is no right of its own.
 */
function* openedBy(rule: Rule): Generator<[RightKind, string]> {
  for (const method of members(rule.methods)) if (!NAMED.has(method)) yield ['method', method]
  for (const [method, kind] of NAMED) {
    if (rule.methods !== ANY && !rule.methods.includes(method)) continue
    for (const name of members(rule[kind])) yield [KINDS[kind], name]
  }
}
