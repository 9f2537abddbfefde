/** Whether `scopes.yml` can be used, and what in it does not do what it seems to. */
import { readFileSync } from 'node:fs'
import type { Policy } from '../gate/policy.ts'
import { warningsOf } from '../policy/warnings.ts'
import { loadScopes } from '../scopes/load.ts'
import type { ScopesFile } from '../scopes/schema.ts'
import { type Finding, failure, ok, warning } from './finding.ts'

export interface UsablePolicy {
  /** Where it was read from. */
  path: string
  policy: Policy
  file: ScopesFile
}

export interface PolicyFacts {
  findings: Finding[]
  policy: UsablePolicy | null
}

/** Most warnings of one file that are told; `gatehouse policy check` tells them all. */
const MOST = 10

export function examinePolicy(path: string): PolicyFacts {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    const what = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not valid UTF-8' : `cannot be read: ${code}`
    const remedy = 'Set SCOPES_FILE to the policy that the gateway reads; a relative path counts from the working directory.'
    return { findings: [failure('policy', `${path} ${what}`, remedy)], policy: null }
  }
  const loaded = loadScopes(text)
  if ('problems' in loaded) {
    const remedy = `Correct it; until then the gateway keeps the last good policy, and does not start. See: gatehouse policy check ${path}`
    return { findings: loaded.problems.map((problem) => failure('policy', `${path}: ${problem}`, remedy)), policy: null }
  }
  const { policy, file } = loaded
  const { scopes, groups } = policy.size
  return {
    findings: [ok('policy', `${path}: ${groups} groups, ${scopes} scopes`), ...warnings(path, file)],
    policy: { path, policy, file },
  }
}

function warnings(path: string, file: ScopesFile): Finding[] {
  const found = warningsOf(file)
  const remedy = `See the place: gatehouse policy check ${path}`
  const told = found.slice(0, MOST).map((one) => warning('policy', `${path}: ${one.text}`, remedy))
  const left = found.length - told.length
  return left > 0 ? [...told, warning('policy', `${path}: ${left} more of the kind`, remedy)] : told
}

/** The servers that it names, without the one that stands for all. */
export const serversOf = ({ file }: UsablePolicy): string[] =>
  [...new Set(file.rules.map(({ server }) => server))].filter((name) => name !== '*')
