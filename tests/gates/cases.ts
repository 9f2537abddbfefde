/** What every gate must hold to that asks the validator without reading calls. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import * as assert from '../support/assert.ts'
import { call, message, post } from '../support/gateway.ts'
import { type Program, until } from '../support/process.ts'
import { type Answer, send } from '../support/raw.ts'
import { suite } from '../support/suite.ts'
import { type OtherGate, startOtherGate } from './gate.ts'

const MCP = '/currenttime/mcp'
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** What a client may send in the hope that somebody takes it for the gate's. */
const LIES: Record<string, string> = {
  'X-User': 'root',
  'x-username': 'root',
  'X-CLIENT-ID': 'root',
  'X-Scopes': 'root',
  'X-Groups': 'root',
  'X-Auth-Method': 'root',
  'X-Server-Name': 'root',
  'X-Tool-Name': 'root',
  'X-Remote-User': 'root',
  'Remote-User': 'root',
  'X-Forwarded-User': 'root',
  X_User: 'root',
  x_scopes: 'root',
  'X-Mcp-Server': 'root',
  'X-Mcp-Http-Method': 'root',
  'X-Mcp-Allow': 'root',
  'X-Original-URL': '/root',
  Forwarded: 'for=root',
}

/** Paths that some reader takes for a way to mcpgw. */
const TRICKS = [
  '/mcpgw/mcp',
  '/currenttime/../mcpgw/mcp',
  '/currenttime/mcp/../../mcpgw/mcp',
  '/currenttime/%2e%2e/mcpgw/mcp',
  '/currenttime/..%2fmcpgw/mcp',
  '/currenttime%2f..%2fmcpgw/mcp',
  '/currenttime/..;/mcpgw/mcp',
  '/currenttime/mcp;/../../mcpgw/mcp',
  '/currenttime/..\\mcpgw\\mcp',
  '/mcpgw/../currenttime/mcp',
  '/mcpgw/%2e%2e/currenttime/mcp',
  '//mcpgw/mcp',
  '/./mcpgw/mcp',
  '/%6dcpgw/mcp',
  '/MCPGW/mcp',
  '/mcpgw/mcp/',
  '/currenttime/mcp/x',
  '/currenttime//mcp',
  '/currenttime/%6dcp',
  '/currenttime/mcp?/../../mcpgw/mcp',
  '/currenttime/mcp#/mcpgw/mcp',
  '/oauth2/../mcpgw/mcp',
  '/oauth2/%2e%2e/mcpgw/mcp',
  'http://mcpgw/mcpgw/mcp',
  'http://localhost/currenttime/../mcpgw/mcp',
]

const IDENTITY = ['x-user', 'x-username', 'x-client-id', 'x-groups', 'x-auth-method', 'x-server-name', 'x-scopes']
const all = (value: string): Record<string, string> => Object.fromEntries(IDENTITY.map((header) => [header, value]))

/** Answers of which none is the one that is a yes. */
const NO_YES: Record<string, (response: ServerResponse) => void> = {
  '200': (response) => response.writeHead(200, all('root')).end('ok'),
  '202': (response) => response.writeHead(202, all('root')).end(),
  '206': (response) => response.writeHead(206, all('root')).end(),
  '302': (response) => response.writeHead(302, { location: '/validate' }).end(),
  '404': (response) => response.writeHead(404).end(),
  '500': (response) => response.writeHead(500).end(),
  '503': (response) => response.writeHead(503).end(),
  nothing: (response) => response.socket?.destroy(),
  'half a head': (response) => response.socket?.end('HTTP/1.1 204 No Content\r\nX-User: ro'),
  'no HTTP': (response) => response.socket?.end('204\r\n\r\n'),
}

/** @param launch as for {@link startOtherGate} */
export function testGate(name: string, launch: (folder: string) => Program): void {
  const gates = suite(`${name} in the place of NGINX`)
  let gate: OtherGate
  gates.before(async () => {
    gate = await startOtherGate(name, launch)
  })
  gates.after(() => gate.close())
  gates.before.each(() => {
    gate.currenttime.reset()
    gate.mcpgw.reset()
  })

  const ask = async (bytes: Buffer | string): Promise<Answer> => {
    const [answer] = await send(gate.port, bytes)
    if (answer === undefined) throw new Error(`${name} does not answer`)
    return answer
  }
  const unheard = (what?: string): void => {
    assert.equal([gate.currenttime.received, gate.mcpgw.received], [[], []], what)
  }
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): string =>
    `${method} ${path} HTTP/1.1\r\nHost: localhost:${gate.port}\r\n${Object.entries(headers)
      .map(([header, value]) => `${header}: ${value}\r\n`)
      .join('')}\r\n`

  gates('who may make every call passes, with identity and without credentials', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'x', arguments: { long: 'ü'.repeat(40_000) } },
    })
    const headers = { Authorization: gate.all, Cookie: 'a=b', 'Mcp-Session-Id': 's1', 'Mcp-Protocol-Version': '2025-11-25' }
    const answer = await ask(post(`${MCP}?q=1`, body, headers))
    assert.equal([answer.status, JSON.parse(answer.body).result], [200, { server: 'currenttime' }])
    const [heard] = gate.currenttime.received
    assert.equal([heard?.method, heard?.url.split('?')[0], Buffer.from(heard?.body ?? '', 'latin1').toString()], ['POST', '/mcp', body])
    const values = (header: string): string[] => gate.currenttime.values(header)
    assert.equal(['x-user', 'x-username', 'x-client-id'].flatMap(values), ['agent', 'agent', 'agent'])
    assert.equal(['x-scopes', 'x-auth-method', 'x-server-name'].flatMap(values), ['test/here', 'jwt', 'currenttime'])
    assert.equal(['authorization', 'cookie', 'x-mcp-call', 'x-mcp-allow', 'proxy-authorization'].flatMap(values), [])
    assert.equal(['mcp-session-id', 'mcp-protocol-version'].flatMap(values), ['s1', '2025-11-25'])
    await until('the audit log says so', () => /"method":"\*"/.test(gate.validator.output()))
  })

  gates('a session passes, and its cookie ends here', async () => {
    // What reads like a variable to a gate stays as it is.
    const answer = await ask(post(MCP, call('now'), { Cookie: await gate.cookie('{env.PATH}{http.vars.x}$(x)') }))
    assert.is(answer.status, 200)
    assert.equal(gate.currenttime.values('x-user'), ['{env.PATH}{http.vars.x}$(x)'])
    assert.equal([gate.currenttime.values('x-auth-method'), gate.currenttime.values('cookie')], [['session_cookie'], []])
  })

  gates('who may make some calls makes none, not even those', async () => {
    for (const body of [call('now'), call('delete_all'), message('tools/list'), message('ping'), '[]', 'x']) {
      const answer = await ask(post(MCP, body, { Authorization: gate.some }))
      assert.is(answer.status, 403, body)
      assert.is(JSON.parse(answer.body).reason, 'server_not_allowed')
      assert.match(
        answer.headers['www-authenticate']?.join() ?? '',
        /error="insufficient_scope".*scope="test\/here"|scope="test\/here".*error="insufficient_scope"/,
      )
    }
    for (const method of ['GET', 'DELETE']) assert.is((await ask(get(MCP, { Authorization: gate.some }, method))).status, 403)
    unheard()
  })

  gates('a stranger is told where to sign in', async () => {
    for (const headers of [{}, { Authorization: 'Bearer x' }, { Authorization: 'Basic eDp4' }, { Cookie: 'mcp_gateway_session=x' }]) {
      const answer = await ask(post(MCP, call('now'), headers as Record<string, string>))
      assert.is(answer.status, 401)
      assert.is(answer.headers['www-authenticate']?.length, 1)
      const url = `http://localhost:${gate.port}/.well-known/oauth-protected-resource/currenttime/mcp`
      assert.match(answer.headers['www-authenticate']?.join() ?? '', `resource_metadata="${url}"`)
      assert.ok(JSON.parse(answer.body).reason)
    }
    const metadata = await ask(get('/.well-known/oauth-protected-resource/currenttime/mcp'))
    assert.equal([metadata.status, JSON.parse(metadata.body).resource], [200, `http://localhost:${gate.port}${MCP}`])
    unheard()
  })

  gates('two credentials are none', async () => {
    const bytes = post(MCP, call('now'), { Authorization: gate.all, authorization: 'Bearer x' })
    const both = post(MCP, call('now'), { authorization: gate.all, Authorization: gate.all })
    for (const one of [bytes, both]) assert.ok([400, 401].includes((await ask(one)).status))
    unheard()
  })

  gates('nothing that a client says of itself is believed, nor heard by the MCP server', async () => {
    await ask(post(MCP, call('now'), { Authorization: gate.all, ...LIES }))
    const [heard] = gate.currenttime.received
    const told = (heard?.rawHeaders ?? []).filter((text, index) => index % 2 === 1 && text.includes('root'))
    assert.equal(told, [])
    for (const header of ['x-user', 'x-scopes', 'x-client-id']) assert.is(gate.currenttime.values(header).length, 1, header)
    assert.equal(gate.currenttime.values('x-user'), ['agent'])
  })

  gates('a client does not say what is asked', async () => {
    const asked = {
      'X-Mcp-Call': encoded({ method: 'tools/call', name: 'now' }),
      'X-Mcp-Server': 'currenttime',
      'X-Mcp-Http-Method': 'POST',
    }
    const empty = { 'X-Mcp-Call': '' }
    const hops = { ...asked, Connection: 'X-Mcp-Call, X-Mcp-Server, X-Mcp-Http-Method' }
    for (const headers of [asked, empty, hops]) {
      const answer = await ask(post(MCP, call('now'), { Authorization: gate.some, ...headers }))
      assert.is(answer.status, 403, JSON.stringify(headers))
    }
    assert.ok((await ask(post('/mcpgw/mcp', call('now'), { Authorization: gate.all, ...asked }))).status === 403)
    unheard()
  })

  gates("a client has none of the gate's headers removed", async () => {
    const names = ['X-User', 'X-Scopes', 'X-Groups', 'X-Server-Name']
    const Connection = `close, ${names.join(', ')}`
    assert.is((await ask(post(MCP, call('now'), { Authorization: gate.all, Connection }))).status, 200)
    for (const header of names) assert.is(gate.currenttime.values(header).length, 1, header)
    gate.currenttime.reset()
    // Whether a credential counts that is said to be for the next hop alone is the gate's to say.
    const { status } = await ask(post(MCP, call('now'), { Authorization: gate.all, Connection: 'Authorization, Cookie' }))
    if (status !== 200) unheard()
    assert.equal(gate.currenttime.values('authorization'), [])
  })

  for (const path of TRICKS) {
    gates(`POST ${path} leads where it was judged for`, async () => {
      await send(gate.port, post(path, call('now'), { Authorization: gate.all }))
      assert.equal(gate.mcpgw.received, [])
      for (const { url } of gate.currenttime.received) assert.match(url, /^\/mcp(?:\?|$)/)
    })
  }

  gates('what is for the validator alone is not to be had', async () => {
    for (const path of ['/validate', '/ready', '/health', '/sessions/revoke', '/oauth2/../validate', '/oauth2/%2e%2e/sessions/revoke']) {
      const answer = await ask(get(path, { Authorization: gate.all, 'X-Mcp-Server': 'currenttime', 'X-Mcp-Http-Method': 'GET' }))
      assert.ok([400, 404].includes(answer.status), `${path} ${answer.status}`)
    }
  })

  gates('other methods are nothing here', async () => {
    for (const method of ['PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'])
      assert.ok([400, 405].includes((await ask(get(MCP, { Authorization: gate.all }, method))).status), method)
    unheard()
  })

  gates('pages of foreign origins are refused', async () => {
    const answer = await ask(post(MCP, call('now'), { Authorization: gate.all, Origin: 'https://evil.example' }))
    assert.equal([answer.status, JSON.parse(answer.body).reason], [403, 'origin_not_allowed'])
    unheard()
  })

  gates('nothing is upgraded', async () => {
    for (const [Upgrade, Connection] of [
      ['websocket', 'Upgrade'],
      ['h2c', 'Upgrade, HTTP2-Settings'],
    ] as const) {
      const headers = {
        Authorization: gate.all,
        Upgrade,
        Connection,
        'HTTP2-Settings': 'AAMAAABk',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      }
      const [answer] = await send(gate.port, get(MCP, { ...headers, 'Sec-WebSocket-Version': '13' }))
      assert.is.not(answer?.status, 101)
      assert.equal([...gate.currenttime.values('upgrade'), ...gate.currenttime.values('http2-settings')], [])
    }
  })

  gates("an MCP server does not speak in the gateway's name", async () => {
    gate.currenttime.answer = (_request, response) =>
      response
        .writeHead(401, {
          'set-cookie': ['mcp_gateway_session=x', 'a=b'],
          'www-authenticate': 'Bearer resource_metadata="https://evil.example"',
          'access-control-allow-origin': '*',
          'access-control-allow-credentials': 'true',
          'clear-site-data': '"*"',
          'service-worker-allowed': '/',
          'strict-transport-security': 'max-age=0',
          'content-security-policy': 'default-src *',
          location: '/mcpgw/mcp',
          refresh: '0; url=/mcpgw/mcp',
          'alt-svc': 'h2="evil.example:443"',
          'content-type': 'text/html',
        })
        .end('<script>')
    const { status, headers } = await ask(post(MCP, call('now'), { Authorization: gate.all }))
    assert.is(status, 401)
    const away = ['set-cookie', 'www-authenticate', 'access-control-allow-origin', 'access-control-allow-credentials', 'clear-site-data']
    const origin = ['service-worker-allowed', 'strict-transport-security', 'alt-svc']
    for (const header of [...away, ...origin, 'location', 'refresh']) assert.is(headers[header], undefined, header)
    assert.equal(headers['content-security-policy'], ["sandbox; default-src 'none'"])
    assert.equal(headers['x-content-type-options'], ['nosniff'])
  })

  gates('a stream flows', async () => {
    gate.currenttime.answer = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n')
    const socket = connect(gate.port, '127.0.0.1')
    socket.write(get(MCP, { Authorization: gate.all, Accept: 'text/event-stream' }))
    let text = ''
    while (!text.includes('data: first')) text += String((await once(socket, 'data'))[0])
    socket.destroy()
  })

  // The validator is another one from here on.
  for (const [what, answer] of Object.entries(NO_YES)) {
    gates(`a validator that answers ${what} says no`, async () => {
      await gate.replaceValidator(answer)
      assert.ok((await ask(post(MCP, call('now'), { Authorization: gate.all }))).status >= 500)
      unheard(what)
    })
  }

  gates('a validator that does not answer says no, in good time', async () => {
    await gate.replaceValidator(() => {})
    const started = Date.now()
    assert.ok((await ask(post(MCP, call('now'), { Authorization: gate.all }))).status >= 500)
    assert.ok(Date.now() - started < 2500, `${Date.now() - started} ms`)
    unheard()
  })

  gates('a validator that is away says no, and one that is back says yes', async () => {
    await gate.endValidator()
    const started = Date.now()
    assert.ok((await ask(post(MCP, call('now'), { Authorization: gate.all }))).status >= 500)
    assert.ok(Date.now() - started < 2500, `${Date.now() - started} ms`)
    unheard()
    const identity = all('back')
    await gate.replaceValidator((response) => response.writeHead(204, identity).end())
    assert.is((await ask(post(MCP, call('now'), { Authorization: gate.all }))).status, 200)
    for (const header of IDENTITY) assert.equal(gate.currenttime.values(header), ['back'], header)
    gate.currenttime.reset()
    const { 'x-scopes': _, ...others } = identity
    await gate.replaceValidator((response) => response.writeHead(204, others).end())
    const answer = await ask(post(MCP, call('now'), { Authorization: gate.all, 'X-Scopes': 'root' }))
    if (answer.status === 200) assert.is(gate.currenttime.values('x-scopes').join(''), '')
    else unheard()
  })

  gates.run()
}
