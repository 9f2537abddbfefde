/** The rule of `scopes.yml`, word by word. */
import { type Call, NAMED } from '../../src/gate/call.ts'
import type { Opened, Rule } from '../../src/gate/policy.ts'

const lists = (list: Opened, value: string | null): boolean => list === '*' || (value !== null && list.includes(value))
export const reaches = (rule: Rule, held: readonly string[], server: string): boolean =>
  held.includes(rule.scope) && (rule.server === '*' || rule.server === server)

/** One entry of one held scope lists the server, the method and, for the named methods, the name. */
export function permitted(rules: readonly Rule[], held: readonly string[], server: string, { method, name }: Call): boolean {
  const kind = NAMED.get(method)
  return rules.some((rule) => reaches(rule, held, server) && lists(rule.methods, method) && (kind === undefined || lists(rule[kind], name)))
}
