/** Everything that `scopes.yml` can give to anybody, as questions to the gate: holders across, things that may be called down. */
import { type Call, NAMED } from '../gate/call.ts'
import type { Policy } from '../gate/policy.ts'
import type { ScopesFile } from '../scopes/schema.ts'
import { ANY, KINDS, ORDER, openedBy, type RightKind } from './rights.ts'

/** A Cognito group, for users, or a scope, for agents. */
export interface Holder {
  kind: 'group' | 'scope'
  name: string
}

/** What may be asked for: `server` is any request at all, as GET and DELETE are. */
export interface Thing {
  kind: 'server' | RightKind
  /** `*` for whatever no list names; empty for `server`. */
  name: string
}

/** `*` stands for every server that no entry names. */
export interface ServerRows {
  server: string
  things: Thing[]
}

export const groupsOf = ({ groups }: ScopesFile): Holder[] => [...groups.keys()].map((name) => ({ kind: 'group', name }))
export const scopesOf = ({ scopes }: ScopesFile): Holder[] => scopes.map((name) => ({ kind: 'scope', name }))

/** The scopes that a holder brings. */
export const heldBy = ({ kind, name }: Holder, policy: Policy): string[] => (kind === 'group' ? policy.scopesOf([name]) : [name])

const METHODS = new Map<RightKind, string>([...NAMED].map(([method, kind]) => [KINDS[kind], method]))

const callFor = (kind: RightKind, name: string): Call => {
  const method = METHODS.get(kind)
  return method === undefined ? { method: name, name: null } : { method, name }
}

/** The gate's answer. Neither a server nor a name in a list can be `*`, so to the gate it is like any other that nobody names. */
export function may(policy: Policy, held: readonly string[], server: string, { kind, name }: Thing): boolean {
  return kind === 'server' ? policy.opens(held, server) : policy.permits(held, server, callFor(kind, name))
}

/** What entries of the files name, server by server in the files' order; what holds on every server comes last. */
export function rowsOf(...files: readonly ScopesFile[]): ServerRows[] {
  const rules = files.flatMap((file) => file.rules)
  const servers = new Set(rules.map(({ server }) => server))
  const everywhere = servers.delete(ANY)
  return [...servers, ...(everywhere ? [ANY] : [])].map((server) => {
    const opened = rules.filter((rule) => rule.server === server || rule.server === ANY).flatMap((rule) => [...openedBy(rule)])
    const things = new Map(opened.map(([kind, name]) => [`${kind} ${name}`, { kind, name }]))
    return { server, things: [{ kind: 'server', name: '' }, ...[...things.values()].sort((a, b) => rank(a) - rank(b))] }
  })
}

/** As on the access page: kinds in order, all of a kind before single ones. */
const rank = ({ kind, name }: { kind: RightKind; name: string }): number => 2 * ORDER.indexOf(kind) + (name === ANY ? 0 : 1)

const KIND_WORDS: Record<Thing['kind'], string> = { server: '', method: 'method', tool: 'tool', prompt: 'prompt', resource: 'resource' }

/** `tool tick`, `every tool`, `connect (GET, DELETE)`. */
export function thingText({ kind, name }: Thing): string {
  if (kind === 'server') return 'connect (GET, DELETE)'
  return name === ANY ? `every ${KIND_WORDS[kind]}` : `${KIND_WORDS[kind]} ${name}`
}
