/** Which MCP server a client asks for a token for (RFC 8707). */

/**
 * Reads a `resource`.
 * @param gateway public URL of the gateway, without a final slash
 * @param isServer whether the gateway has such a server
 * @returns its canonical form without a final slash, and the server, null for the gateway as a whole; null when it is none of this gateway
 */
export function readResource(
  text: string,
  gateway: string,
  isServer: (name: string) => boolean,
): { uri: string; server: string | null } | null {
  if (text.length > 512 || !URL.canParse(text)) return null
  // As a URL, because host names and schemes may be written in capitals.
  const uri = new URL(text).href.replace(/\/$/, '')
  if (uri === gateway) return { uri, server: null }
  if (!uri.startsWith(`${gateway}/`)) return null
  const [, server] = /^([^/?#]+)(?:\/(?:mcp|sse))?$/.exec(uri.slice(gateway.length + 1)) ?? []
  return server !== undefined && isServer(server) ? { uri, server } : null
}
