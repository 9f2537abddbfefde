/** What the model may call: the registry's own tools, and every tool that was found since, each at its own server. */

import { isServerName } from './address.ts'
import type { Connection, Tool } from './connection.ts'
import { done, failed, type Outcome } from './failure.ts'
import type { ModelCall, OfferedTool } from './models/model.ts'
import { offeredName } from './offered_name.ts'
import { type CallRecord, recordOf } from './record.ts'
import { type KnownTool, toolsIn } from './registry.ts'
import { textOf } from './result.ts'
import type { JsonSchema } from './schema.ts'
import type { Servers } from './servers.ts'

export interface Toolbox {
  offers(): OfferedTool[]
  /**
   * Makes a call.
   * @param onCall told before it is made
   */
  run(call: ModelCall, onCall: OnCall): Promise<CallRecord>
}

export type OnCall = (server: string, tool: string, input: Record<string, unknown>) => void

/** The server that knows the others, connected to already. */
export interface RegistryServer {
  name: string
  connection: Connection
  tools: readonly Tool[]
}

/** Providers take some hundred tools; what was found longest ago goes first. */
const MOST_FOUND = 64

export interface Answer {
  text: string
  isError: boolean
  /** Tools that it tells of. */
  learned: readonly KnownTool[]
}

interface Entry {
  offer: OfferedTool
  server(input: Record<string, unknown>): string
  tool: string
  call(input: Record<string, unknown>): Promise<Outcome<Answer>>
}

export function createToolbox(registry: RegistryServer, servers: Servers): Toolbox {
  const own = new Map<string, Entry>()
  const found = new Map<string, Entry>()
  const isTaken = (name: string): boolean => own.has(name) || found.has(name)
  const add = (entry: Entry): unknown => own.set(entry.offer.name, entry)
  for (const tool of registry.tools) add(registryEntry(registry, tool, offeredName(tool.name, isTaken)))
  add(listEntry(servers, offeredName('list_server_tools', isTaken)))

  function learn(tool: KnownTool): void {
    // The registry's own tools are offered already.
    if (tool.server === registry.name) return
    const known = [...found.values()].find((entry) => entry.tool === tool.name && entry.server({}) === tool.server)
    const name = known?.offer.name ?? offeredName(`${tool.server}__${tool.name}`, isTaken)
    found.delete(name)
    found.set(name, foundEntry(servers, tool, name))
    const [oldest] = found.keys()
    if (found.size > MOST_FOUND && oldest !== undefined) found.delete(oldest)
  }

  return {
    offers: () => [...own.values(), ...found.values()].map(({ offer }) => offer),
    async run(call, onCall) {
      const entry = own.get(call.name) ?? found.get(call.name)
      if (entry === undefined) return recordOf('', call, { error: `There is no tool "${call.name}". Find tools by the registry first.` })
      const { tool } = entry
      if (call.input === null) return recordOf('', { ...call, name: tool }, { error: 'The arguments must be one JSON object.' })
      const server = entry.server(call.input)
      onCall(server, tool, call.input)
      const outcome = await entry.call(call.input)
      if (outcome.ok) outcome.value.learned.forEach(learn)
      return recordOf(server, { ...call, name: tool }, outcome)
    },
  }
}

function registryEntry({ name: server, connection }: RegistryServer, tool: Tool, name: string): Entry {
  return {
    offer: { name, description: tool.description ?? '', inputSchema: tool.inputSchema as JsonSchema },
    server: () => server,
    tool: tool.name,
    call: (input) => callAt(connection, tool.name, input, true),
  }
}

function foundEntry(servers: Servers, { server, name: tool, description, inputSchema }: KnownTool, name: string): Entry {
  return {
    offer: { name, description: `${description} (MCP server: ${server})`, inputSchema },
    server: () => server,
    tool,
    async call(input) {
      const connection = await servers.to(server)
      return connection.ok ? callAt(connection.value, tool, input, false) : connection
    },
  }
}

/** What other servers say of tools is no reason to offer them: only the registry may say what stands where. */
async function callAt(connection: Connection, tool: string, input: Record<string, unknown>, isRegistry: boolean): Promise<Outcome<Answer>> {
  const outcome = await connection.callTool(tool, input)
  if (!outcome.ok) return outcome
  const { value } = outcome
  return done({ text: textOf(value), isError: value.isError === true, learned: isRegistry ? (toolsIn(value) ?? []) : [] })
}

/** The registry shows what may be called. A call of something else is what makes the gateway say which scope it takes. */
function listEntry(servers: Servers, name: string): Entry {
  const description =
    'Lists the tools of one MCP server by asking the server itself, also those that you may not call. Use it when the registry finds nothing that fits.'
  const properties = { server: { type: 'string', description: 'Name of an MCP server' } }
  return {
    offer: { name, description, inputSchema: { type: 'object', properties, required: ['server'] } },
    server: ({ server }) => (typeof server === 'string' ? server : ''),
    tool: 'tools/list',
    async call({ server }) {
      if (typeof server !== 'string' || !isServerName(server))
        return failed({ kind: 'server', message: 'There is no server of this name.' })
      const connection = await servers.to(server)
      const listed = connection.ok ? await connection.value.listTools() : connection
      if (!listed.ok) return listed
      const learned = listed.value.map((tool) => {
        return { server, name: tool.name, description: tool.description ?? '', inputSchema: tool.inputSchema as JsonSchema }
      })
      return done({ text: JSON.stringify({ tools: learned }), isError: false, learned })
    },
  }
}
