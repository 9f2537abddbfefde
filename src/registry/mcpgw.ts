/** The MCP server `mcpgw`: tells an agent which servers and tools there are, as far as the caller's scopes open them. */
import { McpServer, type ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { callerOf, scopesOf } from './caller.ts'
import type { Tool } from './tool.ts'
import type { SeenServer, View } from './views.ts'

export interface Registry {
  viewOf(scopes: readonly string[]): View
  /** Resolves when there is something to tell. */
  begun(): Promise<void>
  /** Public URL of the gateway, without a final slash. */
  gateway: string
  /** Milliseconds since 1970. */
  now(): number
}

/** Most tools in one answer: more would fill a model's memory. */
const MAX_TOOLS = 500
const MAX_FOUND = 50

const INSTRUCTIONS =
  'Finds MCP servers and tools behind this gateway. Ask intelligent_tool_finder in plain words, then call the tool on the server that it names.'
const READS = { readOnlyHint: true, openWorldHint: false }

const server = z.string().min(1).max(64).describe('Name of an MCP server, as list_servers gives it')
const limit = z.number().int().min(1).max(MAX_FOUND).default(5).describe('How many tools to give')
const query = z.string().min(1).max(1000).describe('What is to be done, in plain words, for example: What time is it in Tokyo?')

/** A new instance: one serves one session, or one request. */
export function createMcpgw(registry: Registry): McpServer {
  const mcp = new McpServer({ name: 'mcpgw', version: '1.0.0' }, { instructions: INSTRUCTIONS })
  const view = async (context: ServerContext): Promise<View> => {
    await registry.begun()
    return registry.viewOf(scopesOf(headersOf(context)))
  }
  mcp.registerTool(
    'list_servers',
    { title: 'List MCP servers', description: 'Lists the MCP servers that are available to you.', annotations: READS },
    async (context) => answer({ servers: (await view(context)).servers.map((seen) => describeServer(seen, registry)) }),
  )
  mcp.registerTool(
    'get_server_details',
    {
      title: 'Details of an MCP server',
      description: 'Tells about one MCP server: where it is, the names of its tools, whether it answers.',
      inputSchema: z.object({ server }),
      annotations: READS,
    },
    async ({ server }, context) => {
      const seen = find(await view(context), server)
      if (seen === undefined) return unknownServer(server)
      const { problem } = seen.known
      return answer({ ...describeServer(seen, registry), problem, toolNames: seen.tools.map(({ name }) => name) })
    },
  )
  mcp.registerTool(
    'get_service_tools',
    {
      title: 'Tools of an MCP server',
      description: 'Gives the tools that you can use, of one MCP server or of all, with the schemas of their arguments.',
      inputSchema: z.object({ server: server.optional() }),
      annotations: READS,
    },
    async ({ server }, context) => {
      const { servers } = await view(context)
      const wanted = server === undefined ? servers : servers.filter(({ known }) => known.entry.name === server)
      if (server !== undefined && wanted.length === 0) return unknownServer(server)
      const tools = wanted.flatMap(({ known, tools }) => tools.map((tool) => describeTool(known.entry.name, tool)))
      return answer({ tools: tools.slice(0, MAX_TOOLS), omitted: Math.max(0, tools.length - MAX_TOOLS) })
    },
  )
  mcp.registerTool(
    'intelligent_tool_finder',
    {
      title: 'Find a tool',
      description: 'Finds the tools that fit a task best, over all MCP servers, with the schemas of their arguments.',
      inputSchema: z.object({ query, limit }),
      annotations: READS,
    },
    async ({ query, limit }, context) => {
      const found = await (await view(context)).find(query, limit)
      return answer({ tools: found.map(({ server, tool, score }) => ({ ...describeTool(server, tool), score })) })
    },
  )
  mcp.registerTool(
    'who_am_i',
    {
      title: 'Who am I',
      description: 'Tells what the gateway said about the caller of this very request.',
      annotations: READS,
    },
    async (context) => answer(callerOf(headersOf(context))),
  )
  return mcp
}

const headersOf = (context: ServerContext): Headers => context.http?.req?.headers ?? new Headers()

const find = ({ servers }: View, name: string): SeenServer | undefined => servers.find(({ known }) => known.entry.name === name)

function answer(data: Record<string, unknown>) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(data) }], structuredContent: data }
}

/** The same for a server that is not there and for one that is not open: it is not told which. */
function unknownServer(name: string) {
  const text = `There is no MCP server ${JSON.stringify(name)}, or none of your scopes opens it. list_servers gives those that are open to you.`
  return { isError: true, content: [{ type: 'text' as const, text }] }
}

function describeServer({ known, tools }: SeenServer, { gateway, now }: Registry) {
  const { entry, listedAt, problem } = known
  const { name, description, transports, tags } = entry
  return {
    name,
    description,
    url: `${gateway}/${name}/${transports[0] === 'sse' ? 'sse' : 'mcp'}`,
    transports,
    tags,
    tools: tools.length,
    available: listedAt !== null && problem === null,
    ageSeconds: listedAt === null ? null : Math.max(0, Math.round((now() - listedAt) / 1000)),
  }
}

const describeTool = (server: string, { name, description, inputSchema }: Tool) => ({ server, name, description, inputSchema })
