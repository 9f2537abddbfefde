/** Requests that are begun with a credential that is good, and whose bodies come when it is not any more. */

import { renameSync, writeFileSync } from 'node:fs'
import { connect as connectH2 } from 'node:http2'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from '../support/assert.ts'
import { call, message, POLICY } from '../support/gateway.ts'
import { now } from '../support/issuer.ts'
import { freePort, until } from '../support/process.ts'
import { attackSuite } from './attack_suite.ts'
import { mutate } from './mutate.ts'
import { http } from './table.ts'
import { addTls } from './tls.ts'
import { bearer, cookie, startWorld, type World } from './world.ts'

const late = attackSuite('bodies that come late')
let world: World
let tls: number

function configure(conf: string): void {
  const upstream = 'set $gatehouse_upstream http://mcpgw;'
  mutate(join(conf, 'example.conf'), upstream, `${upstream} set $gatehouse_client_responses on; set $gatehouse_mcp_trust_headers on;`)
  addTls(conf, tls)
}

late.before(async () => {
  tls = await freePort()
  world = await startWorld({ env: { DECISION_CACHE_SECONDS: '1' }, configure })
})
late.after(() => world?.gateway.close())

interface Begun {
  what: string
  /** Sends the rest; gives status and reason. */
  finish(): Promise<string>
  ends: string
}

const RESPONSE = '{"jsonrpc":"2.0","id":1,"result":{}}'
const LIST = message('tools/list', {})
const TRUSTED = ['MCP-Protocol-Version: 2026-07-28', 'Mcp-Method: tools/call', 'Mcp-Name: now']

/** All but the last bytes of a POST; how it is seen that it has begun is that the validator was asked. */
function begin(what: string, ends: string, server: string, headers: readonly string[], body: string, { gateway } = world): Begun {
  const lines = ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${body.length + 1}`, 'Connection: close', ...headers]
  const socket = connect(gateway.port, '127.0.0.1')
  const answer = new Promise<string>((done) => {
    let text = ''
    socket.on('data', (data) => (text += data))
    socket.on('close', () => done(text))
  })
  socket.write(http(`POST /${server}/mcp HTTP/1.1`, lines, ' '))
  return {
    what,
    ends,
    finish: async () => {
      socket.write(body)
      const text = await answer
      return `${/^HTTP\/1.1 (\d+)/.exec(text)?.[1]} ${/"reason":"(\w+)"/.exec(text)?.[1] ?? ''}`.trim()
    },
  }
}

/** A GET over HTTP/2 of which it is not said that it has no body. */
function beginGet(what: string, ends: string, seal: string): Begun {
  const session = connectH2(`https://127.0.0.1:${tls}`, { rejectUnauthorized: false })
  const stream = session.request({ ':path': '/currenttime/mcp', cookie: seal.slice('Cookie: '.length) }, { endStream: false })
  const answer = new Promise<string>((done) => {
    let [status, text] = ['', '']
    stream.on('response', (headers) => (status = String(headers[':status'])))
    stream.on('data', (data) => (text += data))
    stream.on('close', () => done(`${status} ${/"reason":"(\w+)"/.exec(text)?.[1] ?? ''}`.trim()))
  })
  return {
    what,
    ends,
    finish: async () => {
      stream.end()
      const found = await answer
      session.close()
      return found
    },
  }
}

async function signOut(seal: string): Promise<void> {
  const { url } = world.gateway
  const headers = { cookie: seal.slice('Cookie: '.length), origin: url, accept: 'application/json' }
  assert.is((await fetch(`${url}/oauth2/logout/cognito`, { method: 'POST', headers })).status, 200)
}

late('237 a credential that ends before a body is whole opens nothing, whatever is asked for', async () => {
  const [ended, good] = [cookie(await world.seal(['admins'])), cookie(await world.seal(['admins'], 'mallory'))]
  const short = bearer(await world.token({ exp: now() + 2, scope: 'test/all', jti: `late-${Date.now()}` }))
  const begun: Begun[] = []
  for (const [name, line, ends] of [
    ['a session that goes on', good, '200'],
    ['a session that is signed out', ended, '401 session_ended'],
    ['a token that ends', short, '401 token_expired'],
  ] as const) {
    begun.push(begin(`${name}: a call`, ends, 'currenttime', [line], call('now')))
    begun.push(begin(`${name}: a list`, ends, 'currenttime', [line], LIST))
    begun.push(begin(`${name}: a call that takes a closer look`, ends, 'currenttime', [line], `${call('now')}\n`))
    begun.push(begin(`${name}: a response`, ends === '200' ? '200' : ends, 'mcpgw', [line], RESPONSE))
    begun.push(begin(`${name}: headers that are trusted`, ends, 'mcpgw', [line, ...TRUSTED], call('now')))
    if (line.startsWith('Cookie')) begun.push(beginGet(`${name}: a stream`, ends, line))
  }
  await sleep(500)
  await signOut(ended)
  await sleep(2500)
  world.gateway.reset()
  const seen = await Promise.all(begun.map(async ({ what, finish }) => `${what}: ${await finish()}`))
  assert.equal(
    seen,
    begun.map(({ what, ends }) => `${what}: ${ends}`),
  )
  const heard = [...world.gateway.currenttime.received, ...world.gateway.mcpgw.received]
  assert.is(heard.length, begun.filter(({ ends }) => ends === '200').length)
})

late('a body that takes half a second is no reason to ask again', async () => {
  const id = `half-${process.pid}-end`
  const begun = begin('a call', '', 'currenttime', [bearer(await world.token({ jti: id })), `X-Request-Id: ${id}`], call('now'))
  await sleep(500)
  assert.is(await begun.finish(), '200')
  await sleep(300)
  const asked = world.gateway.validator
    .output()
    .split('\n')
    .filter((line) => line.includes(`"request_id":"${id}"`))
  assert.is(asked.length, 1, asked.join('\n'))
})

late('what is remembered counts for a late one as for one that begins anew', async () => {
  tls = await freePort()
  const remembering = await startWorld({ env: { DECISION_CACHE_SECONDS: '60' }, configure })
  try {
    const id = `late-${process.pid}-end`
    const session = [cookie(await remembering.seal(['admins'])), `X-Request-Id: ${id}`]
    const begun = begin('a response', '', 'mcpgw', session, RESPONSE, remembering)
    await sleep(2500)
    assert.is(await begun.finish(), '200')
    await sleep(300)
    assert.is(remembering.gateway.validator.output().split(`"request_id":"${id}"`).length - 1, 1, 'asked once')
  } finally {
    await remembering.gateway.close()
  }
})

late('243 a policy that takes a tool away before a body is whole counts', async () => {
  const { gateway } = world
  const token = bearer(await world.token({ jti: `policy-${Date.now()}` }))
  const begun = begin('a call', '', 'currenttime', [token], call('now'))
  await sleep(300)
  const reloads = (): number => gateway.validator.output().split('"msg":"policy loaded"').length
  const before = reloads()
  writeFileSync(`${gateway.scopesFile}.new`, POLICY.replace('tools: [now]', 'tools: [later]'))
  renameSync(`${gateway.scopesFile}.new`, gateway.scopesFile)
  await until('the policy is reloaded', () => reloads() > before, 6000)
  await sleep(2500)
  gateway.reset()
  assert.is(await begun.finish(), '403 name_not_allowed')
  assert.is(gateway.currenttime.received.length, 0)
})

late.run()
