/** The parts of the registry put together: policy, servers, catalogue, MCP server. */
import type { Logger } from '../log.ts'
import { type RunningMcpServer, startMcpServer } from '../mcp_server/start.ts'
import { watchPolicy } from '../scopes/watch.ts'
import { StartError } from '../start_error.ts'
import { type FileEvents, type WatchedFile, watchFile } from '../watched_file.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import { LIMITS, type Limits, type Listing, listTools } from './listing.ts'
import { createMcpgw } from './mcpgw.ts'
import { loadServers, MAX_SERVERS_FILE, type ServerEntry } from './servers.ts'
import type { RegistrySettings } from './settings.ts'
import { createViews } from './views.ts'

export interface Pace {
  /** Between two questions to a server; default one minute. */
  refreshMilliseconds?: number
  /** Of one question. */
  limits?: Limits
}

/**
 * Starts the MCP server `mcpgw`.
 * @throws {StartError} when `scopes.yml` or `servers.yml` cannot be used, listing every problem, or when the port cannot be opened
 */
export async function startRegistry(settings: RegistrySettings, log: Logger, pace: Pace = {}): Promise<RunningMcpServer> {
  const { scopesFile, serversFile, gateway, host, port } = settings
  const { limits = LIMITS, refreshMilliseconds } = pace
  const catalogue = createCatalogue({
    list: (entry) => listTools(entry, limits),
    onListing: reportListings(log),
    refreshMilliseconds,
  })
  const parts: Array<{ close(): unknown }> = [catalogue]
  const end = async (): Promise<void> => {
    for (const part of parts) await part.close()
  }
  try {
    const policy = watchPolicy(
      scopesFile,
      fileEvents(scopesFile, ({ size }) => size, log),
    )
    parts.push(policy)
    const viewOf = createViews(catalogue, always(policy, scopesFile))
    const registry = { viewOf, begun: catalogue.begun, gateway, now: Date.now }
    const onError = (kind: string): void => log.error({ error: kind }, 'request failed')
    const mcp = await startMcpServer({ name: 'mcpgw', create: () => createMcpgw(registry), onError }, { host, port })
    parts.push(mcp)
    // Only now: the registry may be one of the servers itself.
    parts.push(watchServers(serversFile, catalogue, log))
    return { ...mcp, close: end }
  } catch (error) {
    await end()
    throw error
  }
}

function watchServers(path: string, catalogue: Catalogue, log: Logger): WatchedFile<ServerEntry[]> {
  const { onLoad, onProblems } = fileEvents(path, (entries: ServerEntry[]) => ({ servers: entries.length }), log)
  const take = (entries: ServerEntry[]): void => {
    onLoad(entries)
    catalogue.replace(entries)
  }
  const file = watchFile(path, { load: loadServers, maxBytes: MAX_SERVERS_FILE }, { onLoad: take, onProblems })
  if (file.current() === null) file.close()
  always(file, path)
  return file
}

function fileEvents<T>(file: string, figures: (value: T) => object, log: Logger): FileEvents<T> {
  return {
    onLoad: (value) => log.info({ file, ...figures(value) }, 'file loaded'),
    onProblems: (problems) => log.error({ file, problems }, 'file refused; the last good one, if any, stays in force'),
  }
}

/** What a file says. Without a good one there is no start, and afterwards a good one is never given up. */
function always<T>(file: WatchedFile<T>, path: string): () => T {
  if (file.current() === null) {
    const lines = file.problems().map((problem) => `  - ${problem}`)
    throw new StartError(`${path} cannot be used:\n${lines.join('\n')}`)
  }
  return () => file.current() as T
}

/** Tells the log what changed; a server that stays as it is, or stays away, is told of once. */
function reportListings(log: Logger): (server: string, listing: Listing) => void {
  const told = new Map<string, string>()
  return (server, listing) => {
    const news = 'problem' in listing ? listing : { tools: listing.tools.length, dropped: listing.dropped, cut: listing.cut }
    const text = JSON.stringify(news)
    if (told.get(server) === text) return
    told.set(server, text)
    if ('problem' in listing) log.warn({ server, ...news }, 'tools not listed; the last good list, if any, is kept')
    else log.info({ server, ...news }, 'tools listed')
  }
}
