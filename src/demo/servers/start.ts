/** The demo's own MCP server. The other one of the local stack, mcpgw, is the product's registry. */
import { type ListenOptions, type RunningMcpServer, startMcpServer } from '../../mcp_server/start.ts'
import { createCurrentTime } from './current_time.ts'

/** @throws StartError when the port cannot be opened */
export function startCurrentTime(options: ListenOptions): Promise<RunningMcpServer> {
  const onError = (kind: string): void => void process.stderr.write(`currenttime: ${kind}\n`)
  return startMcpServer({ name: 'currenttime', create: createCurrentTime, onError }, options)
}
