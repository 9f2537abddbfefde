/** The tools of one server, or of all that the registry shows. */
import { isServerName, nameOf } from '../agent/address.ts'
import type { Connection } from '../agent/connection.ts'
import { type KnownServer, type KnownTool, LIST_SERVERS, SERVICE_TOOLS, serversIn, toolsIn } from '../agent/registry.ts'
import type { JsonSchema } from '../agent/schema.ts'
import { createServers, type Servers } from '../agent/servers.ts'
import type { Caller } from './agent_caller.ts'
import { callFailed } from './agent_failure.ts'
import { CommandError, EXIT } from './exit.ts'
import { clean } from './words.ts'

export interface Listing {
  servers: KnownServer[]
  tools: KnownTool[]
}

/** @throws {CommandError} as do all of these */
export function listOfServer(caller: Caller, server: string | URL, signal: AbortSignal): Promise<Listing> {
  const name = typeof server === 'string' ? checkedName(server) : nameOf(server)
  return withServers(caller, signal, async (servers) => {
    const connection = await servers.to(server)
    const listed = connection.ok ? await connection.value.listTools() : connection
    if (!listed.ok) throw callFailed(name, listed.failure, caller.identity.kind)
    const tools = listed.value.map(({ name: tool, description = '', inputSchema }) => {
      return { server: name, name: tool, description, inputSchema: inputSchema as JsonSchema }
    })
    return { servers: [{ name, description: '' }], tools }
  })
}

export function listOfAll(caller: Caller, signal: AbortSignal): Promise<Listing> {
  const { registry, identity } = caller
  return withServers(caller, signal, async (servers) => {
    const connection = await servers.to(registry.url)
    if (!connection.ok) throw callFailed(registry.name, connection.failure, identity.kind)
    const known = await ask(connection.value, caller, LIST_SERVERS, serversIn)
    const tools = await ask(connection.value, caller, SERVICE_TOOLS, toolsIn)
    return { servers: known, tools }
  })
}

async function ask<T>(
  connection: Connection,
  { registry, identity }: Caller,
  tool: string,
  read: (result: Parameters<typeof serversIn>[0]) => T | null,
): Promise<T> {
  const outcome = await connection.callTool(tool, {})
  if (!outcome.ok) throw callFailed(registry.name, outcome.failure, identity.kind)
  const answer = read(outcome.value)
  if (answer !== null) return answer
  throw new CommandError(EXIT.failed, `${registry.url.href} is no registry: it has no answer for "${tool}". Name a server with --server.`)
}

async function withServers<T>({ registry, identity }: Caller, signal: AbortSignal, use: (servers: Servers) => Promise<T>): Promise<T> {
  const servers = createServers(registry.gateway, identity, signal)
  try {
    return await use(servers)
  } finally {
    await servers.close()
  }
}

export function checkedName(text: string): string {
  if (isServerName(text)) return text
  throw new CommandError(EXIT.usage, `"${clean(text)}" is no name of a server at a gateway, such as currenttime.`)
}
