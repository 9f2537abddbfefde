/** The official clients act on the gate's challenges: they step up where that helps, and leave the user alone where it does not. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Client as Client2, StreamableHTTPClientTransport as Streamable2 } from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import * as assert from '../support/assert.ts'
import { call, type Gateway, post, startGateway } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const challenges = suite('challenges, for real clients')

const POLICY = `
group_mappings:
  readers: [t/read]
  writers: [t/read, t/write]
t/read:
  - {server: currenttime, methods: [initialize, notifications/initialized, tools/list]}
t/write:
  - {server: currenttime, methods: [initialize, notifications/initialized, tools/call], tools: [now]}
t/admin:
  - {server: currenttime, methods: [tools/call], tools: [rm]}
`

let gateway: Gateway
challenges.before(async () => {
  gateway = await startGateway({ policy: POLICY, env: { CHALLENGE_SCOPES: 'operation' } })
})
challenges.after(() => gateway?.close())
challenges.before.each(() => {
  gateway.reset()
  gateway.currenttime.answer = answerAsServer
})

/** An MCP server of revision 2025-06-18, without streams. */
function answerAsServer(_request: IncomingMessage, response: ServerResponse, body: string): void {
  const { id, method, params } = body === '' ? ({} as Record<string, undefined>) : JSON.parse(body)
  if (method === undefined) return void response.writeHead(405).end()
  if (id === undefined) return void response.writeHead(202).end()
  const results: Record<string, unknown> = {
    initialize: { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } },
    'tools/list': { tools: [{ name: 'now', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: 'noon' }] },
  }
  const result = results[method]
  const outcome = result === undefined ? { error: { code: -32601, message: 'no such method' } } : { result }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...outcome }))
}

/** A user, or an agent when there are no groups, whose authorization server grants whatever scopes are asked for. */
class Provider {
  redirectUrl = 'http://localhost:1/callback'
  clientMetadata = { redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' }
  /** The scopes of each login that the user was sent to. */
  asked: string[] = []
  #tokens: { access_token: string; token_type: string; scope?: string } | undefined
  #groups: readonly string[] | null
  #discovered: unknown

  constructor(groups: readonly string[] | null) {
    this.#groups = groups
  }

  clientInformation = () => ({ client_id: 'agent', issuer: gateway.issuer.issuer })
  saveDiscoveryState = (state: unknown): void => {
    this.#discovered = state
  }
  discoveryState = (): unknown => this.#discovered
  tokens = () => this.#tokens
  saveTokens = (tokens: { access_token: string; token_type: string }): void => {
    this.#tokens = tokens
  }
  redirectToAuthorization = (url: URL): void => {
    this.asked.push(url.searchParams.get('scope') ?? '')
  }
  saveCodeVerifier = (): void => {}
  codeVerifier = (): string => 'v'.repeat(43)

  async grant(scope: string) {
    const user = this.#groups === null ? {} : { username: 'rosa', 'cognito:groups': this.#groups }
    const access_token = await gateway.issuer.token({ scope, ...user })
    return { access_token, token_type: 'Bearer', expires_in: 3600, scope, issuer: gateway.issuer.issuer }
  }

  /** The network: the gateway is real, the authorization server is played. */
  fetch = async (input: URL | string | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input)
    const issuer = /^\/\.well-known\/(?:oauth-authorization-server|openid-configuration)(.*)$/.exec(url.pathname)?.[1]
    if (issuer !== undefined) {
      const endpoint = `${url.origin}/played`
      return Response.json({
        issuer: `${url.origin}${issuer}`,
        authorization_endpoint: `${endpoint}/authorize`,
        token_endpoint: `${endpoint}/token`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
      })
    }
    if (url.pathname !== '/played/token') return fetch(input, init)
    return Response.json(await this.grant(this.asked.at(-1) ?? ''))
  }
}

interface Caller {
  call(tool: string): Promise<unknown>
  list(): Promise<unknown>
  close(): Promise<void>
}

/** Does something; where the client has sent the user to a login, that is done, and the thing once more. */
async function withLogins<T>(provider: Provider, finishAuth: () => Promise<void>, act: () => Promise<T>): Promise<T> {
  const logins = provider.asked.length
  try {
    return await act()
  } catch (error) {
    if (provider.asked.length === logins) throw error
    await finishAuth()
    return await act()
  }
}

const CLIENTS: [string, (provider: Provider) => Promise<Caller>][] = [
  ['@modelcontextprotocol/sdk', (provider) => opened(provider, Client, StreamableHTTPClientTransport)],
  ['@modelcontextprotocol/client', (provider) => opened(provider, Client2, Streamable2)],
]

async function opened(
  provider: Provider,
  OneClient: typeof Client | typeof Client2,
  Transport: typeof StreamableHTTPClientTransport | typeof Streamable2,
): Promise<Caller> {
  const make = () => {
    const options = { authProvider: provider as never, fetch: provider.fetch }
    return {
      client: new OneClient({ name: 'test', version: '1' }) as Client,
      transport: new Transport(new URL(`${gateway.url}/currenttime/mcp`), options),
    }
  }
  let { client, transport } = make()
  const finishAuth = (): Promise<void> => transport.finishAuth('code')
  await client.connect(transport as never).catch(async (error) => {
    if (provider.asked.length === 0) throw error
    await finishAuth()
    ;({ client, transport } = make())
    await client.connect(transport as never)
  })
  return {
    call: (name) => withLogins(provider, finishAuth, () => client.callTool({ name })),
    list: () => withLogins(provider, finishAuth, () => client.listTools()),
    close: () => client.close(),
  }
}

const text = (result: unknown): string => (result as { content: { text: string }[] }).content[0]?.text ?? ''
const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no failure',
    (error: Error) => error.message,
  )

for (const [name, open] of CLIENTS) {
  const started = async (groups: readonly string[] | null, scope: string): Promise<[Provider, Caller]> => {
    const provider = new Provider(groups)
    provider.saveTokens(await provider.grant(scope))
    return [provider, await open(provider)]
  }

  challenges(`${name}: a stranger asks for all that begins a conversation, once`, async () => {
    const provider = new Provider(['readers'])
    const client = await open(provider)
    assert.equal(provider.asked, ['t/read t/write'])
    await client.close()
  })

  challenges(`${name}: a user's token without the scope is stepped up once, and the call succeeds`, async () => {
    const [provider, client] = await started(['writers'], 't/read')
    assert.is(text(await client.call('now')), 'noon')
    // The old scopes besides the new one: the first line would lose them.
    assert.equal(provider.asked, ['t/read t/write'])
    assert.is(text(await client.call('now')), 'noon')
    assert.is(provider.asked.length, 1)
    await client.close()
  })

  challenges(`${name}: an agent's token as well`, async () => {
    const [provider, client] = await started(null, 't/read')
    assert.is(text(await client.call('now')), 'noon')
    assert.is(provider.asked.length, 1)
    await client.close()
  })

  challenges(`${name}: a user whose groups do not have the scope is told so, and no token is asked for`, async () => {
    const [provider, client] = await started(['readers'], 't/read')
    for (const tool of ['now', 'rm']) {
      const told = await failure(client.call(tool))
      assert.match(told, `It takes the scope ${tool === 'now' ? 't/write' : 't/admin'}, which none of your groups has`)
    }
    assert.match(await failure(client.call('unheard-of')), 'No scope opens it')
    assert.equal(provider.asked, [])
    await client.list()
    await client.close()
  })

  challenges(`${name}: an agent is not sent for a token either where no scope opens the call`, async () => {
    const [provider, client] = await started(null, 't/read t/write')
    assert.match(await failure(client.call('unheard-of')), 'No scope opens it')
    assert.equal(provider.asked, [])
    await client.close()
  })
}

const challengeOf = async (bytes: Buffer, to = gateway): Promise<string> => (await to.raw(bytes))[0]?.headers['www-authenticate']?.[0] ?? ''
const scopeOf = (challenge: string): string | undefined => /scope="([^"]*)"/.exec(challenge)?.[1]

challenges('the metadata that is named is that of the address which the client has', async () => {
  const open = (path: string): Buffer =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n`)
  for (const [path, named] of [
    ['/currenttime/mcp', 'currenttime/mcp'],
    ['/currenttime/sse', 'currenttime/sse'],
    ['/currenttime/sse?x=1', 'currenttime/sse'],
    ['/currenttime/sse/x', 'currenttime/mcp'],
    ['/currenttime/mcp?/sse', 'currenttime/mcp'],
  ] as const) {
    const url = /resource_metadata="([^"]*)"/.exec(await challengeOf(open(path)))?.[1] ?? ''
    assert.is(url, `${gateway.url}/.well-known/oauth-protected-resource/${named}`, path)
    assert.is(((await (await fetch(url)).json()) as { resource: string }).resource, `${gateway.url}/${named}`)
  }
})

challenges('a session is never told to ask for a scope, in the challenge of nginx as in that of njs', async () => {
  const Cookie = await gateway.cookie(['readers'])
  for (const path of ['/currenttime/mcp', '/mcpgw/mcp']) {
    const challenge = await challengeOf(post(path, call('now'), { Cookie }))
    assert.match(challenge, 'error="access_denied"')
    assert.is(scopeOf(challenge), undefined)
  }
})

challenges('settings say which scopes a stranger is told, and which the app client of MCP clients may be asked for', async () => {
  const env = {
    CHALLENGE_SCOPES: 'server',
    MCP_SCOPES: 't/read,t/admin',
    COGNITO_CLIENT_ID: 'web',
    COGNITO_DOMAIN: 'https://pool.example.com',
  }
  const other = await startGateway({ policy: POLICY, env })
  try {
    assert.is(scopeOf(await challengeOf(post('/currenttime/mcp', call('now')), other)), 't/read t/admin')
    const of = async (client_id: string): Promise<string> => {
      const token = await other.issuer.token({ client_id, username: 'rosa', 'cognito:groups': ['writers'], scope: 't/read' })
      return challengeOf(post('/currenttime/mcp', call('now'), { Authorization: `Bearer ${token}` }), other)
    }
    const ofMcpClients = await of('web')
    assert.match(ofMcpClients, 'error="access_denied"')
    assert.match(ofMcpClients, 'It takes the scope t/write, which MCP clients are not given here')
    assert.is(scopeOf(await of('agent')), 't/read t/write', 'another app client has its own limits')
  } finally {
    await other.close()
  }
})

challenges.run()
