/** What is kept of a tool that an MCP server describes. The server is a stranger: its words are data, and not endless. */

export interface Tool {
  name: string
  /** For people; empty when there is none. */
  title: string
  description: string
  /** JSON Schema of the arguments, as the server gave it. */
  inputSchema: Record<string, unknown>
}

/** Longest name that the gate lets through, in code points. */
const MAX_NAME = 256
const MAX_TITLE = 256
const MAX_DESCRIPTION = 4000
/** As JSON, in characters. */
const MAX_SCHEMA = 64 * 1024
/** Deepest schema: whoever writes it out again does so by recursion. */
const MAX_DEPTH = 64

/** Control characters, halves of characters, and what reorders or hides text. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const HIDDEN_IN_TEXT = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Reads one tool of an answer to `tools/list` (MCP, server features, tools).
 * @returns null for what is no tool, cannot be called through the gate, has a name that does not read as it is, or no usable schema
 */
export function readTool(value: unknown): Tool | null {
  if (!isObject(value)) return null
  const { name, title, description, inputSchema } = value
  if (typeof name !== 'string' || name.trim() === '' || [...name].length > MAX_NAME || HIDDEN.test(name)) return null
  if (!isObject(inputSchema) || inputSchema.type !== 'object' || !isSmall(inputSchema)) return null
  return { name, title: cleanText(title, MAX_TITLE), description: cleanText(description, MAX_DESCRIPTION), inputSchema }
}

/** Names and descriptions of the arguments, as far as they stand at the top of the schema. */
export function parametersOf({ inputSchema }: Tool): Array<{ name: string; description: string }> {
  if (!isObject(inputSchema.properties)) return []
  return Object.entries(inputSchema.properties).map(([name, schema]) => {
    return { name, description: isObject(schema) ? cleanText(schema.description, MAX_DESCRIPTION) : '' }
  })
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const isSmall = (schema: unknown): boolean => isFlat(schema, MAX_DEPTH) && JSON.stringify(schema).length <= MAX_SCHEMA

function isFlat(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((item) => isFlat(item, levels - 1))
}

const cleanText = (text: unknown, most: number): string =>
  typeof text === 'string' ? text.slice(0, most).replace(HIDDEN_IN_TEXT, '').trim() : ''
