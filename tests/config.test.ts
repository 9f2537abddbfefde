import { poolInRegion, poolWithIssuer } from '../src/cognito/pool.ts'
import { type Config, readConfig } from '../src/config.ts'
import { ConfigError, type Environment } from '../src/settings.ts'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'

const configuration = suite('the configuration')

const POOL = 'us-east-1_AbCdEfGhI'
const KEY = '5f1d7a0c93be4826d1f0a7c4e8b29360'
const NEXT_KEY = 'b2936005f1d7a0c93be4826d1f0a7c4e'
const GOOD: Environment = {
  COGNITO_USER_POOL_ID: POOL,
  ALLOWED_CLIENT_IDS: '1client,2client',
  SECRET_KEY: KEY,
  REGISTRY_URL: 'https://mcp.example.com',
}
const read = (changes: Environment = {}): Config => readConfig({ ...GOOD, ...changes })

configuration('four variables are enough', () => {
  assert.equal(read(), {
    pools: [poolInRegion(POOL, 'us-east-1')],
    clientIds: new Set(['1client', '2client']),
    secretKeys: [KEY],
    gateway: 'https://mcp.example.com',
    cookieName: '__Host-mcp_gateway_session',
    login: null,
    mcp: null,
    mcpScopes: '*',
    challengeScopes: 'server',
    sessionSeconds: 28_800,
    sessionStore: null,
    whenStoreAway: 'closed',
    decisionCacheSeconds: 5,
    allowedOrigins: new Set(['https://mcp.example.com']),
    scopesFile: 'scopes.yml',
    listen: { kind: 'tcp', host: '127.0.0.1', port: 8888 },
    metricsListen: null,
    tracing: null,
    logLevel: 'info',
  })
})

const ISSUER = 'https://issuer.test/x'
const LOGIN = {
  clientId: '3client',
  clientSecret: null,
  domain: 'https://us-east-1abcdefghi.auth.us-east-1.amazoncognito.com',
  scopes: 'openid email profile',
}
const { scopes: _, ...CLIENT } = LOGIN
const MCP = {
  ...CLIENT,
  redirects: { loopback: true, known: true, exact: new Set<string>() },
  documentHosts: '*' as const,
  resourceBinding: false,
}
const READ: [string, Environment, Partial<Config>][] = [
  ['white space around a value', { COGNITO_USER_POOL_ID: ` ${POOL}\n`, REGISTRY_URL: ' https://mcp.example.com ' }, {}],
  ['a region that is that of the pool', { AWS_REGION: 'us-east-1' }, {}],
  ['an empty variable for a missing one', { AWS_REGION: '', COGNITO_ISSUER: ' ', LOG_LEVEL: '', VALIDATOR_LISTEN: '' }, {}],
  [
    'two pools',
    { COGNITO_USER_POOL_ID: `${POOL}, eu-west-1_Xy1` },
    { pools: [poolInRegion(POOL, 'us-east-1'), poolInRegion('eu-west-1_Xy1', 'eu-west-1')] },
  ],
  ['an issuer with a slash too many', { COGNITO_ISSUER: `${ISSUER}/` }, { pools: [poolWithIssuer(POOL, ISSUER, undefined)] }],
  ['an issuer', { COGNITO_ISSUER: ISSUER }, { pools: [poolWithIssuer(POOL, ISSUER, undefined)] }],
  [
    'an issuer and a URL of keys',
    { COGNITO_ISSUER: ISSUER, COGNITO_JWKS_URL: 'http://localhost:9/k' },
    { pools: [poolWithIssuer(POOL, ISSUER, 'http://localhost:9/k')] },
  ],
  [
    'a URL of keys alone',
    { COGNITO_JWKS_URL: 'https://keys.test/k' },
    { pools: [{ ...poolInRegion(POOL, 'us-east-1'), jwksUrls: ['https://keys.test/k'] }] },
  ],
  [
    'an issuer for a pool in China',
    { COGNITO_USER_POOL_ID: 'cn-north-1_Ab1', COGNITO_ISSUER: ISSUER },
    { pools: [poolWithIssuer('cn-north-1_Ab1', ISSUER, undefined)] },
  ],
  [
    'an issuer for a pool in the European sovereign cloud',
    { COGNITO_USER_POOL_ID: 'eusc-de-east-1_Ab1', COGNITO_ISSUER: ISSUER },
    { pools: [poolWithIssuer('eusc-de-east-1_Ab1', ISSUER, undefined)] },
  ],
  ['every client', { ALLOWED_CLIENT_IDS: '*' }, { clientIds: null }],
  ['every client, though some are named', { ALLOWED_CLIENT_IDS: '1client *' }, { clientIds: null }],
  [
    'the own client besides, by which people log in',
    { COGNITO_CLIENT_ID: '3client' },
    { clientIds: new Set(['3client', '1client', '2client']), login: LOGIN, mcp: MCP },
  ],
  [
    'of several own clients the first for the login',
    { COGNITO_CLIENT_ID: '3client, 4client' },
    { clientIds: new Set(['3client', '4client', '1client', '2client']), login: LOGIN, mcp: MCP },
  ],
  [
    'a confidential client, a domain of its own, other scopes',
    {
      COGNITO_CLIENT_ID: '1client',
      COGNITO_CLIENT_SECRET: 's3cret',
      COGNITO_DOMAIN: 'auth.example.com',
      LOGIN_SCOPES: 'openid, aws.cognito.signin.user.admin',
    },
    {
      login: {
        clientId: '1client',
        clientSecret: 's3cret',
        domain: 'https://auth.example.com',
        scopes: 'openid aws.cognito.signin.user.admin',
      },
      mcp: { ...MCP, clientId: '1client', clientSecret: 's3cret', domain: 'https://auth.example.com' },
    },
  ],
  ['a store', { SESSION_STORE_URL: 'rediss://u:p@store.test:6379/1' }, { sessionStore: 'rediss://u:p@store.test:6379/1' }],
  ['a store without database', { SESSION_STORE_URL: 'valkey://store.test' }, { sessionStore: 'valkey://store.test' }],
  ['a store that may be away', { SESSION_STORE_FAILURE: 'open' }, { whenStoreAway: 'open' }],
  ['clients separated by white space', { ALLOWED_CLIENT_IDS: '1client\n 2client' }, {}],
  ['two keys', { SECRET_KEY: `${NEXT_KEY},${KEY}` }, { secretKeys: [NEXT_KEY, KEY] }],
  ['a gateway with a final slash', { REGISTRY_URL: 'https://mcp.example.com/' }, {}],
  ['a gateway with the usual port', { REGISTRY_URL: 'https://MCP.example.com:443' }, {}],
  [
    'a gateway without TLS',
    { REGISTRY_URL: 'http://localhost:8000' },
    { gateway: 'http://localhost:8000', allowedOrigins: new Set(['http://localhost:8000']), cookieName: 'mcp_gateway_session' },
  ],
  ['a cookie name', { SESSION_COOKIE_NAME: 'sid' }, { cookieName: '__Host-sid' }],
  ['a cookie name with its prefix', { SESSION_COOKIE_NAME: '__Host-sid' }, { cookieName: '__Host-sid' }],
  ['the shortest session', { SESSION_TTL_SECONDS: '60' }, { sessionSeconds: 60 }],
  ['the longest session', { SESSION_TTL_SECONDS: '2592000' }, { sessionSeconds: 2_592_000 }],
  ['nothing remembered', { DECISION_CACHE_SECONDS: '0' }, { decisionCacheSeconds: 0 }],
  ['as much remembered as can be', { DECISION_CACHE_SECONDS: '60' }, { decisionCacheSeconds: 60 }],
  [
    'more origins',
    { ALLOWED_ORIGINS: 'http://localhost:6274, https://app.example.com/' },
    { allowedOrigins: new Set(['https://mcp.example.com', 'http://localhost:6274', 'https://app.example.com']) },
  ],
  ['a policy file', { SCOPES_FILE: '/etc/scopes.yml' }, { scopesFile: '/etc/scopes.yml' }],
  ['an address', { VALIDATOR_LISTEN: '0.0.0.0:80' }, { listen: { kind: 'tcp', host: '0.0.0.0', port: 80 } }],
  ['a host', { VALIDATOR_LISTEN: 'localhost:65535' }, { listen: { kind: 'tcp', host: 'localhost', port: 65_535 } }],
  ['an address of IPv6', { VALIDATOR_LISTEN: '[::1]:8888' }, { listen: { kind: 'tcp', host: '::1', port: 8888 } }],
  ['a socket', { VALIDATOR_LISTEN: 'unix:/run/gatehouse.sock' }, { listen: { kind: 'unix', path: '/run/gatehouse.sock' } }],
  ['an address for figures', { METRICS_LISTEN: '127.0.0.1:9464' }, { metricsListen: { kind: 'tcp', host: '127.0.0.1', port: 9464 } }],
  ['a socket for figures', { METRICS_LISTEN: 'unix:/run/metrics.sock' }, { metricsListen: { kind: 'unix', path: '/run/metrics.sock' } }],
  ['variables that nobody knows', { PATH: '/bin', X_USER: 'root' }, {}],
]
for (const [what, changes, expected] of READ) {
  configuration(`read: ${what}`, () => {
    assert.equal(read(changes), { ...read(), ...expected })
  })
}

for (const logLevel of ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']) {
  configuration(`read: the log level ${logLevel}`, () => {
    assert.is(read({ LOG_LEVEL: logLevel }).logLevel, logLevel)
  })
}

configuration('all problems come at once, each on a line of its own', () => {
  const problems = [
    'COGNITO_USER_POOL_ID is missing. Example: COGNITO_USER_POOL_ID=us-east-1_AbCdEfGhI',
    'ALLOWED_CLIENT_IDS is missing: list the app clients whose tokens are accepted, or * for every client of the pool. ' +
      'Example: ALLOWED_CLIENT_IDS=1example23456789,…',
    'SECRET_KEY is missing; make one with: openssl rand -hex 32. Example: SECRET_KEY=9c4e7b0d…',
    'REGISTRY_URL is missing: the public URL of the gateway, as clients type it. Example: REGISTRY_URL=https://mcp.example.com',
    'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent. Example: LOG_LEVEL=info',
  ]
  assert.throws(
    () => readConfig({ LOG_LEVEL: 'loud' }),
    (error: unknown) => {
      assert.instance(error, ConfigError)
      const { problems: found, message } = error as ConfigError
      assert.equal([...found].sort(), [...problems].sort())
      assert.is(message, `The configuration cannot be used:\n${found.map((problem) => `  - ${problem}`).join('\n')}`)
      return true
    },
  )
})

configuration('capitals and an equals sign within a URL or a path are no other setting', () => {
  const keys = 'https://keys.test/k?KEY=abc&MY_TOKEN=1'
  const { scopesFile } = read({ COGNITO_ISSUER: ISSUER, COGNITO_JWKS_URL: keys, SCOPES_FILE: '/etc/TOKEN=x/scopes.yml' })
  assert.is(scopesFile, '/etc/TOKEN=x/scopes.yml')
})

configuration.run()
