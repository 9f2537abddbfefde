/** Which packages are the product's: all are bundled, so package.json has them among devDependencies, beside the tools that work on it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './gateway.ts'

export interface Locked {
  version: string
  resolved?: string
  integrity?: string
  license?: string
  link?: boolean
  hasInstallScript?: boolean
  engines?: { node?: string }
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

/** No code of these is in a program, but of `@modelcontextprotocol/node`, which the local stack's MCP servers are made with. */
export const TOOLS = [
  '@biomejs/biome',
  '@modelcontextprotocol/conformance',
  '@modelcontextprotocol/node',
  '@types/node',
  'axe-core',
  'esbuild',
  'fast-check',
  'mcp-remote',
  'playwright-core',
  'tsx',
  'typescript',
  'uvu',
  'vitepress',
]

const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** What src/ is to import, by name. */
export function productPackages(): string[] {
  const { devDependencies } = json('package.json') as { devDependencies: Record<string, string> }
  return Object.keys(devDependencies).filter((name) => !TOOLS.includes(name))
}

/** The lock's entries of packages, by path, and all that they ask for. */
export function withWhatTheyNeed(names: readonly string[], packages: Record<string, Locked>): [string, Locked][] {
  const found = new Map<string, Locked>()
  const add = (name: string, from: string, isOptional: boolean): void => {
    const path = `${from}${from === '' ? '' : '/'}node_modules/${name}`
    const entry = packages[path]
    if (entry === undefined) {
      // Each folder's packages are looked for in the folder above it too.
      if (from !== '') add(name, from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), isOptional)
      else if (!isOptional) throw new Error(`the lock does not have ${name}`)
      return
    }
    if (found.has(path)) return
    found.set(path, entry)
    for (const needed of Object.keys(entry.dependencies ?? {})) add(needed, path, false)
    for (const needed of Object.keys(entry.optionalDependencies ?? {})) add(needed, path, true)
    for (const needed of Object.keys(entry.peerDependencies ?? {})) {
      if (!entry.peerDependenciesMeta?.[needed]?.optional) add(needed, path, false)
    }
  }
  for (const name of names) add(name, '', false)
  return [...found]
}
