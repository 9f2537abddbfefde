import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import { type Client, clientsFor } from '../../src/login/clients.ts'
import * as assert from '../support/assert.ts'

const clients = suite('configuration of clients')

const COOKIE = '__Host-mcp_gateway_session'
const NOW = { name: 'now', url: 'https://mcp.example.com/now/mcp' }
const DOTTED = { name: 'mcp.gw', url: 'https://mcp.example.com/mcp.gw/mcp' }
const PLAIN = { name: 'local', url: 'http://localhost:8000/local/mcp' }

const code = (all: Client[], id: string, step = 0): string => all.find((client) => client.id === id)?.steps[step]?.code ?? ''

/** Runs a command with programs that only print their arguments, one a line, and GATEHOUSE_SESSION. */
function run(command: string): string[] {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-clients-'))
  try {
    mkdirSync(join(home, '.mcp'))
    writeFileSync(join(home, '.mcp/session_cookie'), 'SEALED~2\n')
    const program = `#!/bin/sh\nprintf '%s\\n' "$(basename "$0")" "$@" "env=$GATEHOUSE_SESSION"\n`
    for (const name of ['claude', 'curl', 'npx', 'cursor']) writeFileSync(join(home, name), program, { mode: 0o755 })
    const env = { HOME: home, PATH: `${home}:/usr/bin:/bin` }
    return execFileSync('sh', ['-c', command], { env, encoding: 'utf8' }).trimEnd().split('\n')
  } finally {
    rmSync(home, { recursive: true })
  }
}

clients('Claude Code: one command a server, with a name it takes', () => {
  assert.equal(run(code(clientsFor([NOW, DOTTED], COOKIE), 'claude-code')), [
    ...['claude', 'mcp', 'add', '--transport', 'http', 'now', NOW.url, '--header', `Cookie: ${COOKIE}=SEALED~2`, 'env='],
    ...['claude', 'mcp', 'add', '--transport', 'http', 'mcp_gw', DOTTED.url, '--header', `Cookie: ${COOKIE}=SEALED~2`, 'env='],
  ])
})

clients('VS Code asks for the session', () => {
  const { inputs, servers } = JSON.parse(code(clientsFor([NOW, DOTTED], COOKIE), 'vscode'))
  assert.is(inputs.length, 1)
  assert.is(inputs[0].type, 'promptString')
  assert.is(inputs[0].password, true)
  const headers = { Cookie: `${COOKIE}=\${input:${inputs[0].id}}` }
  assert.equal(servers, { now: { type: 'http', url: NOW.url, headers }, 'mcp.gw': { type: 'http', url: DOTTED.url, headers } })
})

clients('Cursor reads the session from its environment', () => {
  const all = clientsFor([NOW], COOKIE)
  const headers = { Cookie: `${COOKIE}=\${env:GATEHOUSE_SESSION}` }
  assert.equal(JSON.parse(code(all, 'cursor')), { mcpServers: { now: { url: NOW.url, headers } } })
  assert.equal(run(code(all, 'cursor', 1)), ['cursor', 'env=SEALED~2'])
})

clients('mcp-remote gets the session by the environment, not as an argument', () => {
  const { mcpServers } = JSON.parse(code(clientsFor([NOW, PLAIN], COOKIE), 'mcp-remote'))
  const header = ['--header', `Cookie:${COOKIE}=\${GATEHOUSE_SESSION}`]
  assert.is(mcpServers.now.command, 'sh')
  assert.is(mcpServers.now.args[0], '-c')
  assert.equal(run(mcpServers.now.args[1]), ['npx', '-y', 'mcp-remote', NOW.url, ...header, 'env=SEALED~2'])
  assert.equal(run(mcpServers.local.args[1]), ['npx', '-y', 'mcp-remote', PLAIN.url, ...header, '--allow-http', 'env=SEALED~2'])
})

clients('curl sends one JSON-RPC message', () => {
  const words = run(code(clientsFor([NOW], COOKIE), 'curl'))
  // The session is on no command line.
  assert.equal([words.slice(0, 4), words[4]?.endsWith('/.mcp/session_cookie.jar')], [['curl', '-i', NOW.url, '--cookie'], true])
  assert.equal(JSON.parse(words[words.indexOf('-d') + 1] ?? ''), { jsonrpc: '2.0', id: 1, method: 'tools/list' })
})

clients('an address cannot leave its word', () => {
  const url = `https://mcp.example.com/'; touch /tmp/x $(id) "\\`
  const all = clientsFor([{ name: '__proto__', url }], COOKIE)
  assert.is(run(code(all, 'claude-code'))[6], url)
  assert.is(run(code(all, 'curl'))[2], url)
  const { mcpServers } = JSON.parse(code(all, 'mcp-remote'))
  assert.equal(Object.keys(mcpServers), ['__proto__'])
  assert.is(run(Object.getOwnPropertyDescriptor(mcpServers, '__proto__')?.value.args[1])[3], url)
})

clients.run()
