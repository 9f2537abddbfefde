/** Bodies of requests: messages, and what somebody could make of them who looks for a gap between two readers of JSON. */
import { call, changedCall } from '../nginx/glance_texts.ts'
import { message, mutate, value } from '../nginx/random_json.ts'
import type { Random } from '../support/random.ts'

/** Bytes that are no UTF-8, or that mean something before and between: marks, overlong forms, surrogates, what lies beyond U+10FFFF. */
const BYTES: readonly Buffer[] = [
  ...['efbbbf', 'fffe', 'feff', '00', 'c0af', 'c0a2', 'c080', 'e080a2', 'f08080a2', 'f08fbfbf', 'eda080', 'edb080'],
  ...['eda0bdedb880', 'f4908080', 'f888808080', 'e9', '80', 'c3', 'e282', 'f09f98', 'ff', 'c285', 'e280a8', '7f', '1f', '09', '0d'],
].map((hex) => Buffer.from(hex, 'hex'))

/** One to three bytes changed, put in, taken out or doubled. */
export function mutateBytes(random: Random, body: Buffer): Buffer {
  let result = body
  for (let left = random.below(3); left >= 0; left -= 1) {
    const at = random.below(result.length + 1)
    const behind = at + random.below(4)
    const piece = [Buffer.alloc(0), random.pick(BYTES), Buffer.from([random.below(256)]), result.subarray(at, behind)][
      random.below(4)
    ] as Buffer
    result = Buffer.concat([result.subarray(0, at), piece, result.subarray(random.once(2) ? at : behind)])
  }
  return result
}

const PROTOTYPE = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', 'length']
const NAMES = [
  'now',
  'a b',
  '*',
  '%2A',
  'x=y',
  '\u00e9',
  'e\u0301',
  '\u{1f600}',
  '\ufeff',
  '\u2028',
  '\u0000',
  '\u009f',
  '\\ud800',
  '\\udc00\\ud800',
  '\\u0000',
]

/** A name of any length about the limit, in any spelling. */
function longName(random: Random): string {
  const unit = random.pick(['x', '\u00e9', '\u{1f600}', '\\u0041', '\\ud83d\\ude00', '\\/', '\\\\'])
  return unit.repeat(random.pick([1, 127, 128, 254, 255, 256, 257, 258, 512, 600])) + (random.once(2) ? random.pick(NAMES) : '')
}

function spelled(random: Random, key: string): string {
  const at = random.below(key.length)
  const code = key.charCodeAt(at).toString(16).padStart(4, '0')
  return random.once(3) ? `${key.slice(0, at)}\\u${code}${key.slice(at + 1)}` : random.once(3) ? key.toUpperCase() : key
}

/** Calls that lay stress on one thing: names, keys, depth. */
function stressed(random: Random): string {
  const method = random.pick(['tools/call', 'prompts/get', 'resources/read', 'ping', ...PROTOTYPE])
  const name = random.pick([() => random.pick(NAMES), () => longName(random), () => random.pick(PROTOTYPE)])()
  const keys = [
    random.pick(['name', 'uri']),
    ...Array.from({ length: random.below(4) }, () => random.pick([...PROTOTYPE, '_meta', 'name', 'uri'])),
  ]
  const depth = random.pick([0, 1, 2, 20, 60, 122, 123, 124, 125, 126, 127, 128, 129, 200, 3000])
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"name":', '}]'],
  ] as const)
  const inner = `${open.repeat(depth)}${random.pick(['1', '[]', '{}', '"x"'])}${close.repeat(depth)}`
  const members = keys.map((key) => `"${random.once(4) ? spelled(random, key) : key}":${random.once(5) ? value(random, 1) : `"${name}"`}`)
  return `{"jsonrpc":"2.0","id":${random.pick(['1', '"a"', `"${longName(random)}"`, '-0', '1e0', 'null'])},"method":"${method}","params":{${members.join(',')},"arguments":${inner}}}`
}

/** Valid JSON of which most passes, stressed calls, and both changed as texts and as bytes. */
export function body(random: Random): Buffer {
  let text = random.once(3) ? stressed(random) : message(random)
  const way = random.below(4)
  if (way === 1 || way === 2) for (let left = random.below(3); left >= 0; left -= 1) text = mutate(random, text)
  return way === 3 ? mutateBytes(random, Buffer.from(text)) : Buffer.from(text)
}

/** A call that passes, and the same with one member of it, or of its params, written twice. */
export function doubled(random: Random): { plain: string; text: string } {
  const inParams = random.once(2)
  const own = inParams ? ['name', 'uri', 'arguments', '_meta', ...PROTOTYPE.slice(0, 3)] : ['jsonrpc', 'id', 'method', 'params']
  const key = random.pick(own)
  const twin = `"${spelled(random, key)}":${random.pick(['"x"', '"2.0"', '"ping"', '1', 'null', '{}', '[]', '{"name":"drop"}'])}`
  const values: Record<string, string> = { jsonrpc: '"2.0"', id: '1', method: '"tools/call"', name: '"now"', uri: '"now"' }
  const members = (keys: readonly string[], params: string): string[] =>
    keys.map((one) => `"${one}":${one === 'params' ? params : Object.hasOwn(values, one) ? values[one] : '{}'}`)
  const insert = (all: string[]): string[] => all.toSpliced(random.below(all.length + 1), 0, twin)
  const params = inParams ? members(own, '{}') : ['"name":"now"']
  const top = (inside: string[]): string[] => members(['jsonrpc', 'id', 'method', 'params'], `{${inside.join(',')}}`)
  const doubledTop = inParams ? top(insert(params)) : insert(top(params))
  return { plain: `{${top(params).join(',')}}`, text: `{${doubledTop.join(random.pick([',', ' , ']))}}` }
}

const LETTERS = [
  'a',
  'now',
  ' ',
  '=',
  '=?',
  '=?base64?',
  '?=',
  '*',
  '%2A',
  '/',
  '"',
  '\u00e9',
  '\u{1f600}',
  '\ufeff',
  '\u2028',
  '\ufffd',
  '\u0000',
  '\u0085',
  '\ud800',
]
export const METHODS = ['tools/call', 'prompts/get', 'resources/read', 'ping', 'tools/list', 'constructor', '__proto__', 'x y', '']
/** A name, or what is nearly one. */
export const name = (random: Random): string =>
  Array.from({ length: random.below(random.once(9) ? 300 : 5) }, () => random.pick(LETTERS)).join('')

/** The two headers that repeat a call, the second one right, nearly right or by chance. */
export function headers(random: Random): { method: string; header: string } {
  const bytes = mutateBytes(random, Buffer.from(name(random)))
  const text = random.once(2) ? bytes.toString('latin1') : bytes.toString('base64')
  const header = random.pick([`=?base64?${text}?=`, `=?base64?${text}`, text, `=?BASE64?${text}?=`])
  return { method: random.pick(METHODS), header: random.once(9) ? header.slice(0, -1) : header }
}

/** A call as clients write it, with a change that is small enough for the quick reader to overlook. */
export function nearlyPlain(random: Random): Buffer {
  switch (random.below(3)) {
    case 0:
      return mutateBytes(random, Buffer.from(call(random)))
    case 1:
      return Buffer.from(call(random).replace(/tools\/call|prompts\/get|resources\/read/, random.pick(METHODS)))
    default:
      return changedCall(random)
  }
}
