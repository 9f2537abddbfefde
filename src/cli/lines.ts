/** Longer text from outside, made harmless for a terminal. */

/** Nothing that moves the cursor, reorders or hides; lines and tabs stay. */
export const cleanLines = (text: string): string => text.replace(/\r\n/g, '\n').replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/gu, '')

/** One line, not longer than this. */
export function oneLine(text: string, length: number): string {
  const line = cleanLines(text).replace(/\s+/g, ' ').trim()
  return line.length > length ? `${line.slice(0, length - 1)}…` : line
}
