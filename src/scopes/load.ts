/** From the text of `scopes.yml` to a policy. */
import { CORE_SCHEMA, load, YAMLException } from 'js-yaml'
import { createPolicy, type Policy } from '../gate/policy.ts'
import { checkScopes, type ScopesFile } from './schema.ts'

/** Largest file that is read, in bytes: some hundred thousand rules. */
export const MAX_FILE = 64 * 1024 * 1024
export type LoadedScopes = { policy: Policy; file: ScopesFile } | { problems: string[] }

/**
 * Parses, checks and compiles. Never throws for bad content: all problems come back at once, syntax errors with line and column.
 * @param text the file's content, YAML 1.2 core schema; duplicate keys, custom tags and more than one document are problems
 */
export function loadScopes(text: string): LoadedScopes {
  if (text.length > MAX_FILE) return { problems: [`the file is larger than ${MAX_FILE} bytes`] }
  let document: unknown
  try {
    document = load(text, { schema: CORE_SCHEMA })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const { mark, reason } = error
    return { problems: [mark ? `line ${mark.line + 1}, column ${mark.column + 1}: ${reason}` : reason] }
  }
  const checked = checkScopes(document)
  if ('problems' in checked) return checked
  const { file } = checked
  return { policy: createPolicy(file.rules, file.scopes, file.groups), file }
}
