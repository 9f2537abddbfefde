import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, clientsFor } from '../../src/login/clients.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const clients = suite('configuration of clients')

const NOW = { name: 'now', url: 'https://mcp.example.com/now/mcp' }
const DOTTED = { name: 'mcp.gw', url: 'https://mcp.example.com/mcp.gw/mcp' }
const PLAIN = { name: 'local', url: 'http://localhost:8000/local/mcp' }

const code = (all: Client[], id: string, step = 0): string => all.find((client) => client.id === id)?.steps[step]?.code ?? ''

/** Runs a command with programs that only print their arguments, one a line. */
function run(command: string): string[] {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-clients-'))
  try {
    const program = '#!/bin/sh\nbasename "$0"\nprintf "%s\\n" "$@"\n'
    for (const name of ['claude', 'curl']) writeFileSync(join(home, name), program, { mode: 0o755 })
    const env = { HOME: home, PATH: `${home}:/usr/bin:/bin` }
    return execFileSync('sh', ['-c', command], { env, encoding: 'utf8' }).trimEnd().split('\n')
  } finally {
    rmSync(home, { recursive: true })
  }
}

clients('Claude Code: one command a server, with a name it takes', () => {
  assert.equal(run(code(clientsFor([NOW, DOTTED]), 'claude-code')), [
    ...['claude', 'mcp', 'add', '--transport', 'http', 'now', NOW.url],
    ...['claude', 'mcp', 'add', '--transport', 'http', 'mcp_gw', DOTTED.url],
  ])
})

clients('VS Code and Cursor: the URL alone', () => {
  const all = clientsFor([NOW, DOTTED])
  const servers = { now: { type: 'http', url: NOW.url }, 'mcp.gw': { type: 'http', url: DOTTED.url } }
  assert.equal(JSON.parse(code(all, 'vscode')), { servers })
  assert.equal(JSON.parse(code(all, 'cursor')), { mcpServers: { now: { url: NOW.url }, 'mcp.gw': { url: DOTTED.url } } })
})

clients('mcp-remote: the URL alone, and leave to use plain http where the gateway does', () => {
  assert.equal(JSON.parse(code(clientsFor([NOW, PLAIN]), 'mcp-remote')), {
    mcpServers: {
      now: { command: 'npx', args: ['-y', 'mcp-remote', NOW.url] },
      local: { command: 'npx', args: ['-y', 'mcp-remote', PLAIN.url, '--allow-http'] },
    },
  })
})

clients('but for curl no client is told of a session', () => {
  const told = clientsFor([NOW, DOTTED, PLAIN]).filter((client) => /session|cookie|gatehouse login/i.test(JSON.stringify(client)))
  assert.equal(
    told.map(({ id }) => id),
    ['curl'],
  )
})

clients('curl sends one JSON-RPC message', () => {
  const words = run(code(clientsFor([NOW]), 'curl'))
  // The session is on no command line.
  assert.equal([words.slice(0, 4), words[4]?.endsWith('/.mcp/session_cookie.jar')], [['curl', '-i', NOW.url, '--cookie'], true])
  assert.equal(JSON.parse(words[words.indexOf('-d') + 1] ?? ''), { jsonrpc: '2.0', id: 1, method: 'tools/list' })
})

clients('an address cannot leave its word', () => {
  const url = `https://mcp.example.com/'; touch /tmp/x $(id) "\\`
  const all = clientsFor([{ name: '__proto__', url }])
  assert.is(run(code(all, 'claude-code'))[6], url)
  assert.is(run(code(all, 'curl'))[2], url)
  const { mcpServers } = JSON.parse(code(all, 'mcp-remote'))
  assert.equal(Object.keys(mcpServers), ['__proto__'])
  assert.is(Object.getOwnPropertyDescriptor(mcpServers, '__proto__')?.value.args[2], url)
})

clients.run()
