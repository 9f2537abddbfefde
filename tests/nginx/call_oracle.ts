/**
 * What a body should come to, by another way than the parser's: the platform's JSON.parse and the rules of the gate, stated on its value.
 * Knows nothing of windows, runs and steps.
 */
import { parseJson } from '../support/json_text.ts'
import type { Verdict } from './njs.ts'

type Members = Record<string, unknown>

const NAMES: ReadonlyMap<unknown, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
])
const MEMBERS = ['jsonrpc', 'id', 'method', 'params']

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
const isContainer = (value: unknown): boolean => typeof value === 'object' && value !== null

function decode(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const character of text.replace(/"(?:[^"\\]|\\.)*"/gs, '')) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    if (character === '}' || character === ']') depth -= 1
  }
  return deepest
}

const isName = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.isWellFormed() && [...value].length <= 256 && !/\p{Cc}/u.test(value)

const isAmbiguous = (key: string): boolean =>
  /[^ -~]|\\/.test(key) || (key !== key.toLowerCase() && ['name', 'uri', 'arguments'].includes(key.toLowerCase()))

/** Such a key may be any other one. */
const hasEscapedKey = (text: string): boolean => (text.match(/"(?:[^"\\]|\\.)*"\s*:/gs) ?? []).some((key) => key.includes('\\'))

/** Whether a key, in any case, stands in the text more than once. */
function mayRepeat(text: string, keys: readonly string[]): boolean {
  const low = text.toLowerCase()
  return hasEscapedKey(text) || keys.some((key) => low.split(JSON.stringify(key.toLowerCase())).length > 2)
}

/** For each refusal whether it may be given for valid JSON of this value. Of members that are there twice, the value has only the last. */
const GROUNDS: Record<string, (value: Members, params: Members, text: string) => boolean> = {
  response_not_allowed: (value) => 'result' in value || 'error' in value,
  member_unknown: (value, params, text) =>
    Object.keys(value).some((key) => !MEMBERS.includes(key)) || Object.keys(params).some(isAmbiguous) || mayRepeat(text, ['params']),
  member_duplicated: (value, params, text) => mayRepeat(text, [...Object.keys(value), ...Object.keys(params)]),
  member_invalid: (value, _params, text) => ['jsonrpc', 'id', 'method'].some((key) => isContainer(value[key])) || mayRepeat(text, MEMBERS),
  params_not_object: (value, _params, text) => ('params' in value && !isObject(value.params)) || mayRepeat(text, ['params']),
  jsonrpc_invalid: (value, _params, text) => value.jsonrpc !== '2.0' || /"jsonrpc"\s*:\s*"[^"]*\\/.test(text),
  id_invalid: (value, _params, text) =>
    ('id' in value && !(typeof value.id === 'string' || Number.isInteger(value.id))) ||
    /"id"\s*:\s*-?\d+[.eE]/.test(text) ||
    // As it stands in the text: escapes count with all their characters.
    [...text.matchAll(/"id"\s*:\s*("(?:[^"\\]|\\.)*"|[^\s,}]+)/gs)].some(([, token = '']) => token.length > 256),
  method_invalid: (value, _params, text) =>
    typeof value.method !== 'string' || /[^A-Za-z0-9_.$/-]|^$|.{257}/s.test(value.method) || /"method"\s*:\s*"[^"]*\\[^/]/.test(text),
  name_invalid: (value, params, text) =>
    mayRepeat(text, ['params', 'name', 'uri']) ||
    isContainer(params.name) ||
    isContainer(params.uri) ||
    (NAMES.has(value.method) && !isName(params[NAMES.get(value.method) as string])),
  body_too_deep: (_value, _params, text) => depthOf(text) > 128,
  body_too_complex: (_value, params, text) => text.length > 15_000 || Object.keys(params).length > 128 || mayRepeat(text, ['params']),
  json_invalid: (_value, _params, text) => /[-+.0-9eE]{512}/.test(text),
}

function grounds(reason: string, value: unknown, text: string): boolean {
  if (Array.isArray(value)) return reason === 'batch_not_allowed'
  if (!isObject(value)) return reason === 'json_invalid'
  const params = isObject(value.params) ? value.params : {}
  return GROUNDS[reason]?.(value, params, text) ?? false
}

function same(verdict: Verdict, value: unknown, text: string): string {
  if (!isObject(value)) return 'accepted what is no object'
  const params = isObject(value.params) ? value.params : {}
  const name = NAMES.has(value.method) ? params[NAMES.get(value.method) as string] : null
  if (verdict.method !== value.method) return `method ${JSON.stringify(verdict.method)}, JSON.parse says ${JSON.stringify(value.method)}`
  if (verdict.name !== name) return `name ${JSON.stringify(verdict.name)}, JSON.parse says ${JSON.stringify(name)}`
  const id = verdict.id === '' ? undefined : JSON.parse(verdict.id)
  if (id !== value.id) return `id ${JSON.stringify(id)}, JSON.parse says ${JSON.stringify(value.id)}`
  const exact = ['response_not_allowed', 'params_not_object', 'name_invalid', 'body_too_deep', 'batch_not_allowed']
  const missed = exact.find((reason) => grounds(reason, value, reason === 'body_too_deep' ? text : ''))
  if (missed !== undefined) return `accepted, although ${missed}`
  if (value.jsonrpc !== '2.0') return 'accepted without jsonrpc 2.0'
  return Object.keys(value).some((key) => !MEMBERS.includes(key)) ? 'accepted with an unknown member' : ''
}

/** Why the verdict cannot be right, or ''. */
export function objection(body: Buffer, verdict: Verdict): string {
  const text = decode(body)
  if (text === null) return verdict.refused === 'body_not_utf8' ? '' : 'not UTF-8'
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    if (verdict.refused === undefined) return 'accepted what JSON.parse refuses'
    return verdict.refused in GROUNDS || verdict.refused === 'batch_not_allowed' ? '' : `refused for ${verdict.refused}`
  }
  if (verdict.refused === undefined) return same(verdict, value, text)
  return grounds(verdict.refused, value, text) ? '' : `valid, yet refused for ${verdict.refused}`
}
