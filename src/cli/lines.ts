/** Longer text from outside, made harmless for a terminal. */

/** Nothing that moves the cursor, reorders or hides; lines and tabs stay. */
export const cleanLines = (text: string): string => text.replace(/\r\n/g, '\n').replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/gu, '')

/** JSON on one line: what `cleanLines` removes stands there as an escape, so that the value stays what it is. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(/[\p{Cc}\p{Cf}]/gu, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )

/** One line, not longer than this. */
export function oneLine(text: string, length: number): string {
  const line = cleanLines(text).replace(/\s+/g, ' ').trim()
  return line.length > length ? `${line.slice(0, length - 1)}…` : line
}
