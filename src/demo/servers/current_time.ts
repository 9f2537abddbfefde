/** The MCP server `currenttime`: what time it is, anywhere. */
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { timeIn } from './clock.ts'

/** A new instance: one serves one session, or one request. */
export function createCurrentTime(): McpServer {
  const server = new McpServer({ name: 'currenttime', version: '1.0.0' })
  server.registerTool(
    'current_time_by_timezone',
    {
      title: 'Current time by time zone',
      description: 'Gives the current date and time in an IANA time zone.',
      inputSchema: z.object({
        tz_name: z.string().max(64).default('America/New_York').describe('IANA time zone, for example Asia/Tokyo'),
      }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ tz_name }) => {
      const time = timeIn(tz_name, new Date())
      if (!time) {
        const text = `Unknown time zone ${JSON.stringify(tz_name)}: give an IANA name such as Asia/Tokyo or America/New_York`
        return { isError: true, content: [{ type: 'text', text }] }
      }
      return {
        content: [{ type: 'text', text: `${time.local} (${time.iso})` }],
        structuredContent: { tz_name, ...time },
      }
    },
  )
  return server
}
