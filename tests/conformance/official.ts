/** The official conformance suite, as the program that it is: `conformance server`, `conformance authorization`. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Program, start } from '../support/process.ts'

/** One scenario: each check as `STATUS id`, in the order in which they were made, and why those failed that did. */
export interface Scenario {
  name: string
  checks: string[]
  complaints: string[]
}

interface Check {
  id: string
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  errorMessage?: string
}

const program = join(dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')), 'dist/index.js')
const preload = fileURLToPath(new URL('./glob_sync.mjs', import.meta.url))

/** Results of a folder that the suite has written, by name. What merely informs is left out: how often it does is a matter of time. */
function readResults(folder: string): Scenario[] {
  return readdirSync(folder)
    .sort()
    .map((run) => {
      const checks = JSON.parse(readFileSync(join(folder, run, 'checks.json'), 'utf8')) as Check[]
      const judged = checks.filter(({ status }) => status !== 'INFO')
      return {
        name: run.replace(/^(?:server|authorization-server)-|-\d{4}-\d\d-\d\dT[\d-]+Z$/g, ''),
        checks: judged.map(({ id, status }) => `${status} ${id}`),
        complaints: judged.flatMap(({ id, status, errorMessage }) => (status === 'FAILURE' ? [`${id}: ${errorMessage}`] : [])),
      }
    })
}

/**
 * Runs the suite until it ends.
 * @param args which part of it, and against what
 * @param meanwhile what a person does whom the suite tells something on its output
 * @throws when it writes no results
 */
export async function runSuite(args: readonly string[], meanwhile?: (suite: Program) => Promise<unknown>): Promise<Scenario[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-conformance-'))
  try {
    const suite = start(process.execPath, ['--import', preload, program, ...args, '-o', folder])
    const ended = new Promise((done) => suite.child.once('close', done))
    await meanwhile?.(suite).catch((error) => {
      suite.child.kill()
      throw error
    })
    await ended
    const scenarios = readResults(folder)
    if (scenarios.length === 0) throw new Error(`the suite has run nothing:\n${suite.output()}`)
    return scenarios
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
