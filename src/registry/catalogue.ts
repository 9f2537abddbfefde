/** What is known of every MCP server: its last good list of tools, and whether that is fresh. */
import { isDeepStrictEqual } from 'node:util'
import type { Listing, ListProblem } from './listing.ts'
import type { ServerEntry } from './servers.ts'
import type { Tool } from './tool.ts'

/** Milliseconds between two questions to a server. */
const REFRESH = 60_000
/** Milliseconds that the first questions may hold up an answer. */
const FIRST_WAIT = 2000

export interface KnownServer {
  entry: ServerEntry
  /** The last good list; empty until there was one. */
  tools: readonly Tool[]
  /** When that was got, in milliseconds since 1970; null when never. */
  listedAt: number | null
  /** Why the newest question was in vain; null when it was not, or before the first one. */
  problem: ListProblem | null
}

export interface Catalogue {
  /** In the order of `servers.yml`. */
  servers(): readonly KnownServer[]
  /** Grows whenever the servers or their tools change. */
  version(): number
  /** Takes over another `servers.yml`. What is known of a server that stays is kept, new ones are asked at once. */
  replace(entries: readonly ServerEntry[]): void
  /** Asks every server that is not being asked already, and resolves when all have answered or failed. */
  refresh(): Promise<void>
  /** Resolves when the first servers have answered or failed, after two seconds at the latest. */
  begun(): Promise<void>
  close(): void
}

export interface CatalogueOptions {
  /** Asks one server; never rejects. */
  list(entry: ServerEntry): Promise<Listing>
  /** Told about every answer. */
  onListing(server: string, listing: Listing): void
  /** Default one minute. */
  refreshMilliseconds?: number | undefined
}

/** Every server is asked on its own, so that none waits for another. */
export function createCatalogue({ list, onListing, refreshMilliseconds = REFRESH }: CatalogueOptions): Catalogue {
  let known: readonly KnownServer[] = []
  let version = 0
  const asked = new Map<ServerEntry, Promise<void>>()

  const take = (entry: ServerEntry, listing: Listing): void => {
    const before = known.find((server) => server.entry === entry)
    // The file may have changed while the server was thinking.
    if (before === undefined) return
    onListing(entry.name, listing)
    const after: KnownServer =
      'problem' in listing ? { ...before, problem: listing.problem } : { entry, tools: listing.tools, listedAt: Date.now(), problem: null }
    if (isDeepStrictEqual(before.tools, after.tools)) after.tools = before.tools
    else version += 1
    known = known.map((server) => (server === before ? after : server))
  }
  const ask = (entry: ServerEntry): Promise<void> => {
    const running = asked.get(entry)
    if (running !== undefined) return running
    const answer = list(entry)
      .then((listing) => take(entry, listing))
      .finally(() => asked.delete(entry))
    asked.set(entry, answer)
    return answer
  }
  const refresh = async (): Promise<void> => {
    await Promise.all(known.map(({ entry }) => ask(entry)))
  }

  let first: Promise<unknown> | null = null
  const timer = setInterval(refresh, refreshMilliseconds).unref()
  return {
    servers: () => known,
    version: () => version,
    replace(entries) {
      known = entries.map((entry) => {
        const before = known.find(({ entry: { name, url } }) => name === entry.name && url === entry.url)
        return before === undefined ? { entry, tools: [], listedAt: null, problem: null } : { ...before, entry }
      })
      version += 1
      const answers = Promise.all(known.map(({ entry }) => ask(entry)))
      first ??= Promise.race([answers, new Promise((resolve) => setTimeout(resolve, FIRST_WAIT).unref())])
    },
    refresh,
    begun: async () => {
      await first
    },
    close: () => clearInterval(timer),
  }
}
