/** What somebody may have meant to write. */

/**
 * Whether two words differ by one slip: a letter more, less or other, two letters in each other's place, capitals.
 * @returns false for words that are the same
 */
export function isNear(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  let start = 0
  while (start < a.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  const swapped = left.length === 2 && right === `${left[1]}${left[0]}`
  return one !== other && (Math.max(left.length, right.length) <= 1 || swapped)
}
