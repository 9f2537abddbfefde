/** A grammar of messages and lists as they could come, right ones and nearly right ones. */
import type { Random } from '../support/random.ts'

const CHARACTERS = ['a', 'now', ' ', '/', '{', ']', ':', ',', '0', '\u00e9', '\u20ac', '\u{1f600}', '\ufeff', '\u2028', 'e5', "'", '\u007f']
const ESCAPES = ['\\n', '\\"', '\\\\', '\\/', '\\u0041', '\\u00e9', '\\ud83d\\ude00', '\\ud800', '\\u0000', '\\b']
const BLANKS = ['', '', '', '', ' ', '\n', '\t', ' \r\n ', '  ']
const NUMBERS = ['0', '-0', '7', '-12', '1.5', '1e3', '-1.25E-7', '9007199254740993', '0.0', '10', '123456789', '1E+2', '4'.repeat(60)]
const METHODS = ['tools/call', 'prompts/get', 'resources/read', 'ping', 'tools\\/list']
const BAD_METHODS = ['x y', '', 'a\\u0062', 'tools/call\u00a0']
const KEYS = ['_meta', 'cursor', 'x', 'Cursor', '__proto__', 'a b']
const BAD_KEYS = ['name', 'uri', 'arguments', 'Name', 'n\\u0061me', '\u00e9']

function string(random: Random, scale: number): string {
  let text = ''
  for (let left = random.below(scale); left > 0; left -= 1) text += random.once(6) ? random.pick(ESCAPES) : random.pick(CHARACTERS)
  return `"${text}"`
}

/** Any JSON value, at most so many levels deep. */
export function value(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 10 : 5)
  if (kind === 0) return string(random, random.once(12) ? 900 : 12)
  if (kind === 1) return random.pick(['true', 'false', 'null'])
  if (kind < 5) return random.pick(NUMBERS)
  const blank = (): string => random.pick(BLANKS)
  const size = random.once(15) ? random.below(250) : random.below(7)
  const inner = depth - 1 - (size > 20 ? 2 : 0)
  const items = Array.from({ length: size }, () => {
    const item = value(random, Math.max(0, inner))
    return kind < 8 ? `${blank()}${string(random, 6)}${blank()}:${blank()}${item}${blank()}` : `${blank()}${item}${blank()}`
  })
  const inside = items.length === 0 ? blank() : items.join(',')
  return kind < 8 ? `{${inside}}` : `[${inside}]`
}

function params(random: Random): string {
  if (random.once(40)) return value(random, 1)
  const members = [`"name":${random.once(4) ? string(random, 8) : '"now"'}`, `"uri":${random.once(20) ? value(random, 1) : '"a:b"'}`]
  const sized = random.once(3) ? [`"pad":"${'p'.repeat(random.below(2400))}"`] : []
  const others = Array.from({ length: random.below(3) }, () => `"${random.pick(random.once(12) ? BAD_KEYS : KEYS)}":${value(random, 2)}`)
  const all = [...members, ...sized, `"arguments":${value(random, 2 + random.below(6))}`, ...others]
  return `{${all.sort(() => random.below(3) - 1).join(',')}}`
}

/** Valid JSON, most of it messages that pass. */
export function message(random: Random): string {
  const members = [
    `"jsonrpc":${random.once(40) ? string(random, 3) : '"2.0"'}`,
    `"id":${random.once(30) ? value(random, 1) : random.pick(['1', '"x"', '-3'])}`,
    `"method":"${random.pick(random.once(12) ? BAD_METHODS : METHODS)}"`,
    `"params":${params(random)}`,
  ]
  const kept = members.filter(() => !random.once(40))
  if (random.once(20)) kept.push(random.pick([...members, '"extra":1', '"result":{}', '"Method":"x"']))
  const blank = random.pick(BLANKS)
  return `${blank}{${kept.sort(() => random.below(3) - 1).join(`${blank},`)}}${random.pick(BLANKS)}`
}

const ITEM_NAMES = ['"now"', '"a b\\u00e9"', '"n\\u006fw"', '"drop"', '"\\ud800"', '""', '5', 'null', '["now"]', '"now "']
const ITEM_KEYS = ['"name"', '"name"', '"name"', '"name"', '"n\\u0061me"', '"uri"', '"Name"', '"x"']

function item(random: Random): string {
  if (random.once(15)) return value(random, 2)
  const blank = random.pick(BLANKS)
  const members = [`${random.pick(ITEM_KEYS)}${blank}:${blank}${random.pick(ITEM_NAMES)}`]
  for (let left = random.below(4); left > 0; left -= 1) {
    const size = random.once(12) ? 2 + random.below(6) : random.below(3)
    members.push(
      `${random.once(3) ? '"inputSchema"' : string(random, 4)}${blank}:${random.once(4) ? '{"name":"drop"}' : value(random, size)}`,
    )
  }
  if (random.once(10)) members.push(`${random.pick(ITEM_KEYS)}:${random.pick(ITEM_NAMES)}`)
  return `{${blank}${members.sort(() => random.below(3) - 1).join(`${blank},`)}${blank}}`
}

/** An answer to tools/list. */
export function listAnswer(random: Random): string {
  const blank = (): string => random.pick(BLANKS)
  const items = Array.from({ length: random.below(random.once(10) ? 60 : 6) }, () => `${blank()}${item(random)}${blank()}`)
  const members = [`"tools"${blank()}:${blank()}[${items.join(',') || blank()}]`]
  if (random.once(3)) members.push('"nextCursor":"c"', `"cacheScope":${blank()}"${random.pick(['public', 'private'])}"`)
  if (random.once(4)) members.push(`"_meta":${value(random, 3)}`)
  if (random.once(20))
    members.push(random.pick(['"tools":[]', '"prompts":[{"name":"drop"}]', '"cacheScope":1', '"Tools":[]', '"resources":{}']))
  const result = `"result":{${blank()}${members.sort(() => random.below(3) - 1).join(',')}}`
  return `${blank()}{${['"jsonrpc":"2.0"', '"id":7', result].sort(() => random.below(3) - 1).join(`${blank()},`)}}${blank()}`
}

const PIECES = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', ' ', '\n', '\0', 'x', 'null', '\u00e9', '"name":', '\\u', '1']

/** One change to a text. */
export function mutate(random: Random, text: string): string {
  const at = random.below(text.length + 1)
  const end = at + random.below(random.once(3) ? 30 : 2)
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + text.slice(end + 1)
    case 1:
      return text.slice(0, at) + random.pick(PIECES) + text.slice(at)
    case 2:
      return text.slice(0, at) + random.pick(PIECES) + text.slice(at + 1)
    case 3:
      return text.slice(0, end) + text.slice(at)
    default:
      return text.slice(0, random.once(10) ? at : text.length) + random.pick(PIECES)
  }
}
