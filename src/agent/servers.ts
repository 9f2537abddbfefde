/** The MCP servers of one gateway, connected to when they are needed, with one identity. */
import { serverUrl } from './address.ts'
import { type Connection, connect } from './connection.ts'
import { done, type Outcome } from './failure.ts'
import type { Identity } from './identity.ts'

export interface Servers {
  /** By name, or by the URL of an endpoint. */
  to(server: string | URL): Promise<Outcome<Connection>>
  close(): Promise<void>
}

export function createServers(gateway: string, identity: Identity, signal: AbortSignal): Servers {
  const open = new Map<string, Connection>()
  return {
    async to(server) {
      const url = typeof server === 'string' ? serverUrl(gateway, server) : server
      const known = open.get(url.href)
      if (known !== undefined) return done(known)
      const outcome = await connect(url, identity, signal)
      if (outcome.ok) open.set(url.href, outcome.value)
      return outcome
    },
    async close() {
      await Promise.all([...open.values()].map((connection) => connection.close()))
      open.clear()
    },
  }
}
