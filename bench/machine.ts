/** On what was measured. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { chosenMemory, findNginx } from '../src/demo/nginx.ts'
import { placeInMemory } from './lab/lab.ts'
import { allowedCores } from './proc.ts'
import { root } from './root.ts'

/** What a command says on both outputs, whatever its exit code; empty when it is not there. */
function said(command: string, args: readonly string[]): string {
  try {
    return execFileSync('sh', ['-c', '"$@" 2>&1 || true', 'sh', command, ...args], { cwd: root, encoding: 'utf8' })
  } catch {
    return ''
  }
}

const firstMatch = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? 'unknown'

/** The commit of the project, with a mark when files differ from it. */
function commitOf(): string {
  const commit = firstMatch(said('git', ['rev-parse', '--short=12', 'HEAD']), /^([0-9a-f]{12})$/m)
  const changed = said('git', ['status', '--porcelain', '--untracked-files=no', '--', 'src', 'nginx', 'package-lock.json']).trim() !== ''
  return changed ? `${commit} and changes to src or nginx that are not committed` : commit
}

export function describeMachine(): { machine: Record<string, string>; commit: string } {
  const [cpu] = cpus()
  const machine = {
    processor: `${cpu?.model.trim() ?? 'unknown'}, ${allowedCores().length} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: `${firstMatch(readFileSync('/etc/os-release', 'utf8'), /^PRETTY_NAME="(.*)"$/m)}, Linux ${release()}`,
    nginx: firstMatch(said(findNginx().nginx, ['-v']), /nginx\/(\S+)/),
    node: process.versions.node,
    'decisions are':
      chosenMemory() === 'dict' ? 'in a dictionary' : `in files ${placeInMemory() === undefined ? 'on a disk' : 'in memory (tmpfs)'}`,
    wrk: firstMatch(said('wrk', ['-v']), /^wrk (\S+)/m),
    'load before the run': loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
  }
  return { machine, commit: commitOf() }
}
