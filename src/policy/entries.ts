/** The entries of `scopes.yml`, each with the place where it stands. */
import { type Call, NAMED } from '../gate/call.ts'
import { createPolicy, type Opened, type Policy, type Rule } from '../gate/policy.ts'
import type { Path, ScopesFile } from '../scopes/schema.ts'
import { ANY } from './rights.ts'

/** The line of the file on which something stands, from 1; null when that is not known. */
export type LineOf = (path: Path) => number | null

/** A policy as loaded, and where its parts stand. */
export interface PolicyFile {
  policy: Policy
  file: ScopesFile
  lineOf: LineOf
}

export interface Entry {
  rule: Rule
  scope: string
  /** Position under its scope, from 0. */
  index: number
}

/** The entries in the file's order. */
export function entriesOf({ rules }: ScopesFile): Entry[] {
  const counts = new Map<string, number>()
  return rules.map((rule) => {
    const index = counts.get(rule.scope) ?? 0
    counts.set(rule.scope, index + 1)
    return { rule, scope: rule.scope, index }
  })
}

export const isFor = ({ rule }: Entry, server: string): boolean => rule.server === server || rule.server === ANY

/** Whether the entry alone opens the call, or without one the server, by the gate's own judgement. */
export function entryOpens({ rule, scope }: Entry, server: string, call: Call | null): boolean {
  const alone = createPolicy([rule], [scope], new Map())
  return call === null ? alone.opens([scope], server) : alone.permits([scope], server, call)
}

export const lists = (opened: Opened, value: string): boolean => opened === ANY || opened.includes(value)

export type Lack = 'method' | 'name'

/** What an entry for the right server does not list of the call. */
export function lacksOf({ rule }: Entry, { method, name }: Call): Lack[] {
  const kind = NAMED.get(method)
  const lacks: Lack[] = lists(rule.methods, method) ? [] : ['method']
  if (kind !== undefined && name !== null && !lists(rule[kind], name)) lacks.push('name')
  return lacks
}

/** The groups that are mapped to a scope, in the file's order. */
export const groupsWith = ({ groups }: ScopesFile, scope: string): string[] =>
  [...groups].filter(([, scopes]) => scopes.includes(scope)).map(([group]) => group)
