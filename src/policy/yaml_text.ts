/** Pieces of `scopes.yml` as a person would write them. */
import type { Opened, Rule } from '../gate/policy.ts'

/** What YAML 1.2's core schema reads as something else than text. */
const NOT_TEXT = /^(?:null|true|false)$/i
const PLAIN = /^[A-Za-z_][\w./-]*$/

/** A scalar that reads back as this very text: plain where that is safe, else in double quotes, for which JSON's escapes are YAML's. */
export const scalar = (text: string): string => (PLAIN.test(text) && !NOT_TEXT.test(text) ? text : JSON.stringify(text))

const opened = (value: Opened): string => (value === '*' ? '"*"' : `[${value.map(scalar).join(', ')}]`)

/** `GROUP: [SCOPE]` below group_mappings. */
export const mappingText = (group: string, scope: string): string => `group_mappings:\n  ${scalar(group)}:\n    - ${scalar(scope)}\n`

/** An entry below its scope; empty lists are left out. */
export function entryText(rule: Rule): string {
  const { scope, server } = rule
  const lists = (['methods', 'tools', 'prompts', 'resources'] as const).filter((key) => rule[key].length > 0)
  const lines = [`${scalar(scope)}:`, `  - server: ${scalar(server)}`, ...lists.map((key) => `    ${key}: ${opened(rule[key])}`)]
  return `${lines.join('\n')}\n`
}
