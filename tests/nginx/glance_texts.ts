/** Calls as clients write them, and as an attacker would change them by a character or two. */
import reader from '../../nginx/gatehouse/call.js'
import type { Random } from '../support/random.ts'
import type { Glance, Verdict } from './njs.ts'

const VALUES = [
  '1',
  '-0',
  '1.5e-7',
  'true',
  'null',
  '""',
  '"Europe/Berlin"',
  '"\\u00e9\\n"',
  '"\u00e9\u{1f600}"',
  '[]',
  '{}',
  '[1,[2,3]]',
  '{"b":{"c":null}}',
]
const NAMES = ['now', 'a b', 'file:///x/y', "it's", 'x'.repeat(256), '*', '=', '%2A']
const IDS = ['0', '7', '123456789012345', '"a-1"', '""']
/** What is put in, or in the place of something: whatever has a meaning in JSON or in a pattern, and bytes that are no text. */
const PIECES = [
  ...[
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ' ',
    '  ',
    '\n',
    '\t',
    '\u0000',
    '\u007f',
    '\ufeff',
    '\u2028',
    '\ufffd',
    '/',
    '*',
    '.',
    '0',
    '-',
    'e',
  ],
  ...[
    '"name":"x",',
    '"uri":"x",',
    ',"name":"x"',
    ',"arguments":{}',
    '"_meta":{},',
    ',"_meta":{}',
    '"Name":"x",',
    ',"x":1',
    ',"id":2',
    ',"method":"ping"',
  ],
  ...['\\u0022', '\\ud800', '\\x', '01', '1.', '+1', '.5', 'NaN', "'", '//', '"jsonrpc":"2.0",'],
]

/** As clients write them. */
export function call(random: Random): string {
  const colon = random.pick([':', ': '])
  const comma = random.pick([',', ', '])
  const method = random.pick(['tools/call', 'prompts/get', 'resources/read'])
  const members = (...all: string[]): string => `{${all.filter((one) => one !== '').join(comma)}}`
  const member = (name: string, value: string): string => `"${name}"${colon}${value}`
  const values = Array.from({ length: random.below(4) }, (_, index) => member(`k${index}`, random.pick(VALUES)))
  const meta = member('_meta', members(member('progressToken', '1')))
  const params = members(
    random.once(6) ? meta : '',
    member(method === 'resources/read' ? 'uri' : 'name', JSON.stringify(random.pick(NAMES))),
    random.once(5) ? '' : member('arguments', members(...values)),
    random.once(6) ? meta : '',
  )
  const head = [member('jsonrpc', '"2.0"'), member('id', random.pick(IDS))]
  const body = [member('method', `"${method}"`), member('params', params)]
  return members(...(random.once(2) ? [...head, ...body] : [...body, ...head]))
}

/** Changed in one place. */
export function changedCall(random: Random): Buffer {
  const text = Buffer.from(call(random))
  const at = random.below(text.length + 1)
  const until = random.once(2) ? at : Math.min(text.length, at + 1 + random.below(4))
  const piece = random.once(20) ? Buffer.from([128 + random.below(128)]) : Buffer.from(random.pick(PIECES))
  return Buffer.concat([text.subarray(0, at), piece, text.subarray(until)])
}

/** '' where the strict reader says the same of a body that was read at a glance. */
export function disagreement(body: Buffer, read: Glance | null): string {
  if (read === null) return ''
  const { name, ...strict } = parse(body)
  const same = strict.refused === undefined && strict.method === read.method && name === read.name
  const plain = name === encodeURIComponent(name ?? '')
  return same && plain === read.plain ? '' : `${JSON.stringify(read)} instead of ${JSON.stringify({ name, ...strict })} for ${body}`
}

/** Null where bytes are no UTF-8. */
export function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** The strict reader's verdict on bytes. */
export function parse(bytes: Buffer): Verdict {
  const text = textOf(bytes)
  return text === null ? { refused: 'body_not_utf8', id: '' } : (reader.parse(text) as Verdict)
}

/** The longest body that nginx reads at a glance, in bytes. */
const LONGEST = 9999
const HEAD = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"now","arguments":{"a":'
const TAIL = '}}}'
const filled = (name: string, piece: string, reads: boolean, open = '', close = ''): { name: string; text: string; reads: boolean } => {
  const room = LONGEST - Buffer.byteLength(HEAD + TAIL + open + close)
  return { name, text: `${HEAD}${open}${piece.repeat(Math.floor(room / Buffer.byteLength(piece)))}${close}${TAIL}`, reads }
}

/** Bodies of the greatest length, of whatever makes a pattern take a step or go back. */
export const LONG: ReadonlyArray<{ name: string; text: string; reads: boolean }> = [
  filled('letters', 'x', true, '"', '"'),
  filled('escapes', '\\n', true, '"', '"'),
  filled('escaped letters', '\\u00e9', true, '"', '"'),
  filled('letters of two bytes', '\u00e9', true, '"', '"'),
  filled('letters of four bytes', '\u{1f600}', true, '"', '"'),
  filled('a string that does not end', '\\n', false, '"'),
  filled('items', '1,', true, '[', '1]'),
  filled('items without an end', '1,', false, '['),
  filled('items with one that is none', '1,', false, '[', 'x]'),
  filled('rows of items', '[1,[1,2]],', false, '[', '0]'),
  filled('rows', '[1,2],', true, '[', '0]'),
  filled('rows without an end', '[1,2],', false, '['),
  filled('members', '"k":"v",', true, '{', '"k":1}'),
  filled('objects', '{"k":{"v":1}},', false, '[', '0]'),
  filled('objects of one level', '{"k":1},', true, '[', '0]'),
  filled('brackets', '[', false),
  filled('pairs of brackets', '[]', false),
  filled('braces', '{"a":', false),
  filled('digits', '1', false),
  filled('white space', ' ', false),
  filled('quotes', '"', false),
  filled('backslashes', '\\\\', true, '"', '"'),
]
