/** Findings for a person: a line each, and below it what to do. */
import type { Finding, Status } from '../doctor/finding.ts'
import { harmless, paint } from './policy_paint.ts'

const MARKS: Readonly<Record<Status, string>> = { ok: '✓', warning: '!', failure: '✗', skipped: '-' }
const COLOURS = { ok: 'green', warning: 'yellow', failure: 'red', skipped: 'dim' } as const
const WIDTH = 17

export const asLines = (findings: readonly Finding[]): string => findings.map(asText).join('')

function asText({ check, status, evidence, remedy }: Finding): string {
  const mark = paint(COLOURS[status], MARKS[status])
  if (status === 'ok' || (status === 'skipped' && remedy === null)) return `${mark} ${check.padEnd(WIDTH)} ${harmless(evidence)}\n`
  const lines = [`${mark} ${paint('bold', check)}`, `    ${harmless(evidence)}`]
  if (remedy !== null) lines.push(`    → ${harmless(remedy)}`)
  return `${lines.join('\n')}\n`
}

export function asSummary(findings: readonly Finding[]): string {
  const count = (status: Status): number => findings.filter((finding) => finding.status === status).length
  const amount = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
  const parts = [
    amount(count('failure'), 'failure'),
    amount(count('warning'), 'warning'),
    `${count('ok')} ok`,
    `${count('skipped')} not judged`,
  ]
  return `\n${parts.join(', ')}\n`
}
