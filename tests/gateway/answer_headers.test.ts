/** What browsers are told with every answer of the gateway's own: not to guess its type, not to frame it, not to keep it. */

import { strictTransport } from '../../src/login/answer_headers.ts'
import { ASSETS } from '../../src/login/assets.ts'
import * as assert from '../support/assert.ts'
import { call, type Gateway, post, startGateway } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const headers = suite('headers of answers')
let gateway: Gateway
let token: string
headers.before(async () => {
  const env = { REGISTRY_URL: 'https://mcp.example.com', COGNITO_CLIENT_ID: 'web', COGNITO_DOMAIN: 'example' }
  gateway = await startGateway({ env })
  token = await gateway.issuer.token()
})
headers.after(() => gateway.close())

const get = (path: string, lines: Record<string, string> = {}, method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const bearer = (): Record<string, string> => ({ Authorization: `Bearer ${token}` })
const MCP = '/currenttime/mcp'

/** `page` for people, `data` for programs, `asset` for what pages load, `document` for what may be kept for a while. */
type Kind = 'page' | 'data' | 'asset' | 'document'
const ANSWERS: [string, Kind, number, () => string | Buffer][] = [
  ['a path that is not literal', 'data', 400, () => get('/currenttime/%2e')],
  ['a stranger', 'data', 401, () => post(MCP, call('now'))],
  ['a browser without a session', 'data', 302, () => get(MCP, { Accept: 'text/html' })],
  ['a server that is not allowed', 'data', 403, () => post('/mcpgw/mcp', call('now'), bearer())],
  ['a tool that is not allowed', 'data', 403, () => post(MCP, call('other'), bearer())],
  ['another method', 'data', 405, () => get(MCP, bearer(), 'PUT')],
  ['another type', 'data', 415, () => post(MCP, call('now'), { ...bearer(), 'Content-Type': 'text/plain' })],
  ['no JSON', 'data', 400, () => post(MCP, 'x', bearer())],
  ['a server without its slash', 'data', 404, () => get('/currenttime')],
  ['the start page without its slash', 'data', 302, () => get('/oauth2')],
  ['the start page', 'page', 200, () => get('/oauth2/')],
  ['the way to Cognito', 'page', 302, () => get('/oauth2/login/cognito')],
  ['a way back that nobody went', 'page', 400, () => get('/oauth2/callback/cognito?code=x&state=x')],
  ['no page', 'page', 404, () => get('/oauth2/nothing')],
  ['signed out', 'page', 200, () => get('/oauth2/signed-out')],
  ['a client that cannot be', 'page', 400, () => get('/oauth2/authorize')],
  ['who it is', 'page', 401, () => get('/oauth2/whoami')],
  ...Object.values(ASSETS).map(({ href }): [string, Kind, number, () => string] => [`the asset ${href}`, 'asset', 200, () => get(href)]),
  ['another method for a page', 'data', 405, () => get('/oauth2/', {}, 'PUT')],
  ['a page that is not literal', 'data', 400, () => get('/oauth2/%2e')],
  ['a token', 'data', 400, () => post('/oauth2/token', 'grant_type=x', form)],
  ['a token by GET', 'data', 405, () => get('/oauth2/token')],
  ['a registration', 'data', 400, () => post('/oauth2/register', '{}')],
  ['a revocation', 'data', 400, () => post('/oauth2/revoke', 'token=x', form)],
  ['metadata of a server', 'document', 200, () => get('/.well-known/oauth-protected-resource/currenttime/mcp')],
  ['metadata of no server', 'document', 404, () => get('/.well-known/oauth-protected-resource/currenttime/other')],
  ['metadata of the sign-in', 'document', 200, () => get('/.well-known/oauth-authorization-server')],
  ['health', 'document', 200, () => get('/health')],
]

async function check(what: string, kind: Kind, status: number, bytes: string | Buffer): Promise<void> {
  const [answer] = await gateway.raw(bytes)
  assert.is(answer?.status, status, what)
  const one = (name: string): string | undefined => {
    const values = answer?.headers[name]
    assert.ok((values?.length ?? 0) <= 1, `${name} more than once`)
    return values?.[0]
  }
  assert.is(one('x-content-type-options'), 'nosniff')
  if (what !== 'health') assert.match(one('x-request-id') ?? '', /^[0-9a-f]{32}$/)
  if (status !== 302 || kind !== 'page') assert.match(one('content-security-policy') ?? '', /^default-src 'none';.*frame-ancestors 'none'$/)
  if (kind === 'page' || kind === 'data') assert.is(one('cache-control'), 'no-store')
  if (kind === 'page' || kind === 'asset') {
    assert.is(one('referrer-policy'), 'same-origin')
    assert.is(one('cross-origin-resource-policy'), 'same-origin')
    // The page for MCP clients may be in a window that a client's page has opened.
    if (what !== 'a client that cannot be') assert.is(one('cross-origin-opener-policy'), 'same-origin')
    if (status < 500) assert.is(one('strict-transport-security'), 'max-age=31536000')
  }
}

for (const [what, kind, status, bytes] of ANSWERS) headers(`${what}: ${kind}, ${status}`, () => check(what, kind, status, bytes()))

headers('the same while the validator is away', async () => {
  await gateway.validator.stop()
  await check('a stranger', 'data', 503, post(MCP, call('now')))
  await check('the start page', 'page', 503, get('/oauth2/'))
  await check('a token', 'data', 503, post('/oauth2/token', 'grant_type=x', form))
  await check('metadata', 'data', 503, get('/.well-known/oauth-authorization-server'))
})

for (const [url, expected] of [
  ['https://mcp.example.com', 'max-age=31536000'],
  ['http://mcp.example.com', null],
  ['https://mcp.example.com:8443', null],
  ['https://localhost', null],
  ['https://gate.localhost', null],
  ['https://192.0.2.1', null],
  ['https://[2001:db8::1]', null],
] as const) {
  headers(`${url} ${expected === null ? 'keeps no browser' : 'keeps browsers'} to https`, () => {
    assert.is(strictTransport(url), expected)
  })
}

headers.run()
