/** Tables of Markdown, and what stands below them. */
import type { Figure } from '../figure.ts'

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** The first column is text, the others are numbers, but for those that `texts` names by their place. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], texts: readonly number[] = []): string {
  const rule = head.map((_, index) => (index === 0 || texts.includes(index) ? '---' : '---:'))
  return [row(head), row(rule), ...rows.map(row)].join('\n')
}

/** A list of what does not count and why, and of what a reader must know. */
export function remarks(figures: readonly Figure[], notes: readonly string[]): string {
  const invalid = figures.filter(({ problems }) => problems.length > 0)
  const faults = invalid.map(({ name, problems }) => `- **\`${name}\` does not count**: ${problems.join('; ')}`)
  return [...faults, ...notes.map((note) => `- ${note}`)].join('\n')
}
