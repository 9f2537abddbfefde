/** Variables that the shipped files write, and nobody else may: what the gate decides by. */
import { createHash } from 'node:crypto'
import type { Directive } from './config.ts'

/** A line as words with one space between them, and its block likewise. */
export const textOf = ({ name, args, block }: Directive): string =>
  [name, ...args].join(' ') + (block === null ? '' : ` { ${block.map(textOf).join('; ')} }`)

const WRITES = ['set', 'js_set', 'js_var', 'map', 'geo', 'split_clients', 'auth_request_set']

/**
 * Whether a line writes one of these variables, and in another way than the shipped one.
 * @param ways by variable the one line that may write it, or its SHA-256 in hexadecimal digits
 */
export function isSaidOtherwise(line: Directive, ways: Readonly<Record<string, string>>): boolean {
  if (!WRITES.includes(line.name)) return false
  const written = line.args[line.name === 'map' || line.name === 'geo' || line.name === 'split_clients' ? line.args.length - 1 : 0]
  const only = ways[written ?? '']
  const text = textOf(line)
  return only !== undefined && text !== only && createHash('sha256').update(text).digest('hex') !== only
}
