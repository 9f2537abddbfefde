/** The MCP server `mcpgw`: shows what a server behind the gate learns about its caller. */
import { McpServer } from '@modelcontextprotocol/server'

/** Headers with one value, and headers with a list whose items are percent-encoded one by one. */
const SINGLE = ['X-User', 'X-Username', 'X-Client-Id', 'X-Auth-Method', 'X-Server-Name', 'X-Tool-Name']
const LISTS = ['X-Scopes', 'X-Groups']

/** What must have stayed at the gate. */
const CREDENTIALS = ['Authorization', 'Cookie']

/** A new instance: one serves one session, or one request. */
export function createMcpgw(): McpServer {
  const server = new McpServer({ name: 'mcpgw', version: '1.0.0' })
  server.registerTool(
    'who_am_i',
    {
      title: 'Who am I',
      description: 'Tells what the gateway said about the caller of this very request.',
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async (context) => {
      const caller = callerOf(context.http?.req?.headers ?? new Headers())
      return { content: [{ type: 'text', text: JSON.stringify(caller, null, 2) }], structuredContent: caller }
    },
  )
  return server
}

/** The identity headers, decoded; null where one did not arrive. Of credentials only whether they arrived. */
export function callerOf(headers: Headers): Record<string, unknown> {
  const single = SINGLE.map((name) => [name, decoded(headers.get(name))])
  const lists = LISTS.map((name) => [name, headers.get(name)?.split(/[ ,]+/).filter(Boolean).map(decoded) ?? null])
  const arrived = CREDENTIALS.map((name) => [name, headers.has(name)])
  return { ...Object.fromEntries([...single, ...lists]), arrived: Object.fromEntries(arrived) }
}

/** What is not percent-encoding is shown as it came. */
function decoded(value: string | null): string | null {
  try {
    return value === null ? null : decodeURIComponent(value)
  } catch {
    return value
  }
}
