/** The shape of `scopes.yml` (the MCP Gateway Registry's format and our additions), checked as a whole. */
import { isMethod, MAX_LENGTH } from '../gate/call.ts'
import type { Opened, Rule } from '../gate/policy.ts'
import { isNear } from './near.ts'

export interface ScopesFile {
  rules: Rule[]
  scopes: string[]
  groups: Map<string, string[]>
  /** `UI-Scopes`: permissions of the registry's web pages, by UI scope, permission and service. Kept, not interpreted. */
  uiScopes: Map<string, Map<string, string[]>>
  /** Methods and names over all rules, aliases counted as often as they stand. */
  names: number
}

/** YAML aliases can make a small file stand for endless lists. */
const MAX_NAMES = 4_000_000

/** A server's name is a constant of an NGINX location and a path segment, so it keeps to plain characters. */
const SERVER = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/
/** RFC 6749 section 3.3: scope-token; no quote or backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,512}$/
const SECTIONS = ['group_mappings', 'UI-Scopes']
const RULE_KEYS = ['server', 'methods', 'tools', 'prompts', 'resources']

/** Whether a name can be a server's: letters, digits, inner `.`, `_`, `-`, at most 64. */
export const isServer = (name: string): boolean => SERVER.test(name)

/** Keys and indices from the top of the document. */
export type Path = ReadonlyArray<string | number>

interface Problem {
  path: Path
  text: string
}
type Problems = Problem[]
type Mapping = Record<string, unknown>

/**
 * Checks a parsed `scopes.yml`.
 * @returns the file, or every problem with its path, such as `mcp/read[2].tools must be "*" or a list of names`, and in `places` the
 *   same paths for looking up where they stand
 */
export function checkScopes(document: unknown): { file: ScopesFile } | { problems: string[]; places: Path[] } {
  const problems: Problems = []
  const file: ScopesFile = { rules: [], scopes: [], groups: new Map(), uiScopes: new Map(), names: 0 }
  if (!isMapping(document))
    return { problems: ['the file must be a mapping with group_mappings and scopes; it is empty or something else'], places: [[]] }
  for (const [key, value] of Object.entries(document)) {
    if (key === 'group_mappings') checkGroups(value, file, problems)
    else if (key === 'UI-Scopes') checkUiScopes(value, file, problems)
    else checkScope(key, value, file, problems)
  }
  if (problems.length === 0 && file.scopes.length === 0)
    problems.push({ path: [], text: 'no scope is defined, so nobody could call anything' })
  return problems.length > 0 ? { problems: problems.map(({ text }) => text), places: problems.map(({ path }) => path) } : { file }
}

function checkGroups(value: unknown, file: ScopesFile, problems: Problems): void {
  const add = (keys: string[], text: string) => problems.push({ path: ['group_mappings', ...keys], text })
  if (!isMapping(value)) return void add([], 'group_mappings must map Cognito groups to lists of scope names')
  for (const [group, scopes] of Object.entries(value)) {
    if (isNames(scopes)) file.groups.set(group, [...scopes])
    else add([group], `group_mappings.${group} must be a list of scope names, got ${describe(scopes)}`)
  }
}

function checkUiScopes(value: unknown, file: ScopesFile, problems: Problems): void {
  const add = (keys: string[], text: string) => problems.push({ path: ['UI-Scopes', ...keys], text })
  if (!isMapping(value)) return void add([], 'UI-Scopes must map UI scopes to permissions')
  for (const [scope, permissions] of Object.entries(value)) {
    if (!isMapping(permissions)) {
      add([scope], `UI-Scopes.${scope} must map permissions to lists of services, got ${describe(permissions)}`)
      continue
    }
    const checked = new Map<string, string[]>()
    for (const [permission, services] of Object.entries(permissions)) {
      if (isNames(services)) checked.set(permission, [...services])
      else add([scope, permission], `UI-Scopes.${scope}.${permission} must be a list of services or [all], got ${describe(services)}`)
    }
    file.uiScopes.set(scope, checked)
  }
}

function checkScope(scope: string, value: unknown, file: ScopesFile, problems: Problems): void {
  const add = (text: string) => problems.push({ path: [scope], text })
  if (!SCOPE.test(scope)) return void add(`${scope}: a scope name is 1 to 512 visible ASCII characters without quote and backslash`)
  if (!Array.isArray(value)) {
    const meant = SECTIONS.find((section) => isNear(scope, section))
    return void add(`${scope} must be a list of {server, methods, tools}, got ${kindOf(value)}${meant ? `; is ${meant} meant?` : ''}`)
  }
  file.scopes.push(scope)
  value.forEach((rule, index) => {
    checkRule(scope, index, rule, file, problems)
  })
}

/** Reports a problem of one entry, or of one key of it; the text goes on behind the path. */
type Complain = (key: string | null, text: string) => void

function checkRule(scope: string, index: number, rule: unknown, file: ScopesFile, problems: Problems): void {
  const add: Complain = (key, text) => {
    const path = key === null ? [scope, index] : [scope, index, key]
    problems.push({ path, text: `${scope}[${index}]${key === null ? '' : `.${key}`}${text}` })
  }
  if (!isMapping(rule)) return void add(null, ` must be a mapping with server and methods, got ${kindOf(rule)}`)
  const before = problems.length
  for (const key of Object.keys(rule)) {
    if (!RULE_KEYS.includes(key)) add(key, ` is not known; known are ${RULE_KEYS.join(', ')}`)
  }
  const { server } = rule
  if (typeof server !== 'string' || (server !== '*' && !isServer(server))) {
    add('server', ` must be "*" or a name of letters, digits, ".", "_" and "-" (at most 64), got ${describe(server)}`)
  }
  const methods = opened(rule, 'methods', 'MCP methods', file, add)
  if (methods !== '*') {
    for (const method of methods) if (!isMethod(method)) add('methods', `: ${describe(method)} cannot be an MCP method`)
  }
  const tools = opened(rule, 'tools', 'tool names', file, add)
  const prompts = opened(rule, 'prompts', 'prompt names', file, add)
  const resources = opened(rule, 'resources', 'resource URIs', file, add)
  if (problems.length === before) file.rules.push({ scope, server: server as string, methods, tools, prompts, resources })
}

/** A missing list opens nothing. A `*` counts only as the whole value, so that no list is wider than it reads. */
function opened(rule: Mapping, key: string, what: string, file: ScopesFile, add: Complain): Opened {
  const value = rule[key]
  if (value === undefined || value === null || file.names > MAX_NAMES) return []
  if (value === '*') return '*'
  if (Array.isArray(value)) file.names += value.length
  if (file.names > MAX_NAMES) {
    add(key, `: the rules list more than ${MAX_NAMES} names, aliases included`)
    return []
  }
  if (!isNames(value)) {
    add(key, ` must be "*" or a list of ${what}, got ${describe(value)}`)
    return []
  }
  for (const name of value) {
    if (name.length > MAX_LENGTH) add(key, `: ${describe(name)} is longer than ${MAX_LENGTH} characters`)
    else if (name === '*') add(key, `: write "*" instead of a list to open all ${what}`)
  }
  return value
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '' && item.isWellFormed())
}

/**
 * The beginning of a value as JSON. Aliases can make a value endless or contain itself, so nothing is written out, or even listed, beyond
 * what is shown.
 */
function shortJson(value: unknown, room = 61): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value)
  const isList = Array.isArray(value)
  let text = isList ? '[' : '{'
  for (const [key, item] of isList ? value.entries() : membersOf(value as Mapping)) {
    if (text.length > 1) text += ','
    if (!isList) text += `${JSON.stringify(key)}:`
    if (text.length >= room) return text
    text += shortJson(item, room - text.length)
  }
  return text + (isList ? ']' : '}')
}

/** The first keys of a mapping, more than are ever shown. Aliases make one mapping stand in thousands of places, where it is listed once. */
const firstKeys = new WeakMap<Mapping, string[]>()

function* membersOf(value: Mapping): Generator<[string, unknown]> {
  const keys = firstKeys.get(value) ?? Object.keys(value).slice(0, 61)
  firstKeys.set(value, keys)
  for (const key of keys) yield [key, value[key]]
}

/** For what does not look like a policy at all, but perhaps like a file of secrets, which messages must not repeat. */
function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a mapping'
  return describe(value)
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = shortJson(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
