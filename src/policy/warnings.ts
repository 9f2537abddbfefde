/** What a valid `scopes.yml` says that is probably not meant. */
import { NAMED, type NamedKind } from '../gate/call.ts'
import type { Opened } from '../gate/policy.ts'
import { isNear } from '../scopes/near.ts'
import type { Path, ScopesFile } from '../scopes/schema.ts'
import { type Entry, entriesOf } from './entries.ts'
import { repeatedEntries, shadowedEntries } from './redundant.ts'
import { openedBy } from './rights.ts'
import { type Warning, warning } from './warning.ts'

/** Methods of MCP that have no slash in their names. */
const BARE_METHODS = ['initialize', 'ping']
/** MCP 2025-11-25 and 2026-07-28, requests and notifications of clients. */
const METHODS = [
  ...BARE_METHODS,
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'resources/templates/list',
  'completion/complete',
  'logging/setLevel',
  'server/discover',
  'subscriptions/listen',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tasks/cancel',
  'tasks/update',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
]
const LISTS = ['methods', 'tools', 'prompts', 'resources'] as const

/** All warnings, in no order that means anything. */
export function warningsOf(file: ScopesFile): Warning[] {
  const entries = entriesOf(file)
  return [
    ...unknownScopes(file),
    ...idleScopes(file, entries),
    ...unmappedScopes(file),
    ...entries.flatMap(oddLists),
    ...entries.flatMap((entry) => methodsAmongNames(entry)),
    ...entries.flatMap(misspeltMethods),
    ...entries.flatMap(wildcardsInNames),
    ...repeatedNames(file, entries),
    ...repeatedEntries(entries),
    ...shadowedEntries(entries),
    ...serversByCase(entries),
  ]
}

function unknownScopes({ groups, scopes, uiScopes }: ScopesFile): Warning[] {
  const known = new Set([...scopes, ...uiScopes.keys()])
  return [...groups].flatMap(([group, mapped]) =>
    [...new Set(mapped)]
      .filter((scope) => !known.has(scope))
      .map((scope) => warning('unknown_scope', ['group_mappings', group, mapped.indexOf(scope)], `"${scope}" is no scope of this file`)),
  )
}

function idleScopes({ scopes }: ScopesFile, entries: readonly Entry[]): Warning[] {
  const count = new Map(scopes.map((scope) => [scope, 0]))
  const idle = entries.filter(({ rule, scope }) => {
    count.set(scope, (count.get(scope) ?? 0) + 1)
    return openedBy(rule).next().done
  })
  const empty = scopes.filter((scope) => count.get(scope) === 0)
  return [
    ...empty.map((scope) => warning('opens_nothing', [scope], 'has no entry, so it opens nothing')),
    ...idle.map(({ scope, index, rule }) => {
      const what = rule.server === '*' ? 'every server' : `the server "${rule.server}"`
      return warning('opens_nothing', [scope, index], `opens no method and no name; it only lets GET and DELETE through to ${what}`)
    }),
  ]
}

/** Cognito's names have a slash: those an agent's token can carry. */
function unmappedScopes({ scopes, groups }: ScopesFile): Warning[] {
  const mapped = new Set([...groups.values()].flat())
  return scopes
    .filter((scope) => !scope.includes('/') && !mapped.has(scope))
    .map((scope) =>
      warning('unmapped_scope', [scope], 'is mapped to no group, and no agent can hold it: it is no RESOURCE_SERVER/SCOPE of Cognito'),
    )
}

/** Names without their method, and the method without names. */
function oddLists({ rule, scope, index }: Entry): Warning[] {
  const found: Warning[] = []
  for (const [method, kind] of NAMED) {
    const named = rule[kind].length > 0
    if (named && rule.methods !== '*' && !rule.methods.includes(method))
      found.push(warning('names_without_method', [scope, index, kind], `open nothing, because methods of this entry lack ${method}`))
    if (!named && rule.methods !== '*' && rule.methods.includes(method))
      found.push(warning('method_without_names', [scope, index, 'methods'], `list ${method}, which opens nothing without ${kind}`))
  }
  return found
}

const members = (opened: Opened): readonly string[] => (opened === '*' ? [] : opened)

/** The MCP Gateway Registry let a method pass that stands among tools. */
function methodsAmongNames({ rule, scope, index }: Entry): Warning[] {
  const looksLikeMethod = (name: string): boolean =>
    BARE_METHODS.includes(name) || /^(?:tools|prompts|resources|notifications|completion|logging|server|tasks)\/[a-zA-Z/_-]+$/.test(name)
  return members(rule.tools)
    .filter((name) => looksLikeMethod(name) && rule.methods !== '*' && !rule.methods.includes(name))
    .map((name) => {
      const text = `"${name}" opens a tool of this name, not the method: methods are opened by methods alone`
      return warning('method_among_names', [scope, index, 'tools', members(rule.tools).indexOf(name)], text)
    })
}

/** Servers may have methods of their own, so only what nearly is one of MCP is doubtful. */
function misspeltMethods({ rule, scope, index }: Entry): Warning[] {
  return members(rule.methods).flatMap((method, at) => {
    const meant = METHODS.includes(method) ? undefined : METHODS.find((known) => isNear(method, known))
    if (meant === undefined) return []
    return [warning('unknown_method', [scope, index, 'methods', at], `"${method}" is no method of MCP; is ${meant} meant?`)]
  })
}

function wildcardsInNames({ rule, scope, index }: Entry): Warning[] {
  return [...NAMED.values()].flatMap((kind) =>
    members(rule[kind]).flatMap((name, at) => {
      if (!name.includes('*')) return []
      return [warning('wildcard_in_name', [scope, index, kind, at], `"${name}" opens this very name: "*" means all only by itself`)]
    }),
  )
}

function repeated(values: readonly string[]): [string, number][] {
  const seen = new Set<string>()
  return [...values.entries()].flatMap(([index, value]): [string, number][] => {
    if (seen.has(value)) return [[value, index]]
    seen.add(value)
    return []
  })
}

function repeatedNames({ groups }: ScopesFile, entries: readonly Entry[]): Warning[] {
  const lists: [Path, readonly string[]][] = [
    ...[...groups].map(([group, scopes]): [Path, readonly string[]] => [['group_mappings', group], scopes]),
    ...entries.flatMap(({ rule, scope, index }) =>
      LISTS.map((key: NamedKind | 'methods'): [Path, readonly string[]] => [[scope, index, key], members(rule[key])]),
    ),
  ]
  return lists.flatMap(([path, values]) =>
    repeated(values).map(([value, at]) => warning('duplicate', [...path, at], `"${value}" stands here a second time`)),
  )
}

function serversByCase(entries: readonly Entry[]): Warning[] {
  const spelling = new Map<string, string>()
  const reported = new Set<string>()
  return entries.flatMap(({ rule: { server }, scope, index }) => {
    const first = spelling.get(server.toLowerCase()) ?? server
    spelling.set(server.toLowerCase(), first)
    if (first === server || reported.has(server)) return []
    reported.add(server)
    return [warning('server_case', [scope, index, 'server'], `"${server}" differs from the server "${first}" only in case`)]
  })
}
