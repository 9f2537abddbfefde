/** The shipped configuration as the lint reads it: files by the names under which they are included. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/gateway.ts'

const nginx = join(root, 'nginx')
const configs = (folder: string): string[] => readdirSync(join(nginx, folder)).filter((name) => name.endsWith('.conf'))

/** The files of the drop-in, with a main file and what takes the place of others: name and path below the root. */
export function shipped(main: string, instead: Record<string, string> = {}): Map<string, string> {
  const files = new Map(configs('gatehouse').map((name) => [`gatehouse/${name}`, readFileSync(join(nginx, 'gatehouse', name), 'utf8')]))
  for (const [name, path] of Object.entries({ 'nginx.conf': main, ...instead })) files.set(name, readFileSync(join(root, path), 'utf8'))
  return files
}

/** What takes the place of files where nginx's workers share a dictionary. */
export const DICT_FILES: Record<string, string> = Object.fromEntries(
  configs('gatehouse-dict').map((name) => [`gatehouse/${name}`, `nginx/gatehouse-dict/${name}`]),
)

export const EXAMPLE: ReadonlyMap<string, string> = shipped('nginx/example.conf')
export const DICT: ReadonlyMap<string, string> = shipped('nginx/example.conf', DICT_FILES)
