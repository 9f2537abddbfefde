/** Texts put together from pieces, which is how a reader is led astray: by what it knows, in places where it does not expect it. */
import type { Random } from '../support/random.ts'

/** Up to so many pieces in a row. */
export const joined = (random: Random, pieces: readonly string[], most: number): string =>
  Array.from({ length: random.below(most + 1) }, () => random.pick(pieces)).join('')

/** One to three places of a text changed: a piece put in, or in the place of something, or something taken out or doubled. */
export function mutated(random: Random, text: string, pieces: readonly string[]): string {
  let result = text
  for (let left = random.below(3); left >= 0; left -= 1) {
    const at = random.below(result.length + 1)
    const behind = at + random.below(random.once(4) ? 30 : 3)
    const piece = random.pick(['', random.pick(pieces), result.slice(at, behind)])
    result = result.slice(0, at) + piece + result.slice(random.once(2) ? at : behind)
  }
  return result
}
