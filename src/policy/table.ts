/** Who may call what, as a table: a column for each group or scope, a row for each thing that an entry opens. */

import type { Version } from './diff.ts'
import { groupsOf, heldBy, may, rowsOf, scopesOf, type Thing, thingText } from './grid.ts'
import { ANY } from './rights.ts'

export interface Table {
  by: 'group' | 'scope'
  holders: string[]
  rows: TableRow[]
}

export interface TableRow extends Thing {
  /** `*` for every server that no entry names. */
  server: string
  /** The gate's answer for each holder. */
  allowed: boolean[]
}

export function tableOf({ policy, file }: Version, by: Table['by']): Table {
  const holders = by === 'group' ? groupsOf(file) : scopesOf(file)
  const held = holders.map((holder) => heldBy(holder, policy))
  const rows = rowsOf(file).flatMap(({ server, things }) =>
    things.map((thing) => ({ server, ...thing, allowed: held.map((scopes) => may(policy, scopes, server, thing)) })),
  )
  return { by, holders: holders.map(({ name }) => name), rows }
}

const serverText = (server: string): string => (server === ANY ? 'every other server' : server)

/** Columns (characters) up to which names of holders stand above their columns. */
const MAX_WIDTH = 120

/** For a terminal: servers as headings, holders by number where their names would not fit side by side. */
export function tableText({ holders, rows }: Table): string {
  const labels = rows.map((row) => `  ${thingText(row)}`)
  const first = Math.max(0, ...labels.map((label) => label.length))
  const fits = first + holders.reduce((sum, name) => sum + name.length + 2, 0) <= MAX_WIDTH
  const heads = fits ? holders : holders.map((_, index) => String(index + 1))
  const line = (label: string, cells: readonly string[]): string =>
    [label.padEnd(first), ...cells.map((cell, index) => cell.padEnd(heads[index]?.length ?? 0))].join('  ').trimEnd()
  const legend = fits ? [] : [...holders.map((name, index) => `${String(index + 1).padStart(3)}  ${name}`), '']
  let server = ''
  const body = rows.flatMap((row, index) => {
    const heading = row.server === server ? [] : ['', serverText(row.server)]
    server = row.server
    return [
      ...heading,
      line(
        labels[index] ?? '',
        row.allowed.map((yes) => (yes ? 'x' : '-')),
      ),
    ]
  })
  return `${[...legend, line('', heads), ...body].join('\n')}\n`
}

/** GitHub's tables (GFM section 4.10): a pipe in a cell is escaped. */
export function tableMarkdown({ holders, rows }: Table): string {
  const cell = (text: string): string => text.replace(/[\\|`*_<>[\]]/g, '\\$&')
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const head = [line(['server', 'what', ...holders.map(cell)]), line(['---', '---', ...holders.map(() => ':-:')])]
  const body = rows.map((row) => line([cell(serverText(row.server)), cell(thingText(row)), ...row.allowed.map((yes) => (yes ? '✓' : ''))]))
  return `${[...head, ...body].join('\n')}\n`
}

/** RFC 4180; `*` where all of a kind, or every other server, is meant. */
export function tableCsv({ holders, rows }: Table): string {
  const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const lines = [
    ['server', 'kind', 'name', ...holders],
    ...rows.map(({ server, kind, name, allowed }) => [server, kind, name, ...allowed.map((yes) => (yes ? 'yes' : 'no'))]),
  ]
  return lines.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}
