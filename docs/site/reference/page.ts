/** What the pages of the reference are put together from. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export const read = (path: string): string => readFileSync(ROOT + path, 'utf8')

/** Text that Markdown, tables and the site's templates leave as it is. */
export const plain = (text: string): string => text.replaceAll(/[\\*<|]/g, '\\$&').replaceAll('{{', '{&#123;')

/** Text as code, in a table too. */
export const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``

/** @param rows of cells that are Markdown already */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |')).join('\n')

/** A page: its title, and paragraphs, tables and headings with an empty line between. */
export const page = (title: string, sources: string, ...blocks: readonly string[]): string =>
  [`# ${title}`, `<!-- Made by \`node --import tsx docs/site/reference/write.ts\` from ${sources}; changes here are lost. -->`, ...blocks]
    .join('\n\n')
    .concat('\n')
