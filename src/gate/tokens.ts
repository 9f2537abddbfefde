/** The words in which rules and calls are compared: `METHOD`, `METHOD=NAME`, with `*` for any. NGINX knows the same ones. */
import { type Call, NAMED, type NamedKind } from './call.ts'
import type { Rule } from './policy.ts'

export const ANY = '*'
/** Tokens never start with a colon, so this stands for "the server at all". */
export const OPEN = ':open'
export const WILDCARDS = [ANY, ...[...NAMED.keys()].map((method) => `${method}=${ANY}`)]

const namedToken = (method: string, name: string): string => `${method}=${encodeURIComponent(name)}`

/** The tokens of which one must be in a set for the call to pass. NGINX looks up the same ones. */
export function tokensFor(call: Call): readonly [string, string] {
  if (NAMED.has(call.method)) return [namedToken(call.method, call.name ?? ''), `${call.method}=${ANY}`]
  return [call.method, ANY]
}

/** The tokens that a rule stands for. A wildcard among methods does not open names: those need their own lists. */
export function tokensOf(rule: Rule): string[] {
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

/** Scope → the tokens that it opens on one server. */
export type Grants = Map<string, Set<string>>
