/** From the text of `scopes.yml` to a policy. */
import { createPolicy, type Policy } from '../gate/policy.ts'
import { checkScopes, type Path, type ScopesFile } from './schema.ts'
import { parseYaml } from './yaml.ts'

/** Largest file that is read, in bytes: some hundred thousand rules. */
export const MAX_FILE = 64 * 1024 * 1024
export type LoadedScopes = { policy: Policy; file: ScopesFile } | { problems: string[]; places?: Path[]; line?: number }

/**
 * Parses, checks and compiles. Never throws for bad content: all problems come back at once, syntax errors with line and column.
 * @param text the file's content, YAML 1.2 core schema; duplicate keys, custom tags and more than one document are problems
 * @returns with problems `places`, the path of each, for looking up where it stands; with one of the syntax its `line`
 */
export function loadScopes(text: string): LoadedScopes {
  if (text.length > MAX_FILE) return { problems: [`the file is larger than ${MAX_FILE} bytes`] }
  const parsed = parseYaml(text)
  if ('problems' in parsed) return parsed
  const checked = checkScopes(parsed.document)
  if ('problems' in checked) return checked
  const { file } = checked
  return { policy: createPolicy(file.rules, file.scopes, file.groups), file }
}
