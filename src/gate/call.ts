/** What one JSON-RPC message asks for, as NGINX read it from the body. Not the message itself: arguments never come here. */

export interface Call {
  method: string
  /** Tool name, prompt name or resource URI for the methods of {@link NAMED}; null for every other method. */
  name: string | null
}

/** The kinds of things that `scopes.yml` opens by name. */
export type NamedKind = 'tools' | 'prompts' | 'resources'

/** Methods whose permission is a matter of the name as well (MCP, server features: tools, prompts, resources). */
export const NAMED: ReadonlyMap<string, NamedKind> = new Map<string, NamedKind>([
  ['tools/call', 'tools'],
  ['prompts/get', 'prompts'],
  ['resources/read', 'resources'],
])

/** Methods whose answers NGINX filters, with the method that opens what they list (MCP, server features). */
export const LISTS: ReadonlyMap<string, string> = new Map([
  ['tools/list', 'tools/call'],
  ['prompts/list', 'prompts/get'],
  ['resources/list', 'resources/read'],
  ['resources/templates/list', 'resources/read'],
])

/**
 * Whatever call it will be, for a gate that does not read bodies. Its `X-Mcp-Call` is this one character, which the base64url of no call is.
 * Only who may make every call may make this one.
 */
export const EVERY_CALL: Call = { method: '*', name: null }

/** Longest method and longest name that are decided on, in code points, as NGINX counts them: it refuses longer ones before asking. */
export const MAX_LENGTH = 256

/** A method travels as a bare token in lists, so it must not hold what separates or widens them. */
export function isMethod(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_LENGTH && !/[^A-Za-z0-9_/.$-]/.test(value)
}

function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > 2 * MAX_LENGTH) return false
  return value.isWellFormed() && [...value].length <= MAX_LENGTH && !/\p{Cc}/u.test(value)
}

/**
 * Reads the `X-Mcp-Call` header: base64url of `{"method": "...", "name": "..."}`, or `*` for {@link EVERY_CALL}.
 * Gives null for anything else, which the caller must treat as a refusal.
 */
export function decodeCall(header: string): Call | null {
  if (header === EVERY_CALL.method) return EVERY_CALL
  // Buffer passes over what is not base64: two headers that were joined would be read as the first one.
  if (/[^A-Za-z0-9_-]/.test(header)) return null
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { method, name } = value as { method?: unknown; name?: unknown }
  if (!isMethod(method)) return null
  if (!NAMED.has(method)) return name === undefined ? { method, name: null } : null
  return isName(name) ? { method, name } : null
}
