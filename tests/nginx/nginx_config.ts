/** Reads nginx configuration as far as the lint needs it: directives, blocks, quotes, comments, includes. */

export interface Directive {
  name: string
  args: string[]
  /** Null for a directive that ends with a semicolon. */
  block: Directive[] | null
  /** `file:line`. */
  at: string
}

/** Files by the name under which they are included. */
export type Files = ReadonlyMap<string, string>

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
  throw new Error('a quote is not closed')
}

/** `${name}` belongs to a word. */
function endOfWord(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '$' && text[at + 1] === '{') at = text.indexOf('}', at)
    else if (ENDS_WORD.test(text[at] as string)) return at
  }
  return text.length
}

/** The directives of a file, with those of the files that it includes in their place. */
export function readConfig(files: Files, file: string): Directive[] {
  const text = files.get(file)
  if (text === undefined) throw new Error(`${file} is included, but not there`)
  const tokens = tokenize(text)
  let next = 0
  const readBlock = (): Directive[] => {
    const directives: Directive[] = []
    for (;;) {
      const first = tokens[next++]
      if (first === undefined || (first.text === '}' && !first.quoted)) return directives
      const args: string[] = []
      let token = tokens[next++]
      for (; token !== undefined && (token.quoted || !';{'.includes(token.text)); token = tokens[next++]) args.push(token.text)
      if (token === undefined) throw new Error(`${file}:${first.line}: ${first.text} does not end`)
      if (first.text === 'include') directives.push(...readConfig(files, args[0] as string))
      else directives.push({ name: first.text, args, block: token.text === '{' ? readBlock() : null, at: `${file}:${first.line}` })
    }
  }
  return readBlock()
}

/** Every directive with the blocks around it, the innermost last. */
export function* walk(directives: readonly Directive[], around: readonly Directive[] = []): Generator<[Directive, readonly Directive[]]> {
  for (const directive of directives) {
    yield [directive, around]
    if (directive.block !== null) yield* walk(directive.block, [...around, directive])
  }
}
