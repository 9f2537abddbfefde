/** One thing that is probably not meant. */
import type { Path } from '../scopes/schema.ts'

export type WarningKind =
  | 'unknown_scope'
  | 'opens_nothing'
  | 'unmapped_scope'
  | 'names_without_method'
  | 'method_without_names'
  | 'method_among_names'
  | 'unknown_method'
  | 'wildcard_in_name'
  | 'shadowed'
  | 'duplicate'
  | 'server_case'

export interface Warning {
  kind: WarningKind
  path: Path
  text: string
}

/** The path as the loader's problems have it. */
export function pathText(path: Path): string {
  const [first, ...rest] = path
  return [String(first ?? ''), ...rest.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))].join('')
}

export const warning = (kind: WarningKind, path: Path, text: string): Warning => ({ kind, path, text: `${pathText(path)} ${text}` })
