/** mcp-remote, by which programs that start MCP servers as processes reach the gateway: given a URL, and a browser to open. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import * as assert from '../support/assert.ts'
import { type Chromium, startChromium } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { createPerson, type Person } from './person.ts'

const remote = suite('mcp-remote')
const program = join(dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')), 'dist/proxy.js')
let demo: Demo
let chromium: Chromium
let person: Person
let home: string

remote.before(async () => {
  ;[demo, chromium] = await Promise.all([startDemo({ CHALLENGE_SCOPES: 'operation' }), startChromium()])
  person = await createPerson(chromium, demo.user('DEMO_ADMIN'), /^http:\/\/localhost:\d+\/oauth\/callback/)
  home = mkdtempSync(join(tmpdir(), 'gatehouse-home-'))
  // What it opens is written down, for the browser that the test has.
  const opener = join(home, 'browser')
  writeFileSync(opener, `#!/bin/sh\nprintf '%s\\n' "$1" >> '${home}/opened'\n`)
  chmodSync(opener, 0o755)
})
remote.after(async () => {
  await person?.close()
  await Promise.all([demo?.close(), chromium?.close()])
  rmSync(home, { recursive: true, force: true })
})

/** The file is there before its first line is: what counts is a whole line. */
const opened = (): string[] => {
  const file = join(home, 'opened')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}

/** Follows the address that is opened next, while `what` waits for it. */
async function afterLogin<T>(what: Promise<T>): Promise<{ asked: string[]; address: URL; result: T }> {
  const before = opened().length
  what.catch(() => {})
  await until('mcp-remote opens a browser', () => opened().length > before, 20_000)
  const address = opened().at(-1) as string
  const asked = await person.follow(address)
  return { asked, address: new URL(address), result: await what }
}

interface Proxy {
  client: Client
  transport: StdioClientTransport
  said(): string
}

function start(port: number): Proxy {
  const args = [program, `${demo.url}/currenttime/mcp`, String(port), '--transport', 'http-only']
  const env = { PATH: process.env.PATH ?? '', HOME: home, MCP_REMOTE_CONFIG_DIR: join(home, 'auth'), BROWSER: join(home, 'browser') }
  const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: 'pipe' })
  let said = ''
  transport.stderr?.on('data', (chunk) => {
    said += chunk
  })
  return { client: new Client({ name: 'test', version: '1.0.0' }), transport, said: () => said }
}

const TOOL = { name: 'current_time_by_timezone', arguments: { tz_name: 'Asia/Tokyo' } }

remote('logs the user in, steps up for a call, and remembers both when it starts again', async () => {
  const port = await freePort()
  const { client, transport, said } = start(port)
  try {
    const { asked, address } = await afterLogin(client.connect(transport))
    assert.equal(asked, ['consent', 'login'])
    assert.is(address.searchParams.get('redirect_uri'), `http://localhost:${port}/oauth/callback`)
    const { asked: again, result } = await afterLogin(client.callTool(TOOL))
    assert.equal(again, ['consent'])
    assert.match(JSON.stringify(result), 'JST')
  } catch (error) {
    throw new Error(`${error}; mcp-remote has said:\n${said()}`)
  } finally {
    await client.close()
  }
  const before = opened().length
  const { client: next, transport: another } = start(port)
  await next.connect(another)
  assert.equal(
    (await next.listTools()).tools.map(({ name }) => name),
    [TOOL.name],
  )
  assert.match(JSON.stringify(await next.callTool(TOOL)), 'JST')
  assert.is(opened().length, before)
  await next.close()
})

remote.run()
