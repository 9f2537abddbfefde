/** A registry for a test: its files in a folder of their own, the gate's headers made up. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import pino from 'pino'
import type { RunningMcpServer } from '../../src/mcp_server/start.ts'
import type { ListProblem } from '../../src/registry/listing.ts'
import { type Pace, startRegistry } from '../../src/registry/start.ts'

export interface ServerSeen {
  name: string
  description: string
  url: string
  transports: string[]
  tags: string[]
  tools: number
  available: boolean
  ageSeconds: number | null
}
export interface ToolSeen {
  server: string
  name: string
  description: string
  inputSchema: Record<string, unknown>
}
export interface Answers {
  list_servers: { servers: ServerSeen[] }
  get_server_details: ServerSeen & { toolNames: string[]; problem: ListProblem | null }
  get_service_tools: { tools: ToolSeen[]; omitted: number }
  intelligent_tool_finder: { tools: Array<ToolSeen & { score: number }> }
  who_am_i: Record<string, unknown>
}

export interface World {
  registry: RunningMcpServer
  serversFile: string
  scopesFile: string
  /** Everything that was logged, a line each. */
  log(): string
  /** Calls a tool with the headers that the gate would send for these scopes; without any when null. */
  ask<T extends keyof Answers>(scopes: string[] | null, name: T, args?: Record<string, unknown>): Promise<Answers[T]>
  /** The text of a refusal. */
  refused(scopes: string[], name: keyof Answers, args?: Record<string, unknown>): Promise<string>
  close(): Promise<void>
}

/** Opens everything to the scope `all/use`. */
export const OPEN_POLICY = 'all/use:\n  - { server: "*", methods: "*", tools: "*" }\n'

/** Of `servers.yml`: name and URL, and what else an entry says. */
export const serversFile = (...servers: Array<{ name: string; url: string } & Record<string, unknown>>): string =>
  JSON.stringify({ servers })

export async function startWorld(servers: string, policy = OPEN_POLICY, pace: Pace = {}, port = 0): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-registry-'))
  const files = { serversFile: join(folder, 'servers.yml'), scopesFile: join(folder, 'scopes.yml') }
  writeFileSync(files.serversFile, servers)
  writeFileSync(files.scopesFile, policy)
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const settings = { host: '127.0.0.1', port, gateway: 'https://mcp.example.com', logLevel: 'info', ...files }
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const registry = await startRegistry(settings, log, pace).catch((error: unknown) => {
    remove()
    throw error
  })
  const call = (scopes: string[] | null, name: string, args: Record<string, unknown>) =>
    callTool(registry.url, scopes === null ? {} : { 'X-Scopes': scopes.join(' ') }, name, args)
  return {
    registry,
    ...files,
    log: () => lines.join(''),
    ask: async (scopes, name, args = {}) => {
      const { isError, content, structuredContent } = await call(scopes, name, args)
      const [{ text } = { text: '' }] = content
      if (isError) throw new Error(text)
      if (content.length !== 1 || text !== JSON.stringify(structuredContent)) throw new Error('text and structured content differ')
      return structuredContent as never
    },
    refused: async (scopes, name, args = {}) => {
      const { isError, content } = await call(scopes, name, args)
      if (!isError) throw new Error(`it was not refused: ${content[0]?.text}`)
      return content[0]?.text ?? ''
    },
    close: async () => {
      await registry.close()
      remove()
    },
  }
}

interface ToolResult {
  isError?: boolean
  content: Array<{ text: string }>
  structuredContent?: unknown
}

/** One call on a connection of its own. */
export async function callTool(
  url: string,
  headers: Record<string, string>,
  name: string,
  args: Record<string, unknown>,
): Promise<ToolResult> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
  try {
    return (await client.callTool({ name, arguments: args })) as ToolResult
  } finally {
    await client.close()
  }
}
