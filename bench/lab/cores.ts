/** Who runs where: the NGINX that is measured has a core to itself, everything else shares the others. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { allowedCores } from '../proc.ts'

export interface Cores {
  /** What goes before the command of the program that is measured. */
  measured: string[]
  /** What goes before every other one. */
  others: string[]
  /** One sentence for the reader. */
  description: string
}

const hasTaskset = (): boolean => (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'taskset')))

/** @param cores the numbers of those that may be used */
export function shareOut(cores: readonly number[], taskset: boolean): Cores {
  const [first, ...rest] = cores
  if (!taskset || first === undefined || rest.length === 0) {
    const why = taskset ? 'there is one core only' : 'taskset is not installed'
    return { measured: [], others: [], description: `nothing is pinned to a core, because ${why}` }
  }
  return {
    measured: ['taskset', '-c', String(first)],
    others: ['taskset', '-c', rest.join(',')],
    description:
      `what is measured (the worker of NGINX; alone, the validator) runs on core ${first}; ` +
      `load generator, backend and whoever is asked share core ${rest.join(', ')}`,
  }
}

export const findCores = (): Cores => shareOut(allowedCores(), hasTaskset())
