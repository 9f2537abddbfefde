/**
 * What of an answer to tools/list may be shown, by another way than the filter's: the platform's JSON.parse, and the rules stated on its
 * value. Knows nothing of places in the text.
 */
import { parseJson } from '../support/json_text.ts'

type Members = Record<string, unknown>

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
const parsed = (text: string): unknown => {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
const LISTS = ['tools', 'prompts', 'resources', 'resourceTemplates']
const KEY = /"(?:[^"\\]|\\.)*"(?=\s*:)/gs

/** Whether some key that matters stands in the text twice or in other letters, so that the filter may refuse or hide. */
function isDoubtful(text: string): boolean {
  const keys = (text.match(KEY) ?? []).map((key) => String(parsed(key)))
  const counted = [...LISTS, 'cacheScope', 'result', 'id']
  return counted.some(
    (name) =>
      keys.filter((key) => key.toLowerCase() === name.toLowerCase()).length > 1 ||
      keys.some((key) => key !== name && key.toLowerCase() === name.toLowerCase()),
  )
}

/** All the names by which an item could be known to some parser. */
export function namesOf(text: string): unknown[] {
  const value = parsed(text)
  const result = isObject(value) ? value.result : undefined
  if (!isObject(result)) return []
  return LISTS.flatMap((list) => (Array.isArray(result[list]) ? result[list] : [])).map((item) => (isObject(item) ? item.name : undefined))
}

/**
 * Why what is shown cannot be right, or ''.
 * @param allowed the names that the caller may use
 */
export function objectionToList(text: string, shown: string | null, allowed: readonly string[]): string {
  const value = parsed(text)
  if (value === undefined) return shown === null ? '' : 'shown, although it is no JSON'
  const result = isObject(value) ? value.result : undefined
  if (shown === null) {
    const hasList =
      isObject(result) &&
      (result.tools === null || Array.isArray(result.tools) || !('tools' in result)) &&
      !isObject(result.cacheScope) &&
      !Array.isArray(result.cacheScope)
    const fine = isObject(value) && (hasList || !('result' in value)) && !isDoubtful(text)
    return fine ? 'not shown, although it can be read' : ''
  }
  if (!isObject(value)) return 'shown, although it is no message'
  const strangers = namesOf(shown).filter((name) => !allowed.includes(name as string))
  if (strangers.length > 0) return `shows ${JSON.stringify(strangers)}`
  return isDoubtful(text) ? '' : sameBesides(value, parsed(shown), allowed, hasTwins(text, value))
}

/** Whether some item may have two names, of which JSON.parse shows one. What stands inside of an item as a value is no name of it. */
function hasTwins(text: string, { result }: Members): boolean {
  const inner = '{"name":"drop"}'
  const keys = text.replaceAll(inner, '0').match(KEY) ?? []
  const lists = isObject(result) ? LISTS.flatMap((list) => (Array.isArray(result[list]) ? (result[list] as unknown[]) : [])) : []
  const named = lists.filter((item) => isObject(item) && 'name' in item && JSON.stringify(item) !== inner)
  return keys.filter((key) => String(parsed(key)).toLowerCase() === 'name').length > named.length
}

/** Everything but the items that may not be seen must still be there. Items with two names may be left out. */
function sameBesides(before: Members, after: unknown, allowed: readonly string[], twins: boolean): string {
  if (!isObject(after)) return 'no message any more'
  const { result: from, ...rest } = before
  const { result: to, ...restAfter } = after
  if (JSON.stringify(rest) !== JSON.stringify(restAfter)) return 'the message has changed'
  if (!isObject(from) || !isObject(to)) return JSON.stringify(from) === JSON.stringify(to) ? '' : 'the result has changed'
  for (const key of Object.keys(from)) {
    const kept =
      Array.isArray(from[key]) && LISTS.includes(key)
        ? (from[key] as unknown[]).filter((item) => isObject(item) && isPlain(item, allowed))
        : from[key]
    const expected =
      key === 'cacheScope' && LISTS.some((list) => list in from && (Array.isArray(from[list]) || list === 'tools')) ? 'private' : kept
    if (Array.isArray(kept) && LISTS.includes(key)) {
      if (
        !isWithin(
          kept.map((item) => JSON.stringify(item)),
          to[key],
          twins,
        )
      )
        return `${key} has changed`
    } else if (JSON.stringify(expected) !== JSON.stringify(to[key])) return `${key} has changed`
  }
  return ''
}

const isPlain = (item: Members, allowed: readonly string[]): boolean =>
  allowed.includes(item.name as string) && Object.keys(item).filter((key) => key.toLowerCase() === 'name').length === 1

/** Whether a list holds nothing but these items, in their order, and all of them unless some may be missing. */
function isWithin(expected: readonly string[], list: unknown, mayMiss: boolean): boolean {
  if (!Array.isArray(list) || (!mayMiss && list.length !== expected.length)) return false
  let at = 0
  for (const item of list) {
    const found = expected.indexOf(JSON.stringify(item), at)
    if (found === -1) return false
    at = found + 1
  }
  return true
}

/** Whether a text is another one with parts left out. */
export function isSubsequence(part: string, whole: string): boolean {
  let at = 0
  for (const character of part) {
    at = whole.indexOf(character, at) + 1
    if (at === 0) return false
  }
  return true
}
