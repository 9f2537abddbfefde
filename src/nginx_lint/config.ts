/** Reads nginx configuration as far as the lint needs it: directives, blocks, quotes, comments, includes. It checks no syntax beyond that. */

export interface Directive {
  name: string
  args: string[]
  /** Null for a directive that ends with a semicolon. */
  block: Directive[] | null
  /** `file:line`. */
  at: string
}

/** Files by the name under which they are included. */
export type Files = Pick<ReadonlyMap<string, string>, 'get'>

/** The names of the files that an `include` stands for. */
export type Resolve = (included: string) => readonly string[]

/** A configuration that cannot be read; the message says where. */
export class UnreadableConfig extends Error {}

/** nginx itself ends long before. */
const MAX_DEPTH = 64

interface Token {
  text: string
  quoted: boolean
  line: number
}

const BLANK = /\s/
const ENDS_WORD = /[\s;{}]/

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  for (let at = 0; at < text.length; ) {
    const character = text[at] as string
    if (character === '\n') line += 1
    if (BLANK.test(character)) at += 1
    else if (character === '#') at = (text.indexOf('\n', at) + 1 || text.length + 1) - 1
    else if (';{}'.includes(character)) {
      tokens.push({ text: character, quoted: false, line })
      at += 1
    } else {
      const quoted = character === '"' || character === "'"
      const end = quoted ? endOfQuote(text, at, character) : endOfWord(text, at)
      const raw = text.slice(at, end)
      tokens.push({ text: quoted ? raw.slice(1, -1) : raw, quoted, line })
      line += raw.split('\n').length - 1
      at = end
    }
  }
  return tokens
}

function endOfQuote(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === quote) return at + 1
  }
  throw new UnreadableConfig('a quote is not closed')
}

/** `${name}` belongs to a word, and so does what a backslash precedes. */
function endOfWord(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const brace = text[at] === '$' && text[at + 1] === '{' ? text.indexOf('}', at) : -1
    if (brace !== -1) at = brace
    else if (text[at] === '\\') at += 1
    else if (ENDS_WORD.test(text[at] as string)) return at
  }
  return text.length
}

/**
 * The directives of a file, with those of the files that it includes in their place.
 * @throws {UnreadableConfig}
 */
export function readConfig(files: Files, file: string, resolve: Resolve = (name) => [name], depth = 0): Directive[] {
  const text = files.get(file)
  if (text === undefined) throw new UnreadableConfig(`${file} is included, but not there`)
  if (depth > MAX_DEPTH) throw new UnreadableConfig(`${file} is included within itself`)
  const tokens = tokensOf(file, text)
  let next = 0
  const readBlock = (opened: Token | null): Directive[] => {
    const directives: Directive[] = []
    for (;;) {
      const first = tokens[next++]
      const closes = first === undefined ? opened === null : first.text === '}' && !first.quoted && opened !== null
      if (closes) return directives
      if (first === undefined) throw new UnreadableConfig(`${file}:${opened?.line}: ${opened?.text} does not end`)
      if (first.text === '}' && !first.quoted) throw new UnreadableConfig(`${file}:${first.line}: a block ends that has not begun`)
      const args: string[] = []
      let token = tokens[next++]
      for (; token !== undefined && (token.quoted || !';{'.includes(token.text)); token = tokens[next++]) args.push(token.text)
      if (token === undefined) throw new UnreadableConfig(`${file}:${first.line}: ${first.text} does not end`)
      if (first.text === 'include') {
        directives.push(...resolve(args[0] ?? '').flatMap((name) => readConfig(files, name, resolve, depth + 1)))
      } else directives.push({ name: first.text, args, block: token.text === '{' ? readBlock(first) : null, at: `${file}:${first.line}` })
    }
  }
  return readBlock(null)
}

function tokensOf(file: string, text: string): Token[] {
  try {
    return tokenize(text)
  } catch (error) {
    throw error instanceof UnreadableConfig ? new UnreadableConfig(`${file}: ${error.message}`) : error
  }
}

/** A directive with the blocks around it, the innermost last. */
export type Placed = readonly [Directive, readonly Directive[]]

/** Every directive with the blocks around it, the innermost last. */
export function* walk(directives: readonly Directive[], around: readonly Directive[] = []): Generator<Placed> {
  for (const directive of directives) {
    yield [directive, around]
    if (directive.block !== null) yield* walk(directive.block, [...around, directive])
  }
}
