/** Writes the results of a run, and says the ratios. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from '../figure.ts'
import { BARS, judgeBar } from './bars.ts'
import { toSvg } from './chart.ts'
import { readHistory, remember, writeHistory } from './history.ts'
import { toMarkdown } from './markdown.ts'
import { short } from './numbers.ts'

/**
 * Writes results.json, results.md and results.svg into a folder; the run that was there becomes the one before,
 * and a profile stays until there is another one.
 * @returns what a person is told
 */
export function writeResults(folder: string, run: Run): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'results.json')
  const history = remember(readHistory(file), run)
  writeHistory(file, history)
  writeFileSync(join(folder, 'results.md'), toMarkdown(history))
  writeFileSync(join(folder, 'results.svg'), toSvg(history.latest))
  return `${summary(run)}\n\n${join(folder, 'results.md')}, results.svg and results.json are written (${(run.seconds / 60).toFixed(1)} minutes).`
}

/** What was reached of each bar, and what does not count. */
export function summary(run: Run): string {
  const lines = BARS.flatMap((bar) => {
    const { value, verdict } = judgeBar(bar, run)
    if (value === null) return []
    const aside = bar.aside?.(run) ?? ''
    return `${verdict.padEnd(8)} ${`${short(value)}${bar.unit}`.padStart(9)}  ${bar.title} (${bar.kind} ${bar.limit}${bar.unit})${aside && `; ${aside}`}`
  })
  const faults = run.parts
    .flatMap(({ figures }) => figures)
    .flatMap(({ name, problems }) => (problems.length > 0 ? [`does not count: ${name}: ${problems.join('; ')}`] : []))
  return ['', ...lines, ...faults].join('\n')
}
