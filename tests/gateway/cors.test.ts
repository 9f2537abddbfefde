/** A page with an MCP client in a real browser, at an allowed origin and at another one; and answers of a gate in trouble. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import * as assert from '../support/assert.ts'
import { type Chromium, type Page, startChromium } from '../support/browser.ts'
import { call, type Gateway, message, post, root, startGateway } from '../support/gateway.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const pages = suite('pages of other origins, in a browser')

/** What the page does: everything by the official client, and one bare request with a header of a tool's own. */
const PAGE = `
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
const outcome = (promise) => promise.then((value) => value, (error) => ({ failed: error.name }))
window.talk = (url, token) => outcome((async () => {
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: 'Bearer ' + token } } })
  const client = new Client({ name: 'page', version: '1' })
  await client.connect(transport)
  const { content } = await client.callTool({ name: 'now' })
  await transport.terminateSession()
  window.hangUp = () => client.close()
  return { session: transport.sessionId ?? 'ended', text: content[0].text }
})())
window.ask = (url, headers, credentials) => outcome((async () => {
  const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}', credentials })
  return { status: answer.status, challenge: answer.headers.get('www-authenticate'), id: answer.headers.get('x-request-id'), server: answer.headers.get('x-private') }
})())
`

let gateway: Gateway
let chromium: Chromium
let host: Server
let page: Page
let foreignPage: Page

pages.before(async () => {
  const bundle = await build({
    stdin: { contents: PAGE, resolveDir: root },
    bundle: true,
    write: false,
    platform: 'browser',
    logLevel: 'error',
  })
  const script = bundle.outputFiles[0]?.text ?? ''
  const [port, started] = await Promise.all([freePort(), startChromium()])
  chromium = started
  host = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end(`<script>${script.replaceAll('</script', '<\\/script')}</script>`),
  )
  await new Promise<void>((done) => host.listen(port, '127.0.0.1', done))
  gateway = await startGateway({ env: { ALLOWED_ORIGINS: originOf('localhost') } })
  const context = await chromium.visitor()
  ;[page, foreignPage] = [await context.newPage(), await context.newPage()]
  await page.goto(`http://localhost:${port}/`)
  await foreignPage.goto(`http://127.0.0.1:${port}/`)
})
pages.after(async () => {
  await Promise.all([gateway?.close(), chromium?.close()])
  host?.close()
})
pages.before.each(() => {
  gateway.reset()
  gateway.currenttime.answer = (_request, response, body) => {
    const { id, method, params } = body === '' ? ({} as Record<string, undefined>) : JSON.parse(body)
    const result =
      method === 'initialize'
        ? { protocolVersion: params.protocolVersion, capabilities: {}, serverInfo: { name: 'x', version: '1' } }
        : { content: [{ type: 'text', text: 'noon' }] }
    response.writeHead(id === undefined ? 202 : 200, { 'content-type': 'application/json', 'mcp-session-id': 's-1', 'x-private': '1' })
    response.end(id === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', id, result }))
  }
})

const originOf = (name: string): string => `http://${name}:${(host.address() as AddressInfo).port}`
const evaluate = (where: Page, expression: string): Promise<Record<string, unknown>> => where.evaluate(expression)
const at = (): string => JSON.stringify(`${gateway.url}/currenttime/mcp`)
const methods = (): string[] => gateway.currenttime.received.map(({ method }) => method)

pages('the official client in a page of an allowed origin talks, keeps its session and ends it', async () => {
  const token = await gateway.issuer.token()
  assert.equal(await evaluate(page, `talk(${at()}, ${JSON.stringify(token)})`), { session: 'ended', text: 'noon' })
  assert.ok(methods().includes('DELETE'), 'the session id could be read, and the DELETE was let through')
  assert.not.ok(methods().includes('OPTIONS'), 'preflights do not reach the MCP server')
  // It asks for a stream when it finds the time, and again: what comes late must not count for the next page.
  await until('the client has asked for its stream', async () => methods().includes('GET'))
  await evaluate(page, 'hangUp()')
})

pages('in a page of another origin it gets nowhere, and the MCP server hears nothing', async () => {
  const token = await gateway.issuer.token()
  assert.equal(await evaluate(foreignPage, `talk(${at()}, ${JSON.stringify(token)})`), { failed: 'TypeError' })
  assert.equal(methods(), [])
})

pages('a page reads the challenge and the request id, and nothing that is not for it', async () => {
  const stranger = await evaluate(page, `ask(${at()}, {})`)
  assert.is(stranger.status, 401)
  assert.match(stranger.challenge as string, 'resource_metadata=')
  assert.match(stranger.id as string, /^\w+$/)
  const headers = JSON.stringify({ Authorization: `Bearer ${await gateway.issuer.token()}`, 'Mcp-Param-Zone': 'CET', 'Mcp-Method': 'ping' })
  const known = await evaluate(page, `ask(${at()}, ${headers})`)
  assert.equal([known.status, known.server], [200, null])
})

pages('a page cannot make the browser send cookies along and read the answer', async () => {
  assert.equal(await evaluate(page, `ask(${at()}, {}, 'include')`), { failed: 'TypeError' })
  assert.equal(methods(), [])
})

const from = (): Record<string, string> => ({ Origin: originOf('localhost') })
const cors = async (status: number): Promise<string | undefined> => {
  const [answer] = await gateway.raw(
    post('/currenttime/mcp', message('ping'), { ...from(), Authorization: `Bearer ${await gateway.issuer.token()}` }),
  )
  assert.is(answer?.status, status)
  assert.equal(answer?.headers.vary, ['Origin'])
  return answer?.headers['access-control-allow-origin']?.[0]
}

pages('a page reads that the MCP server is away; while no validator answers nobody is told anything', async () => {
  await gateway.currenttime.close()
  assert.is(await cors(502), from().Origin)
  await gateway.validator.stop('SIGKILL')
  assert.is(await cors(503), undefined)
  const [preflight] = await gateway.raw(
    `OPTIONS /currenttime/mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: ${from().Origin}\r\nAccess-Control-Request-Method: POST\r\n\r\n`,
  )
  assert.is(preflight?.status, 503)
  await gateway.restartValidator()
  const [again] = await gateway.raw(post('/mcpgw/mcp', call('x'), { ...from(), Authorization: `Bearer ${await gateway.issuer.token()}` }))
  assert.equal([again?.status, again?.headers['access-control-allow-origin']?.[0]], [403, from().Origin])
})

pages.run()
