/** Changes of the installed files, by which a test sees that it sees something, or has what is not shipped. */
import { readFileSync, writeFileSync } from 'node:fs'
import * as assert from '../support/assert.ts'

/** Puts one text in the place of another one, which must be there. */
export function mutate(path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(path, 'utf8')
  const changed = text.replace(from, to)
  assert.is.not(changed, text)
  writeFileSync(path, changed)
}
