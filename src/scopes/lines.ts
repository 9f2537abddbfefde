/** On which lines of a YAML file its parts stand. For commands alone: the validator reads with another parser and needs no lines. */
import { isAlias, isCollection, isMap, isPair, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Path } from './schema.ts'

/**
 * Reads the text once more, for places only.
 * @returns gives the line of a path, or of as much of the path as there is, from 1; null when the text cannot be read this way
 */
export function createLines(text: string): (path: Path) => number | null {
  const counter = new LineCounter()
  return placesIn(parse(text, counter), counter)
}

function placesIn(root: unknown, counter: LineCounter): (path: Path) => number | null {
  return (path) => {
    let node: unknown = root
    let offset: number | null = null
    for (const key of path) {
      const found = child(isAlias(node) ? undefined : node, key)
      if (found === undefined) break
      offset = offsetOf(found.at) ?? offset
      node = found.value
    }
    if (path.length === 0 && root !== undefined) offset = offsetOf(root)
    return offset === null ? null : counter.linePos(offset).line
  }
}

function parse(text: string, lineCounter: LineCounter): unknown {
  try {
    return parseDocument(text, { lineCounter, uniqueKeys: false, logLevel: 'silent', prettyErrors: false }).contents ?? undefined
  } catch (error) {
    // Nesting that is deeper than the stack: the loader has a word for that, and needs no line from here.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** A member of a mapping or of a list: where its line begins, and its value. */
function child(node: unknown, key: string | number): { at: unknown; value: unknown } | undefined {
  if (!isCollection(node)) return undefined
  if (!isMap(node)) {
    const value = typeof key === 'number' ? node.items[key] : undefined
    return value === undefined ? undefined : { at: value, value }
  }
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key))
  return pair === undefined ? undefined : { at: pair.key, value: pair.value }
}

function offsetOf(node: unknown): number | null {
  const range = (node as { range?: [number, number, number] | null } | null)?.range
  return range?.[0] ?? null
}
