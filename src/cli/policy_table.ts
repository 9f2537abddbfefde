/** `gatehouse policy table`. */
import { type Table, tableCsv, tableMarkdown, tableOf, tableText } from '../policy/table.ts'
import { harmless } from './policy_paint.ts'
import { loadPolicy, policyPath } from './policy_source.ts'

const FORMATS: Record<string, (table: Table) => string> = {
  text: (table) => `${tableText(table).trimEnd().split('\n').map(harmless).join('\n')}\n`,
  markdown: tableMarkdown,
  csv: tableCsv,
  json: (table) => `${JSON.stringify(table)}\n`,
}

/** @throws {CommandError} when the file cannot be used */
export async function table(given: string | undefined, { format, by }: { format: string; by: Table['by'] }): Promise<void> {
  const show = FORMATS[format]
  if (show !== undefined) process.stdout.write(show(tableOf(await loadPolicy(policyPath(given)), by)))
}
