/** What entries of `scopes.yml` open, one right at a time. It decides nothing; the gate does, by the same entries. */
import { NAMED, type NamedKind } from '../gate/call.ts'
import type { Opened, Rule } from '../gate/policy.ts'

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

export const ANY = '*'
export const KINDS: Record<NamedKind, RightKind> = { tools: 'tool', prompts: 'prompt', resources: 'resource' }
export const ORDER: readonly RightKind[] = ['method', 'tool', 'prompt', 'resource']

/** Equal rights of several rules are one right with several reasons; wildcards come first within their kind. */
export function rightsOf(rules: readonly Rule[], givers: ReadonlyMap<string, string[]>): Right[] {
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
export function* openedBy(rule: Rule): Generator<[RightKind, string]> {
  for (const method of members(rule.methods)) if (!NAMED.has(method)) yield ['method', method]
  for (const [method, kind] of NAMED) {
    if (rule.methods !== ANY && !rule.methods.includes(method)) continue
    for (const name of members(rule[kind])) yield [KINDS[kind], name]
  }
}
