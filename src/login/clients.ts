/**
 * Ready configuration for MCP clients. The session itself is never part of it: each client reads it from where `gatehouse login`
 * has put it, or asks for it.
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

/** Where `gatehouse login` saves the value of the session cookie. */
export const SESSION_FILE = '~/.mcp/session_cookie'
const VARIABLE = 'GATEHOUSE_SESSION'
const READ_SESSION = `$(cat ${SESSION_FILE})`

/** How each client is told of the servers. */
export function clientsFor(targets: readonly Target[], cookieName: string): Client[] {
  return [
    { id: 'claude-code', name: 'Claude Code', steps: claudeCode(targets, cookieName) },
    { id: 'vscode', name: 'VS Code', steps: vsCode(targets, cookieName) },
    { id: 'cursor', name: 'Cursor', steps: cursor(targets, cookieName) },
    { id: 'mcp-remote', name: 'Claude Desktop and others, by mcp-remote', steps: mcpRemote(targets, cookieName) },
    { id: 'curl', name: 'curl', steps: curl(targets) },
  ]
}

function claudeCode(targets: readonly Target[], cookieName: string): Step[] {
  const say =
    'Run in a terminal. Claude Code keeps the value, so after the next `gatehouse login` remove (`claude mcp remove NAME`) and add again.'
  // Claude Code takes letters, digits, hyphens and underscores for a name.
  const add = ({ name, url }: Target): string =>
    `claude mcp add --transport http ${name.replace(/[^A-Za-z0-9_-]/g, '_')} ${word(url)} \\\n  --header "Cookie: ${cookieName}=${READ_SESSION}"`
  return [{ say, code: targets.map(add).join('\n\n') }]
}

function vsCode(targets: readonly Target[], cookieName: string): Step[] {
  const id = 'gatehouse-session'
  const inputs = [{ type: 'promptString', id, description: `Session: the content of ${SESSION_FILE}`, password: true }]
  const servers = entries(targets, ({ url }) => ({ type: 'http', url, headers: { Cookie: `${cookieName}=\${input:${id}}` } }))
  const say = `Save as \`.vscode/mcp.json\`. VS Code asks once for the session and stores it safely: paste the content of \`${SESSION_FILE}\`.`
  return [{ say, code: json({ inputs, servers }) }]
}

function cursor(targets: readonly Target[], cookieName: string): Step[] {
  const mcpServers = entries(targets, ({ url }) => ({ url, headers: { Cookie: `${cookieName}=\${env:${VARIABLE}}` } }))
  return [
    { say: 'Put into `~/.cursor/mcp.json`.', code: json({ mcpServers }) },
    { say: 'Start Cursor from a terminal, so that it sees the session.', code: `${VARIABLE}="${READ_SESSION}" cursor` },
  ]
}

/** The value goes through the environment, because other users of a computer can read the arguments of a program. */
function mcpRemote(targets: readonly Target[], cookieName: string): Step[] {
  const start = ({ url }: Target): string => {
    const insecure = url.startsWith('http:') ? ' --allow-http' : ''
    // mcp-remote fills in ${…} itself. No space after the colon: some clients split the argument there.
    const header = `'Cookie:${cookieName}=\${${VARIABLE}}'`
    return `${VARIABLE}="${READ_SESSION}" exec npx -y mcp-remote ${word(url)} --header ${header}${insecure}`
  }
  const mcpServers = entries(targets, (target) => ({ command: 'sh', args: ['-c', start(target)] }))
  const say =
    'For clients that can only start programs, such as Claude Desktop (`claude_desktop_config.json`). It needs Node; it reads the session each time it starts.'
  return [{ say, code: json({ mcpServers }) }]
}

function curl(targets: readonly Target[]): Step[] {
  const call = ({ url }: Target): string =>
    [
      `curl -i ${word(url)}`,
      `--cookie ${SESSION_FILE}.jar`,
      "-H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'",
      `-d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`,
    ].join(' \\\n  ')
  return [{ say: 'Run in a terminal.', code: targets.map(call).join('\n\n') }]
}

/** An object without prototype: a server may have any name. */
function entries(targets: readonly Target[], configure: (target: Target) => unknown): Record<string, unknown> {
  return Object.assign(Object.create(null), Object.fromEntries(targets.map((target) => [target.name, configure(target)])))
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)

/** One word of a POSIX shell. */
const word = (text: string): string => (/^[\w./:@%-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
