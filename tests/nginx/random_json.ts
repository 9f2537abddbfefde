/** Random messages and their mutations, the same for every engine: all of it follows from one seed. */

/** `SEED=… node --import tsx tests/nginx/call_node.test.ts` repeats a run. */
export const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
console.log(`seed ${SEED}`)

const TEXTS = 1500
const MUTATIONS = 2500

export interface Random {
  below(limit: number): number
  pick<T>(values: readonly T[]): T
  /** True once in `times`. */
  once(times: number): boolean
}

/** Mulberry32: 32 bits of state are plenty for texts. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, pick: (values) => values[below(values.length)] as (typeof values)[number], once: (times) => below(times) === 0 }
}

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

function value(random: Random, depth: number): string {
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

function message(random: Random): string {
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

function listAnswer(random: Random): string {
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

function mutate(random: Random, text: string): string {
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

/** Valid JSON, most of it messages that pass. */
export function* texts(): Generator<Buffer> {
  const random = createRandom(SEED)
  for (let left = TEXTS; left > 0; left -= 1) yield Buffer.from(message(random))
}

/** One to three changes to such a text, and now and then a byte that is no UTF-8. */
export function* mutations(): Generator<Buffer> {
  const random = createRandom(SEED + 1)
  for (let left = MUTATIONS; left > 0; left -= 1) {
    let text = message(random)
    for (let changes = 1 + random.below(3); changes > 0; changes -= 1) text = mutate(random, text)
    const body = Buffer.from(text)
    if (random.once(20) && body.length > 0) body[random.below(body.length)] = 128 + random.below(128)
    yield body
  }
}

const LONGEST_LIST = 48 * 1024

/** Answers to tools/list, and each with a change or two. */
export function* listAnswers(): Generator<{ text: string; mutation: string }> {
  const random = createRandom(SEED + 2)
  for (let left = TEXTS; left > 0; left -= 1) {
    const text = listAnswer(random)
    // Longer ones are dense enough to take more steps than one answer has.
    if (text.length > LONGEST_LIST) continue
    yield { text, mutation: mutate(random, random.once(3) ? mutate(random, text) : text) }
  }
}
