/**
 * Ready configuration for MCP clients. A client is told the URL alone: it signs its user in by itself, at this gateway
 * (MCP, authorization). Nothing here holds a secret.
 */

export interface Target {
  name: string
  url: string
}

interface Step {
  /** What to do with the code; parts between backticks are shown as code. */
  say: string
  code: string
}

export interface Client {
  /** For the ids of elements. */
  id: string
  name: string
  steps: Step[]
}

/** Where `gatehouse login` saves the value of the session cookie, for programs that cannot sign in. */
export const SESSION_FILE = '~/.mcp/session_cookie'

/** How each client is told of the servers. */
export function clientsFor(targets: readonly Target[]): Client[] {
  return [
    { id: 'claude-code', name: 'Claude Code', steps: claudeCode(targets) },
    { id: 'vscode', name: 'VS Code', steps: vsCode(targets) },
    { id: 'cursor', name: 'Cursor', steps: cursor(targets) },
    { id: 'mcp-remote', name: 'Clients that only start programs, by mcp-remote', steps: mcpRemote(targets) },
    { id: 'curl', name: 'curl', steps: curl(targets) },
  ]
}

function claudeCode(targets: readonly Target[]): Step[] {
  const say = 'Run in a terminal. Then type `/mcp` in Claude Code, choose the server and sign in.'
  // Claude Code takes letters, digits, hyphens and underscores for a name.
  const add = ({ name, url }: Target): string => `claude mcp add --transport http ${name.replace(/[^A-Za-z0-9_-]/g, '_')} ${word(url)}`
  return [{ say, code: targets.map(add).join('\n') }]
}

function vsCode(targets: readonly Target[]): Step[] {
  const say = 'Save as `.vscode/mcp.json` and start the server there: VS Code opens the page to sign in.'
  return [{ say, code: json({ servers: entries(targets, ({ url }) => ({ type: 'http', url })) }) }]
}

function cursor(targets: readonly Target[]): Step[] {
  const say = 'Put into `~/.cursor/mcp.json`. Then sign in where Cursor’s settings list the MCP servers.'
  return [{ say, code: json({ mcpServers: entries(targets, ({ url }) => ({ url })) }) }]
}

function mcpRemote(targets: readonly Target[]): Step[] {
  const say = 'Put into the client’s own configuration of MCP servers. It needs Node; the page to sign in opens when the client starts it.'
  const start = ({ url }: Target): unknown => ({
    command: 'npx',
    // Without it mcp-remote takes plain http from the user's own computer alone.
    args: ['-y', 'mcp-remote', url, ...(url.startsWith('http:') ? ['--allow-http'] : [])],
  })
  return [{ say, code: json({ mcpServers: entries(targets, start) }) }]
}

function curl(targets: readonly Target[]): Step[] {
  const say = 'curl cannot sign in: run `gatehouse login` first, then this in a terminal.'
  const call = ({ url }: Target): string =>
    [
      `curl -i ${word(url)}`,
      `--cookie ${SESSION_FILE}.jar`,
      "-H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'",
      `-d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`,
    ].join(' \\\n  ')
  return [{ say, code: targets.map(call).join('\n\n') }]
}

/** An object without prototype: a server may have any name. */
function entries(targets: readonly Target[], configure: (target: Target) => unknown): Record<string, unknown> {
  return Object.assign(Object.create(null), Object.fromEntries(targets.map((target) => [target.name, configure(target)])))
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)

/** One word of a POSIX shell. */
const word = (text: string): string => (/^[\w./:@%-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
