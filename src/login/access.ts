/** What a signed-in user may do, and why: `scopes.yml` told to one person. It decides nothing; the gate does, by the same policy. */
import type { Policy } from '../gate/policy.ts'
import { ANY, type Right, rightsOf } from '../policy/rights.ts'

export type { Because, Right, RightKind } from '../policy/rights.ts'

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
