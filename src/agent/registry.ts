/** The registry's answers about servers and tools. Its words are taken as data: what does not have the form is left out. */
import { isServerName } from './address.ts'
import type { CallToolResult } from './connection.ts'
import type { JsonSchema } from './schema.ts'

export interface KnownServer {
  name: string
  description: string
}

export interface KnownTool {
  server: string
  name: string
  description: string
  inputSchema: JsonSchema
}

/** The registry's tools, by the names of their contract. */
export const LIST_SERVERS = 'list_servers'
export const SERVICE_TOOLS = 'get_service_tools'

/** `{servers: […]}` of an answer; null when it says nothing of servers. */
export const serversIn = (result: CallToolResult): KnownServer[] | null => listIn(result, 'servers')?.flatMap(readServer) ?? null

/** `{tools: […]}` of an answer; null when it says nothing of tools. */
export const toolsIn = (result: CallToolResult): KnownTool[] | null => listIn(result, 'tools')?.flatMap(readTool) ?? null

function listIn(result: CallToolResult, member: string): unknown[] | null {
  const body = result.structuredContent ?? parse(result)
  const list = isObject(body) ? body[member] : undefined
  return result.isError !== true && Array.isArray(list) ? list : null
}

function parse({ content }: CallToolResult): unknown {
  const [first] = content ?? []
  try {
    return first?.type === 'text' ? JSON.parse(first.text) : null
  } catch {
    return null
  }
}

function readServer(value: unknown): KnownServer[] {
  const { name, description } = isObject(value) ? value : {}
  return typeof name === 'string' && isServerName(name) ? [{ name, description: textOr(description) }] : []
}

function readTool(value: unknown): KnownTool[] {
  const { server, name, description, inputSchema } = isObject(value) ? value : {}
  if (typeof server !== 'string' || !isServerName(server) || typeof name !== 'string' || name === '') return []
  return [{ server, name, description: textOr(description), inputSchema: isObject(inputSchema) ? inputSchema : { type: 'object' } }]
}

const textOr = (value: unknown): string => (typeof value === 'string' ? value : '')
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
