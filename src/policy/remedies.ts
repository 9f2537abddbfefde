/** What would let a refused call pass: in Cognito, or in `scopes.yml`. */
import { type Call, NAMED, type NamedKind } from '../gate/call.ts'
import type { Rule } from '../gate/policy.ts'
import { type Entry, groupsWith, lacksOf, type PolicyFile } from './entries.ts'
import { entryText, mappingText } from './yaml_text.ts'

export interface Remedy {
  kind: 'join_group' | 'assign_scope' | 'request_scope' | 'map_group' | 'extend_entry' | 'add_entry' | 'add_scope'
  text: string
  scope: string
  /** Groups that already give the scope, or the one to map to it. */
  groups: string[]
  /** The entry to extend, counted from 0. */
  index: number | null
  /** Where in the file it is to be done; null for what is not there yet and for what is done in Cognito. */
  line: number | null
  /** Lines to add, or the extended entry as a whole; null for what is done in Cognito. */
  yaml: string | null
}

export interface Refused {
  server: string
  call: Call | null
  /** Null for an agent. */
  user: string | null
  clientId: string
  groups: readonly string[]
  /** Scopes that the groups give and the user's token leaves out. */
  leftOut: readonly string[]
  /** Whether settings keep the token's app client from asking for them. */
  limited: boolean
  /** Whether scopes of the token decide, alone or beside groups. */
  byToken: boolean
  held: readonly string[]
  /** Held entries for the server that lack least. */
  nearest: readonly Entry[]
  /** Scopes that would do, the one that the refusal names first. */
  openers: readonly string[]
}

/** Longest list that is shown extended. */
const MAX_SHOWN = 20
const BEGIN: readonly string[] = ['initialize', 'notifications/initialized']
/** Stands for a group that is still to be chosen. */
const SOME_GROUP = 'YOUR-GROUP'

const remedy = (kind: Remedy['kind'], scope: string, text: string, rest: Partial<Remedy> = {}): Remedy => {
  return { kind, text, scope, groups: [], index: null, line: null, yaml: null, ...rest }
}

/** The ways to let the call pass, the least work and the smallest change first. */
export function remediesFor(refused: Refused, source: PolicyFile): Remedy[] {
  const withheld = refused.openers.find((scope) => refused.leftOut.includes(scope))
  if (withheld !== undefined) return [request(withheld, refused.limited)]
  const [opener] = refused.openers
  if (opener === undefined) return changeScope(refused, source)
  const grant = refused.user === null ? [assign(refused, opener)] : grantToUser(refused, opener, refused.user, source)
  return [...grant, ...extendNearest(refused, source)]
}

function request(scope: string, limited: boolean): Remedy {
  const text = limited
    ? `The groups give ${scope}, but MCP_SCOPES keeps MCP clients from asking for it: add it there, and get a new token.`
    : `The groups give ${scope}, but the scopes of the token leave it out: ask Cognito for a token with it.`
  return remedy('request_scope', scope, text)
}

const assign = ({ clientId }: Refused, scope: string): Remedy =>
  remedy('assign_scope', scope, `In Cognito, assign the scope ${scope} to the app client ${clientId}, and get a new token.`)

function grantToUser(refused: Refused, scope: string, user: string, source: PolicyFile): Remedy[] {
  const remedies: Remedy[] = []
  const givers = groupsWith(source.file, scope)
  const also = refused.byToken ? ` The token has to carry ${scope} as well.` : ''
  if (givers.length > 0) {
    const text = `In Cognito, put ${user} into the group ${givers.join(' or ')}, and log in again.${also}`
    remedies.push(remedy('join_group', scope, text, { groups: givers }))
  }
  const [group] = refused.groups
  if (group !== undefined || givers.length === 0) remedies.push(mapGroup(group ?? SOME_GROUP, scope, source, also))
  return remedies
}

function mapGroup(group: string, scope: string, { file, lineOf }: PolicyFile, also: string): Remedy {
  const mapped = file.groups.has(group)
  const text = `In scopes.yml, map the group ${group} to ${scope}, for everybody in it.${also}`
  return remedy('map_group', scope, text, {
    groups: [group],
    line: mapped ? lineOf(['group_mappings', group]) : null,
    yaml: mappingText(group, scope),
  })
}

/** No scope would do: one has to be made wider, or made. */
function changeScope(refused: Refused, source: PolicyFile): Remedy[] {
  const extended = extendNearest(refused, source)
  if (extended.length > 0) return extended
  const [held] = [...refused.nearest.map((entry) => entry.scope), ...refused.held]
  return [held === undefined ? addScope(refused, source) : addEntry(held, refused, source)]
}

/** A scope of its own, and the way to its holder. */
function addScope(refused: Refused, source: PolicyFile): Remedy {
  const { user, clientId, server, groups, byToken } = refused
  const scope = `${server}/use`
  const rule = entryText(entryFor(scope, refused, source))
  if (user === null) {
    const text = `In scopes.yml, make a scope, such as ${scope}; in Cognito, assign it to the app client ${clientId}, and get a new token.`
    return remedy('add_scope', scope, text, { yaml: rule })
  }
  const group = groups[0] ?? SOME_GROUP
  const also = byToken ? ` The token has to carry ${scope} as well.` : ''
  const text = `In scopes.yml, make a scope, such as ${scope}, and map the group ${group} to it, for everybody in it.${also}`
  return remedy('add_scope', scope, text, { groups: [group], yaml: mappingText(group, scope) + rule })
}

/** Whom a change of a scope concerns besides. */
function holdersOf(scope: string, { file }: PolicyFile): string {
  const groups = groupsWith(file, scope)
  return groups.length === 0 ? 'agents with this scope' : `agents with this scope and the groups ${groups.join(', ')}`
}

/** The change of one list, where an entry lacks one thing alone. */
function extendNearest({ nearest, server, call }: Refused, source: PolicyFile): Remedy[] {
  // An entry for every server would open the call on every server.
  const entry = nearest.find(({ rule }) => rule.server === server)
  const lacks = entry && call ? lacksOf(entry, call) : []
  if (entry === undefined || call === null || lacks.length !== 1) return []
  const { rule, scope, index } = entry
  const [key, value] = lacks[0] === 'method' ? (['methods', call.method] as const) : ([kindOf(call), call.name ?? ''] as const)
  const list = [...rule[key], value]
  const text = `In scopes.yml, add ${value} to the ${key} of ${scope}[${index}], for all ${holdersOf(scope, source)}.`
  const yaml = list.length > MAX_SHOWN ? null : entryText({ ...rule, [key]: list })
  return [remedy('extend_entry', scope, text, { groups: groupsWith(source.file, scope), index, line: source.lineOf([scope, index]), yaml })]
}

const kindOf = ({ method }: Call): NamedKind => NAMED.get(method) as NamedKind

function addEntry(scope: string, refused: Refused, source: PolicyFile): Remedy {
  const text = `In scopes.yml, add an entry to ${scope}, for all ${holdersOf(scope, source)}.`
  const yaml = entryText(entryFor(scope, refused, source))
  return remedy('add_entry', scope, text, { groups: groupsWith(source.file, scope), line: source.lineOf([scope]), yaml })
}

/** An entry for the call, and for what a client begins with where that is not open yet. */
function entryFor(scope: string, { server, call, held }: Refused, { policy }: PolicyFile): Rule {
  const begins = policy.permits(held, server, { method: 'initialize', name: null })
  const wanted = [...(begins ? [] : BEGIN), ...(call === null ? [] : [call.method])]
  const rule: Rule = { scope, server, methods: [...new Set(wanted)], tools: [], prompts: [], resources: [] }
  if (call !== null && NAMED.has(call.method)) rule[kindOf(call)] = [call.name ?? '']
  return rule
}
