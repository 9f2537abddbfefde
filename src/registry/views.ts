/** What one caller gets to see: servers and tools that the caller's scopes open, judged by the gate's own policy. */
import type { Policy } from '../gate/policy.ts'
import type { Catalogue, KnownServer } from './catalogue.ts'
import { createSearch, type Found } from './search.ts'
import type { Tool } from './tool.ts'

export interface SeenServer {
  known: KnownServer
  /** Those that the caller may call. */
  tools: readonly Tool[]
}

export interface View {
  servers: readonly SeenServer[]
  /** The tools that fit a question best. */
  find(query: string, limit: number): Promise<Found[]>
}

/** Views that are kept: callers differ, but few of them in their scopes. */
const MAX_VIEWS = 16

interface Kept {
  policy: Policy
  version: number
  tools: ReadonlyMap<string, readonly Tool[]>
  find: View['find']
}

/**
 * Gives the view of whoever holds these scopes. Each view has an index of its own: in a common one the ranking of what is seen would
 * tell of the words of what is not.
 */
export function createViews(catalogue: Catalogue, policy: () => Policy): (scopes: readonly string[]) => View {
  const kept = new Map<string, Kept>()
  return (held) => {
    const inForce = policy()
    const scopes = held.filter((scope) => inForce.knows(scope)).sort()
    const key = scopes.join(' ')
    let view = kept.get(key)
    if (view?.policy !== inForce || view.version !== catalogue.version()) view = judge(catalogue, inForce, scopes)
    kept.delete(key)
    kept.set(key, view)
    if (kept.size > MAX_VIEWS) kept.delete(kept.keys().next().value as string)
    const { tools, find } = view
    // Whether a list is fresh changes without a new version, so that is looked up now.
    const servers = catalogue.servers().flatMap((known) => {
      const seen = tools.get(known.entry.name)
      return seen === undefined ? [] : [{ known, tools: seen }]
    })
    return { servers, find }
  }
}

function judge(catalogue: Catalogue, policy: Policy, scopes: readonly string[]): Kept {
  const open = catalogue.servers().filter(({ entry }) => policy.opens(scopes, entry.name))
  const may = (server: string, name: string): boolean => policy.permits(scopes, server, { method: 'tools/call', name })
  const tools = new Map(open.map(({ entry, tools }) => [entry.name, tools.filter(({ name }) => may(entry.name, name))]))
  let search: ReturnType<typeof createSearch> | undefined
  const find: View['find'] = async (query, limit) => {
    search ??= createSearch(
      open.flatMap(({ entry: { name, tags } }) => (tools.get(name) ?? []).map((tool) => ({ server: name, tags, tool }))),
    )
    return (await search).find(query, limit)
  }
  return { policy, version: catalogue.version(), tools, find }
}
