/** Traps of nginx that let a request through without the gate, each a rule that names the places where a configuration steps into it. */
import { type Directive, type Files, readConfig, walk } from './config.ts'
import { locationsOf } from './location.ts'
import type { Rules } from './rule.ts'
import { CACHE_RULES } from './rules_cache.ts'
import { KNOWN_RULES } from './rules_known.ts'
import { LIMIT_RULES } from './rules_limits.ts'
import { PASSAGE_RULES } from './rules_passage.ts'
import { QUESTION_RULES } from './rules_question.ts'
import { SERVER_RULES } from './rules_server.ts'

export interface Problem {
  rule: string
  at: string
  what: string
}

const RULES: Rules = { ...QUESTION_RULES, ...PASSAGE_RULES, ...CACHE_RULES, ...KNOWN_RULES, ...LIMIT_RULES, ...SERVER_RULES }

export const RULE_NAMES: readonly string[] = Object.keys(RULES)

/** Every place where a rule is broken. */
export function broken(directives: readonly Directive[]): { rule: string; found: Directive }[] {
  const all = [...walk(directives)]
  const locations = locationsOf(all)
  return Object.entries(RULES).flatMap(([rule, check]) =>
    check(locations, all).flatMap((found) => (found === undefined ? [] : [{ rule, found }])),
  )
}

/**
 * Every trap that a configuration steps into, held to the standard of the shipped one, which has nothing but the gate in it.
 * @throws {UnreadableConfig}
 */
export function lint(files: Files, main: string): Problem[] {
  return broken(readConfig(files, main)).map(({ rule, found }) => ({ rule, at: found.at, what: `${found.name} ${found.args.join(' ')}` }))
}
