import { readConfig } from '../src/config.ts'
import { ConfigError, type Environment } from '../src/settings.ts'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'

const config = suite('the settings for MCP clients')

const GOOD: Environment = {
  COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
  COGNITO_CLIENT_ID: 'web1client',
  COGNITO_CLIENT_SECRET: 'websecret',
  COGNITO_DOMAIN: 'my-company',
  ALLOWED_CLIENT_IDS: 'agent1client',
  SECRET_KEY: '5f1d7a0c93be4826d1f0a7c4e8b29360',
  REGISTRY_URL: 'https://mcp.example.com',
}
const read = (more: Environment) => readConfig({ ...GOOD, ...more })

config('by default the login client stands for them, and what is common is allowed', () => {
  const { mcp, mcpScopes, challengeScopes } = read({})
  assert.equal(mcp, {
    clientId: 'web1client',
    clientSecret: 'websecret',
    domain: 'https://my-company.auth.us-east-1.amazoncognito.com',
    redirects: { loopback: true, known: true, exact: new Set() },
    documentHosts: '*',
    resourceBinding: false,
  })
  assert.is(mcpScopes, '*')
  assert.is(challengeScopes, 'server')
})

config('an app client of their own is accepted, and has its own secret or none', () => {
  const own = read({ COGNITO_MCP_CLIENT_ID: 'mcp1client' })
  assert.equal([own.mcp?.clientId, own.mcp?.clientSecret], ['mcp1client', null])
  assert.ok(own.clientIds?.has('mcp1client'))
  assert.is(read({ COGNITO_MCP_CLIENT_ID: 'mcp1client', COGNITO_MCP_CLIENT_SECRET: 'mcpsecret' }).mcp?.clientSecret, 'mcpsecret')
})

config('without a login there is nothing for them either', () => {
  assert.is(read({ COGNITO_CLIENT_ID: undefined, COGNITO_CLIENT_SECRET: undefined }).mcp, null)
})

config('lists', () => {
  const { mcp } = read({
    MCP_REDIRECT_URIS: 'known, https://app.example.com/cb com.example.app:/cb',
    MCP_CLIENT_HOSTS: 'claude.ai,vscode.dev',
  })
  assert.equal(mcp?.redirects, { loopback: false, known: true, exact: new Set(['https://app.example.com/cb', 'com.example.app:/cb']) })
  assert.equal(mcp?.documentHosts, new Set(['claude.ai', 'vscode.dev']))
  assert.equal(read({ MCP_SCOPES: 'a/b c/d' }).mcpScopes, new Set(['a/b', 'c/d']))
})

config('none', () => {
  const { mcp, mcpScopes } = read({ MCP_REDIRECT_URIS: 'none', MCP_CLIENT_HOSTS: 'none', MCP_SCOPES: 'none' })
  assert.equal(mcp?.redirects, { loopback: false, known: false, exact: new Set() })
  assert.is(mcp?.documentHosts, null)
  assert.equal(mcpScopes, new Set())
})

const WRONG: [Environment, RegExp][] = [
  [{ COGNITO_MCP_CLIENT_ID: 'a b' }, /COGNITO_MCP_CLIENT_ID is "a b"/],
  [{ COGNITO_MCP_CLIENT_SECRET: 'hidden-value' }, /COGNITO_MCP_CLIENT_ID is missing/],
  [{ MCP_REDIRECT_URIS: 'http://example.com/cb' }, /MCP_REDIRECT_URIS .*"http:\/\/example.com\/cb"/],
  [{ MCP_REDIRECT_URIS: 'javascript:alert(1)' }, /MCP_REDIRECT_URIS/],
  [{ MCP_CLIENT_HOSTS: 'https://claude.ai' }, /MCP_CLIENT_HOSTS/],
  [{ MCP_CLIENT_HOSTS: 'localhost' }, /MCP_CLIENT_HOSTS/],
  [{ MCP_SCOPES: 'a"b' }, /MCP_SCOPES/],
  [{ COGNITO_RESOURCE_BINDING: 'yes' }, /COGNITO_RESOURCE_BINDING must be one of on, off/],
  [{ CHALLENGE_SCOPES: 'all' }, /CHALLENGE_SCOPES must be one of server, operation/],
]
for (const [more, expected] of WRONG) {
  config(`${JSON.stringify(more)} is refused`, () => {
    try {
      read(more)
    } catch (error) {
      assert.instance(error, ConfigError)
      assert.match((error as Error).message, expected)
      assert.not.match((error as Error).message, 'hidden-value')
      return
    }
    assert.unreachable('it was taken')
  })
}

config.run()
