/** One call of a tool, its arguments checked against the tool's schema before anything is called. */
import { type Arguments, readJson, readPairs } from '../agent/arguments.ts'
import type { CallToolResult, Connection } from '../agent/connection.ts'
import type { Outcome } from '../agent/failure.ts'
import type { JsonSchema } from '../agent/schema.ts'
import { createServers } from '../agent/servers.ts'
import type { Caller } from './agent_caller.ts'
import { callFailed } from './agent_failure.ts'
import { CommandError, EXIT } from './exit.ts'
import { oneLine } from './lines.ts'
import { checkedName } from './tools_list.ts'

export interface WantedCall {
  server: string
  tool: string
  /** One of these: `key=value`, or JSON. */
  pairs?: readonly string[]
  json?: string
}

/** @throws {CommandError} */
export async function callTool(caller: Caller, wanted: WantedCall, signal: AbortSignal): Promise<CallToolResult> {
  const server = checkedName(wanted.server)
  const servers = createServers(caller.registry.gateway, caller.identity, signal)
  try {
    const connection = await servers.to(server)
    if (!connection.ok) throw callFailed(server, connection.failure, caller.identity.kind)
    const { schema, others } = await lookUp(connection.value, caller, wanted)
    const read = readArguments(wanted, schema)
    if (!read.ok)
      throw new CommandError(
        EXIT.usage,
        `${wanted.tool} was not called:\n${read.problems.map((one) => `  - ${oneLine(one, 600)}`).join('\n')}`,
      )
    const outcome = await connection.value.callTool(wanted.tool, read.value)
    if (schema === null && !mayExist(outcome)) {
      throw new CommandError(EXIT.usage, `The MCP server "${server}" has no tool "${oneLine(wanted.tool, 100)}". It has: ${others}`)
    }
    if (!outcome.ok) throw callFailed(server, outcome.failure, caller.identity.kind)
    return outcome.value
  } finally {
    await servers.close()
  }
}

/** Whether a tool that is not listed may be there all the same: it gave a result, or a scope would open it. */
function mayExist(outcome: Outcome<CallToolResult>): boolean {
  if (outcome.ok) return outcome.value.isError !== true
  const { failure } = outcome
  if (failure.kind === 'refused') return failure.refusal.reason !== 'name_not_allowed' || failure.refusal.scope !== null
  return failure.kind !== 'server'
}

const readArguments = ({ pairs = [], json }: WantedCall, schema: JsonSchema | null): Arguments =>
  json === undefined ? readPairs(pairs, schema) : readJson(json, schema)

/**
 * The schema of the tool's input; null when the server does not list the tool. It is called all the same then: only the gateway knows
 * whether a scope would open it.
 */
async function lookUp(connection: Connection, caller: Caller, { server, tool }: WantedCall) {
  const listed = await connection.listTools()
  if (!listed.ok) {
    if (listed.failure.kind === 'refused' && listed.failure.refusal.status === 403)
      return { schema: null, others: 'nothing that you may see' }
    throw callFailed(server, listed.failure, caller.identity.kind)
  }
  const found = listed.value.find(({ name }) => name === tool)
  const others = oneLine(listed.value.map(({ name }) => name).join(', '), 600) || 'none'
  return { schema: (found?.inputSchema as JsonSchema | undefined) ?? null, others }
}
