/** YAML as settings files are written in it. */
import { CORE_SCHEMA, load, YAMLException } from 'js-yaml'

/**
 * Parses YAML 1.2 by its core schema. Duplicate keys, custom tags and more than one document are problems.
 * @returns the document, or the one problem that stopped the reader, with line and column where it knows them
 */
export function parseYaml(text: string): { document: unknown } | { problems: string[]; line?: number } {
  try {
    return { document: load(text, { schema: CORE_SCHEMA }) }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const { mark, reason } = error
    if (!mark) return { problems: [reason] }
    const line = mark.line + 1
    return { problems: [`line ${line}, column ${mark.column + 1}: ${reason}`], line }
  }
}
