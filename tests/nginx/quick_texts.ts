/** Calls as clients write them, and as an attacker would change them by a character or two. */
import type { Random } from '../support/random.ts'

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
