/** Every example of docs/clients.md, run as it stands there: against the local stack, and what other programs are told, against the page. */
import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { saveCookie } from '../../src/cli/cookie_file.ts'
import { clientsFor } from '../../src/login/clients.ts'
import { knownClient } from '../../src/oauth/known_clients.ts'
import { createSealer } from '../../src/session/seal.ts'
import { sealSession } from '../../src/session/session.ts'
import { executable } from '../cli/command.ts'
import * as assert from '../support/assert.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const clients = suite('docs/clients.md')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-clients-'))
let demo: Demo

interface Example {
  heading: string
  language: string
  code: string
}

const text = readFileSync(join(root, 'docs/clients.md'), 'utf8')
const examples: Example[] = text.split(/^## /m).flatMap((section) => {
  const [heading = ''] = section.split('\n')
  return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({ heading, language, code }))
})
const under = (heading: string, language: string): string[] =>
  examples.filter((one) => one.heading === heading && one.language === language).map(({ code }) => code)

clients.before(async () => {
  demo = await startDemo()
  mkdirSync(join(folder, 'bin'))
  symlinkSync(executable, join(folder, 'bin/gatehouse'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  await saveSession()
})
clients.before.each(() => useAgent('.env.agent'))
clients.after(async () => {
  await demo?.close()
  rmSync(folder, { recursive: true, force: true })
})

function useAgent(file: string): void {
  copyFileSync(join(demo.folder, file), join(folder, '.env.agent'))
  chmodSync(join(folder, '.env.agent'), 0o600)
}

async function saveSession(): Promise<void> {
  const { SECRET_KEY = '' } = demo.settings('.env')
  const user = { username: 'user', clientId: 'democli', groups: ['mcp-registry-user'] }
  const sealed = await sealSession(createSealer([SECRET_KEY]), user, Date.now() / 1000, 3600)
  const cookie = { gateway: demo.url, name: 'mcp_gateway_session', value: sealed?.seal ?? '', expiresAt: Date.now() / 1000 + 3600 }
  saveCookie(join(folder, '.mcp/session_cookie'), { ...cookie, expiresAt: Math.floor(cookie.expiresAt) })
}

interface Ended {
  code: number
  stdout: string
  stderr: string
}

function run(command: string, args: string[]): Promise<Ended> {
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, HOME: folder, GATEWAY: demo.url }
  return new Promise((done) => {
    execFile(command, args, { cwd: folder, env, timeout: 30_000 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}
const shell = (code: string): Promise<Ended> => run('bash', ['--norc', '-euo', 'pipefail', '-c', code])
function node(code: string): Promise<Ended> {
  const file = join(folder, 'example.mts')
  writeFileSync(file, code)
  return run(process.execPath, ['--import', 'tsx', file])
}

clients('holds the examples that are run here, and no other', () => {
  assert.equal(
    examples.map(({ heading, language }) => [heading.split(',')[0], language]),
    [
      ['What to type', 'sh'],
      ['What to type', 'json'],
      ['What to type', 'json'],
      ['What to type', 'json'],
      ['What to type', 'json'],
      ['Programs of your own', 'sh'],
      ['curl', 'sh'],
      ['curl', 'sh'],
      ['curl', 'sh'],
      ['MCP TypeScript SDK', 'ts'],
      ['MCP TypeScript SDK', 'ts'],
    ],
  )
})

const PUBLIC = { name: 'currenttime', url: 'https://mcp.example.com/currenttime/mcp' }
/** What a signed-in user finds on the gateway's page. */
const onPage = (id: string): string => clientsFor([PUBLIC]).find((client) => client.id === id)?.steps[0]?.code ?? ''

clients('files: what the page of the gateway gives, too', () => {
  const [vsCode, cursor, zed, mcpRemote] = under('What to type', 'json').map((code) => JSON.parse(code))
  assert.equal(vsCode, JSON.parse(onPage('vscode')))
  assert.equal(cursor, JSON.parse(onPage('cursor')))
  assert.equal(zed, { context_servers: cursor.mcpServers })
  assert.equal(mcpRemote, JSON.parse(onPage('mcp-remote')))
})

clients('commands: each program is told the URL; Claude Code as on the page', async () => {
  const [code = ''] = under('What to type', 'sh')
  assert.is(code.split('\n')[0]?.replace(/ +# 1$/, ''), onPage('claude-code'))
  const told = join(folder, 'told')
  for (const name of ['claude', 'codex', 'gemini', 'copilot', 'npx'])
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\necho "\${0##*/} $*" >> ${told}\n`, { mode: 0o755 })
  assert.equal(await shell(code), { code: 0, stdout: '', stderr: '' })
  for (const name of ['claude', 'codex', 'gemini', 'copilot', 'npx']) rmSync(join(folder, 'bin', name))
  assert.equal(readFileSync(told, 'utf8').trimEnd().split('\n'), [
    `claude mcp add --transport http currenttime ${PUBLIC.url}`,
    `codex mcp add currenttime --url ${PUBLIC.url}`,
    `gemini mcp add --transport http currenttime ${PUBLIC.url}`,
    `copilot mcp add --transport http currenttime ${PUBLIC.url}`,
    `npx -y @modelcontextprotocol/inspector --transport http --server-url ${PUBLIC.url}`,
  ])
})

clients('the redirect URIs of known clients are those that the gateway knows', () => {
  const [, table = ''] = /^`known`, to the letter:\n\n([\s\S]*?)\n\n/m.exec(text) ?? []
  const rows = table.split('\n').slice(2)
  assert.ok(rows.length > 9)
  for (const row of rows) {
    const [, name = '', uris = ''] = row.split(/ *\| */)
    for (const [, uri = ''] of uris.matchAll(/`([^`]+)`/g)) assert.is(knownClient(uri.replace(/\/ID$/, '/x1')), name, uri)
  }
})

clients('curl, the agent’s own identity: the time in Tokyo', async () => {
  const [code = ''] = under("curl, the agent's own identity", 'sh')
  const { stdout, stderr, code: exit } = await shell(code)
  assert.equal([exit, stderr], [0, ''])
  assert.match(JSON.parse(stdout).result.content[0].text, /JST/)
})

clients('curl, the agent’s own identity: an agent that may only look is refused with the missing scope', async () => {
  useAgent('.env.agent-readonly')
  const [code = ''] = under("curl, the agent's own identity", 'sh')
  const { stdout, stderr, code: exit } = await shell(code)
  assert.is(exit, 22)
  assert.match(stderr, '403')
  assert.match(JSON.parse(stdout).error.message, 'It takes the scope mcp-servers-unrestricted/execute.')
})

clients('curl, a user’s identity: the tools, and who one is', async () => {
  const [tools = '', me = ''] = under("curl, a user's identity", 'sh')
  const listed = await shell(tools)
  assert.equal([listed.code, listed.stderr], [0, ''])
  // Of the tools there are, this user may call none.
  assert.equal(JSON.parse(listed.stdout).result.tools, [])
  assert.is(JSON.parse((await shell(me)).stdout).user, 'user')
})

clients('MCP TypeScript SDK, the agent’s own identity: the time in Tokyo', async () => {
  const [code = ''] = under("MCP TypeScript SDK, the agent's own identity", 'ts')
  const { stdout, stderr, code: exit } = await node(code)
  assert.equal([exit, stderr], [0, ''])
  assert.match(stdout, /JST/)
})

clients('MCP TypeScript SDK, the agent’s own identity: the missing scope', async () => {
  useAgent('.env.agent-readonly')
  const [code = ''] = under("MCP TypeScript SDK, the agent's own identity", 'ts')
  assert.match((await node(code)).stderr, 'The agent lacks the scope mcp-servers-unrestricted/execute')
})

clients('MCP TypeScript SDK, a user’s identity: the tools', async () => {
  const [code = ''] = under("MCP TypeScript SDK, a user's identity", 'ts')
  const { stdout, stderr, code: exit } = await node(code)
  assert.equal([exit, stderr], [0, ''])
  assert.is(stdout, '[]\n', 'of the tools there are, this user may call none')
})

clients('the older transport takes the same options', async () => {
  const [code = ''] = under("MCP TypeScript SDK, a user's identity", 'ts')
  const { stdout, stderr } = await node(
    code.replaceAll('StreamableHTTPClientTransport', 'SSEClientTransport').replace('/currenttime/mcp', '/currenttime/sse'),
  )
  assert.is(stderr, '')
  assert.match(stdout, 'current_time_by_timezone')
})

clients.run()
