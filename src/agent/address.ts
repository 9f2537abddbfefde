/** Where MCP servers are: below the gateway, each with an endpoint for both transports. */

export interface Endpoints {
  /** Streamable HTTP. */
  streamable: URL
  /** HTTP+SSE of protocol revision 2024-11-05. */
  sse: URL
}

export interface RegistryAddress {
  /** Origin of the gateway. */
  gateway: string
  /** Endpoint of the registry's own MCP server. */
  url: URL
}

/** A name as it may stand in a path: one segment, nothing to be normalised away. */
export const isServerName = (text: string): boolean => /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/.test(text)

/**
 * @param text such as `https://mcp.example.com/mcpgw/mcp`; the older `/sse` will do, and so will another path
 * @returns null when it is no http or https URL, or holds a password
 */
export function readRegistryUrl(text: string): RegistryAddress | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  if (!isWeb || url.username !== '' || url.password !== '' || url.hash !== '') return null
  return { gateway: url.origin, url }
}

/** @param name as it stands in the gateway's path */
export const serverUrl = (gateway: string, name: string): URL => new URL(`/${name}/mcp`, gateway)

/** The name in the path of a server at the gateway, for messages. */
export const nameOf = (url: URL): string => /^\/([^/]+)\//.exec(url.pathname)?.[1] ?? url.host

/** `/mcp` and `/sse` are siblings at the gateway. Elsewhere one address may serve both, as the specification proposes it to clients. */
export function endpointsOf(url: URL): Endpoints {
  const sibling = (name: string): URL => {
    const other = new URL(url)
    other.pathname = url.pathname.replace(/\/(?:mcp|sse)\/?$/, `/${name}`)
    return other
  }
  return { streamable: sibling('mcp'), sse: sibling('sse') }
}
