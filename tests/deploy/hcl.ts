/** Terraform's language, as far as deploy/cognito/terraform has it: blocks, and attributes whose expressions stay text. */

export interface Block {
  type: string
  labels: string[]
  attributes: Map<string, string>
  blocks: Block[]
}

const TOKEN = /\s*(?:#[^\n]*\n\s*)*(?:(?<close>\})|(?<name>[A-Za-z_]\w*))/y
const HEAD = /[ \t]*(?:(?<equals>=)|(?<labels>(?:"[^"\n]*"[ \t]*)*)\{)/y

/** @throws {SyntaxError} with the place */
export function parseHcl(text: string): Block {
  let at = 0
  const fail = (what: string): never => {
    throw new SyntaxError(`line ${text.slice(0, at).split('\n').length}: ${what}`)
  }
  const take = (pattern: RegExp): Record<string, string | undefined> | null => {
    pattern.lastIndex = at
    const groups = pattern.exec(text)?.groups
    if (groups) at = pattern.lastIndex
    return groups ?? null
  }
  /** Up to the end of its line, or of the line on which its last bracket closes. */
  const expression = (): string => {
    const from = at
    for (let depth = 0; at < text.length; at++) {
      const sign = text[at] as string
      if (sign === '"')
        at = /"(?:[^"\\]|\\.)*"/y.test(text.slice(at)) ? at + (/^"(?:[^"\\]|\\.)*"/.exec(text.slice(at))?.[0].length ?? 1) - 1 : at
      else if ('[{('.includes(sign)) depth++
      else if (']})'.includes(sign)) depth--
      else if (sign === '\n' && depth === 0) break
    }
    return text.slice(from, at).trim()
  }
  const body = (type: string, labels: string[], isRoot: boolean): Block => {
    const block: Block = { type, labels, attributes: new Map(), blocks: [] }
    for (;;) {
      const token = take(TOKEN)
      if (token === null) return isRoot && /^\s*(?:#[^\n]*\s*)*$/.test(text.slice(at)) ? block : fail('neither a name nor an end')
      if (token.close) return isRoot ? fail('an end too many') : block
      const name = token.name as string
      const head = take(HEAD) ?? fail(`what ${name} is`)
      if (head.equals === undefined)
        block.blocks.push(
          body(
            name,
            [...(head.labels ?? '').matchAll(/"([^"]*)"/g)].map(([, one]) => one as string),
            false,
          ),
        )
      else if (block.attributes.has(name)) fail(`${name} is there twice`)
      else block.attributes.set(name, expression())
    }
  }
  return body('', [], true)
}

/** Literals as values; what refers to something stays text. */
export function literal(expression: string | undefined): unknown {
  if (expression === undefined) return undefined
  try {
    return JSON.parse(expression.replace(/,\s*\]$/, ']'))
  } catch {
    return expression
  }
}
