/** MCP servers as somebody names them: `NAME=URL`. What is taken here ends up in a configuration of nginx, so it is taken in plain form alone. */
import { isServer } from '../scopes/schema.ts'

export interface NamedServer {
  name: string
  /** Without a final slash; a path goes before the client's. */
  url: string
  /** When nginx must look the name up: what to write into an upstream {}. Null for an address. */
  upstream: { name: string; address: string; path: string } | null
}

/** Plain http, a name or an address, a port, a path of plain segments. Nothing that means something to nginx: no `;`, `{`, `}`, `$`, quote, blank. */
const URL_FORM =
  /^http:\/\/(?<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::(?<port>\d{1,5}))?(?<path>(?:\/[A-Za-z0-9._~-]+)*)\/?$/
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*\])$/
/** Paths of the gateway itself. */
const TAKEN = ['oauth2']

/** @returns the server, or what is wrong with it */
export function readServer(text: string): NamedServer | { problem: string } {
  const at = text.indexOf('=')
  const name = text.slice(0, Math.max(at, 0)).trim()
  if (at === -1) return { problem: `${shown(text)} must be NAME=URL, such as currenttime=http://127.0.0.1:9001` }
  if (!isServer(name)) return { problem: `${shown(name)} cannot be a server's name: letters, digits, inner ".", "_" and "-", at most 64` }
  if (TAKEN.includes(name)) return { problem: `"${name}" is a path of the gateway itself; choose another name` }
  const url = readUrl(text.slice(at + 1).trim(), name)
  return 'problem' in url ? url : { name, ...url }
}

function readUrl(text: string, name: string): Omit<NamedServer, 'name'> | { problem: string } {
  const { host = '', port = '80', path = '' } = URL_FORM.exec(text)?.groups ?? {}
  if (host === '' || /\/\.{1,2}(?:\/|$)/.test(path)) {
    return {
      problem: `${shown(text)} cannot be where ${name} runs: http://HOST:PORT, perhaps with a plain path, such as http://127.0.0.1:9001`,
    }
  }
  if (Number(port) < 1 || Number(port) > 65_535) return { problem: `${shown(text)}: there is no port ${port}` }
  // Names must be looked up when nginx starts: at a request it would need a resolver of its own.
  if (host.toLowerCase() === 'localhost') return { url: `http://127.0.0.1:${port}${path}`, upstream: null }
  if (ADDRESS.test(host)) return { url: `http://${host}:${port}${path}`, upstream: null }
  const upstream = { name: `mcp-${name}`, address: `${host}:${port}`, path }
  return { url: `http://${upstream.name}${path}`, upstream }
}

/** A few characters of it, harmless. */
const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** All of them, or every problem. */
export function readServers(texts: readonly string[]): { servers: NamedServer[] } | { problems: string[] } {
  const read = texts.map(readServer)
  const problems = read.flatMap((one) => ('problem' in one ? [one.problem] : []))
  const servers = read.flatMap((one) => ('problem' in one ? [] : [one]))
  const twice = servers.filter(({ name }, index) => servers.findIndex((other) => other.name === name) !== index)
  problems.push(...twice.map(({ name }) => `"${name}" is named twice`))
  if (texts.length === 0) problems.push('no MCP server is named, such as currenttime=http://127.0.0.1:9001')
  return problems.length > 0 ? { problems } : { servers }
}
