/** Which scope to ask for: the one that opens what is wanted and the least besides. */
import { ANY, type Grants, OPEN, WILDCARDS } from './tokens.ts'

/** Cognito names a scope RESOURCE_SERVER/SCOPE; a resource server's identifier may itself hold slashes. */
export const resourceServerOf = (scope: string): string => scope.slice(0, Math.max(0, scope.lastIndexOf('/')))

type Narrower = (a: string, b: string) => string
/** By server, token and resource server (`*` for any) the narrowest scope that opens the token: no challenge needs a search. */
type Index = Map<string, Map<string, Map<string, string>>>

export interface Openers {
  /**
   * The first resource server that has an opener decides; any does in the end.
   * @param choices sets of tokens of which one is enough, the better sets first
   * @param among the scopes that come into question, which are walked; every one when left out
   */
  narrowest(
    resourceServers: readonly string[],
    server: string,
    choices: ReadonlyArray<readonly string[]>,
    among?: readonly string[],
  ): string | null
}

/**
 * @param order of the scopes in the file, which decides between equals
 * @param opens whether the scope alone opens one of the tokens on the server
 */
export function createOpeners(
  servers: ReadonlyMap<string, Grants>,
  order: ReadonlyMap<string, number>,
  opens: (scope: string, server: string, tokens: readonly string[]) => boolean,
): Openers {
  const narrower = compareBy(widths(servers), order)
  const index = indexed(servers, narrower)
  const openersIn = (server: string, tokens: readonly string[], among: readonly string[] | undefined): ((family: string) => string[]) => {
    if (among === undefined)
      return (family) => [server, ANY].flatMap((name) => tokens.flatMap((token) => index.get(name)?.get(token)?.get(family) ?? []))
    const opening = among.filter((scope) => opens(scope, server, tokens))
    return (family) => (family === ANY ? opening : opening.filter((scope) => resourceServerOf(scope) === family))
  }
  return {
    narrowest: (resourceServers, server, choices, among) => {
      const ways = choices.map((tokens) => openersIn(server, tokens, among)).filter((openers) => openers(ANY).length > 0)
      if (ways.length === 0) return null
      for (const family of [...resourceServers, ANY]) {
        for (const openers of ways) {
          const found = openers(family)
          if (found.length > 0) return found.reduce(narrower)
        }
      }
      return null
    },
  }
}

/** How much a scope opens, over all servers; a wildcard is more than any list. */
function widths(servers: ReadonlyMap<string, Grants>): Map<string, number> {
  const width = new Map<string, number>()
  for (const [server, grants] of servers) {
    for (const [scope, tokens] of grants) {
      const wide = server === ANY || WILDCARDS.some((token) => tokens.has(token))
      width.set(scope, (width.get(scope) ?? 0) + tokens.size + (wide ? 1e6 : 0))
    }
  }
  return width
}

function compareBy(width: ReadonlyMap<string, number>, order: ReadonlyMap<string, number>): Narrower {
  return (a, b) => {
    const byWidth = (width.get(a) ?? 0) - (width.get(b) ?? 0)
    return byWidth < 0 || (byWidth === 0 && (order.get(a) ?? 0) <= (order.get(b) ?? 0)) ? a : b
  }
}

function indexed(servers: ReadonlyMap<string, Grants>, narrower: Narrower): Index {
  const result: Index = new Map()
  for (const [server, grants] of servers) {
    const byToken = new Map<string, Map<string, string>>()
    result.set(server, byToken)
    for (const [scope, tokens] of grants) {
      for (const token of [OPEN, ...tokens]) {
        const byFamily = byToken.get(token) ?? new Map<string, string>()
        byToken.set(token, byFamily)
        for (const family of [resourceServerOf(scope), ANY]) byFamily.set(family, narrower(byFamily.get(family) ?? scope, scope))
      }
    }
  }
  return result
}
