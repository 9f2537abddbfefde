import { clientIdFor, findClient, isAllowed } from '../../src/oauth/client.ts'
import { isOfOneSite, knownClient } from '../../src/oauth/known_clients.ts'
import { isLoopback, isRedirectUri, isSameRedirect, placeOfRedirect, withAnswer } from '../../src/oauth/redirect_uri.ts'
import { readResource } from '../../src/oauth/resource.ts'
import { createOAuthRoutes } from '../../src/oauth/routes.ts'
import type { OAuthService } from '../../src/oauth/service.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { createService, MCP } from './service_double.ts'

const redirects = suite('where MCP clients are answered')

const LOOPBACKS = [
  'http://localhost:33418/',
  'http://localhost:33418',
  'http://127.0.0.1/',
  'http://127.0.0.1:80/callback',
  'http://[::1]:6274/oauth/callback/debug',
  'http://localhost:8787/callback?server=now&x=%20',
]
for (const uri of LOOPBACKS) {
  redirects(`${uri} is on the user's computer`, () => {
    assert.ok(isLoopback(uri))
    assert.ok(isRedirectUri(uri))
    assert.ok(isAllowed(uri, createService()))
    const { redirects: policy } = MCP
    assert.not(isAllowed(uri, createService({ mcp: { ...MCP, redirects: { ...policy, loopback: false } } })))
  })
}

const KNOWN: [string, string][] = [
  ['https://claude.ai/api/mcp/auth_callback', 'Claude'],
  ['https://vscode.dev/redirect', 'VS Code'],
  ['https://chatgpt.com/connector/oauth/FLLrQdlez6Uf', 'ChatGPT'],
  ['cursor://anysphere.cursor-mcp/oauth/callback', 'Cursor'],
]
for (const [uri, name] of KNOWN) {
  redirects(`${uri} is ${name}'s`, () => {
    assert.is(knownClient(uri), name)
    assert.ok(isAllowed(uri, createService()))
    assert.not(isAllowed(uri, createService({ mcp: { ...MCP, redirects: { loopback: true, known: false, exact: new Set() } } })))
  })
}

redirects('what the operator lists is allowed to the letter', () => {
  const exact = new Set(['https://app.example.com/cb', 'com.example.app:/cb'])
  const service = createService({ mcp: { ...MCP, redirects: { loopback: false, known: false, exact } } })
  for (const uri of exact) assert.ok(isAllowed(uri, service), uri)
  for (const uri of ['https://app.example.com/cb/', 'https://app.example.com/CB', 'https://app.example.com/cb?x'])
    assert.not(isAllowed(uri, service), uri)
})

const NONE = [
  '',
  'x',
  'https:',
  'https://',
  'http://example.com/cb',
  'HTTPS://example.com/cb',
  'javascript:x',
  'data:x',
  'https://a/b#c',
  'file:///x',
]
for (const uri of NONE) redirects(`"${uri}" is no redirect URI`, () => assert.not(isRedirectUri(uri)))

redirects('loopback URIs are the same whatever port and name', () => {
  assert.ok(isSameRedirect('http://localhost/callback', 'http://127.0.0.1:4711/callback'))
  assert.not(isSameRedirect('http://localhost/callback', 'http://127.0.0.1:4711/other'))
  assert.not(isSameRedirect('http://localhost/callback', 'http://localhost:1/callback?x=1'))
  assert.not(isSameRedirect('https://a.example/cb', 'https://a.example:444/cb'))
})

redirects('a person is told host and port, or the scheme', () => {
  assert.is(placeOfRedirect('http://127.0.0.1:41234/callback'), '127.0.0.1:41234')
  assert.is(placeOfRedirect('https://claude.ai/api/mcp/auth_callback'), 'claude.ai')
  assert.is(placeOfRedirect('cursor://anysphere.cursor-mcp/oauth/callback'), 'cursor://anysphere.cursor-mcp')
})

redirects("an answer is added to the callback's own query", () => {
  assert.is(
    withAnswer('http://localhost:1/cb', { code: 'a b', state: null, iss: 'https://g' }),
    'http://localhost:1/cb?code=a+b&iss=https%3A%2F%2Fg',
  )
  assert.is(withAnswer('http://localhost:1/cb?x=1', { code: 'c' }), 'http://localhost:1/cb?x=1&code=c')
})

const RESOURCES: [string, { uri: string; server: string | null } | null][] = [
  ['https://gate.test', { uri: 'https://gate.test', server: null }],
  ['https://gate.test/', { uri: 'https://gate.test', server: null }],
  ['HTTPS://GATE.TEST/now/mcp', { uri: 'https://gate.test/now/mcp', server: 'now' }],
  ['https://gate.test/now/mcp/', { uri: 'https://gate.test/now/mcp', server: 'now' }],
  ['https://gate.test/now/sse', { uri: 'https://gate.test/now/sse', server: 'now' }],
  ['https://gate.test/now', { uri: 'https://gate.test/now', server: 'now' }],
  ['https://gate.test/now/other', null],
  ['https://gate.test/now/mcp?x', null],
  ['https://gate.test/now/mcp#x', null],
  ['https://gate.test/unknown/mcp', null],
  ['https://gate.test/../now/mcp', { uri: 'https://gate.test/now/mcp', server: 'now' }],
  ['https://gate.test.evil/now/mcp', null],
  ['https://gate.test@evil/now/mcp', null],
  ['http://gate.test/now/mcp', null],
  ['now', null],
  [`https://gate.test/${'x'.repeat(600)}`, null],
]
for (const [text, expected] of RESOURCES) {
  redirects(`the resource ${text.slice(0, 60)} is ${expected?.server ?? expected?.uri ?? 'none'}`, () =>
    assert.equal(
      readResource(text, 'https://gate.test', (name) => name === 'now'),
      expected,
    ),
  )
}

const DOCUMENT = 'https://client.example/metadata.json'
const described = (redirectUris: string[]): OAuthService => {
  const value = { clientId: DOCUMENT, name: 'Described', uri: null, redirectUris }
  return createService({ documents: { get: async () => ({ ok: true, value }) } })
}
async function allows(uri: string, redirectUris: string[]): Promise<boolean> {
  const found = await findClient(DOCUMENT, described(redirectUris))
  return found.ok && found.client.allows(uri)
}

redirects('a described client is answered where its document says, if that is its own host, the loopback or known', async () => {
  const own = 'https://client.example/cb'
  assert.ok(await allows(own, [own]))
  assert.not(await allows('https://client.example/other', [own]))
  assert.not(await allows('https://other.example/cb', ['https://other.example/cb']))
  assert.not(await allows('https://client.example:444/cb', ['https://client.example:444/cb']))
  assert.ok(await allows('http://localhost:4711/cb', ['http://127.0.0.1/cb']))
  assert.not(await allows('http://localhost:4711/cb', [own]))
  assert.ok(await allows('https://claude.ai/api/mcp/auth_callback', ['https://claude.ai/api/mcp/auth_callback']))
  assert.not(await allows('cursor://other/cb', ['cursor://other/cb']))
})

redirects('only some callbacks are of one site alone', () => {
  for (const uri of ['https://claude.ai/api/mcp/auth_callback', 'https://chatgpt.com/connector/oauth/x', 'https://client.example/cb'])
    assert.ok(isOfOneSite(uri), uri)
  for (const uri of [
    'https://vscode.dev/redirect',
    'https://oauth.pstmn.io/v1/callback',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'http://localhost:1/',
  ])
    assert.not(isOfOneSite(uri), uri)
})

const EVIL = 'https://evil.example/cb'
redirects('the gateway leads nobody to a client that the operator does not know, before its user agrees', async () => {
  const value = { clientId: DOCUMENT, name: 'Evil', uri: null, redirectUris: [EVIL.replace('evil', 'client')] }
  const service = createService({ documents: { get: async () => ({ ok: true, value }) }, login: null })
  const app = createOAuthRoutes(service)
  const good = {
    client_id: DOCUMENT,
    redirect_uri: value.redirectUris[0] as string,
    response_type: 'code',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  }
  const wrong: Record<string, string>[] = [
    { response_type: 'x' },
    { code_challenge: 'x' },
    { prompt: 'none' },
    { resource: 'https://elsewhere.test' },
  ]
  for (const changes of wrong) {
    const response = await app.request(`/oauth2/authorize?${new URLSearchParams({ ...good, ...changes })}`)
    assert.equal([response.status, response.headers.get('location')], [400, null], JSON.stringify(changes))
  }
  assert.is((await app.request(`/oauth2/authorize?${new URLSearchParams(good)}`)).status, 200)
})

redirects('a name travels in the id, cut to 64 characters', async () => {
  const service = createService()
  for (const [name, shown] of [
    ['Probe', 'Probe'],
    ['Zoë 🦊', 'Zoë 🦊'],
    ['x'.repeat(99), 'x'.repeat(64)],
  ] as const) {
    const found = await findClient(clientIdFor('app1client', name), service)
    assert.is(found.ok && found.client.name, shown)
  }
  const plain = await findClient('app1client', service)
  assert.is(plain.ok && plain.client.name, null)
})

redirects.run()
