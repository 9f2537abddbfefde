import { readConfig } from '../src/config.ts'
import { ConfigError, type Environment } from '../src/settings.ts'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'

const problems = suite('the problems of a configuration')

const POOL = 'us-east-1_AbCdEfGhI'
const KEY = '5f1d7a0c93be4826d1f0a7c4e8b29360'
const GOOD: Environment = {
  COGNITO_USER_POOL_ID: POOL,
  ALLOWED_CLIENT_IDS: '1client',
  SECRET_KEY: KEY,
  REGISTRY_URL: 'https://mcp.example.com',
}

function problemsOf(changes: Environment): readonly string[] {
  try {
    readConfig({ ...GOOD, ...changes })
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const IS_ORIGIN = 'must be an http or https URL without path and query'
const SESSION = 'must be a whole number of seconds from 60 to 2592000. Example: SESSION_TTL_SECONDS=28800'
const CACHE = 'must be a whole number of seconds from 0 to 60. Example: DECISION_CACHE_SECONDS=5'
const NAME = 'must be 1 to 64 letters, digits, "_" or "-". Example: SESSION_COOKIE_NAME=mcp_gateway_session'
const LISTEN = 'must be ADDRESS:PORT or unix:/PATH. Example: VALIDATOR_LISTEN=127.0.0.1:8888'
const METRICS = 'must be ADDRESS:PORT or unix:/PATH. Example: METRICS_LISTEN=127.0.0.1:9464'
const LEVEL = 'must be one of trace, debug, info, warn, error, fatal, silent. Example: LOG_LEVEL=info'
const FETCHABLE = 'must hold https URLs (http on loopback)'
const MAKE = 'make one with: openssl rand -hex 32. Example: SECRET_KEY=9c4e7b0d…'

const one = (name: string, values: (string | undefined)[], problem: (value: string) => string): [string, Environment, string][] =>
  values.map((value) => [
    `${name}${value === undefined ? ' missing' : `=${value.slice(0, 40)}`}`,
    { [name]: value },
    `${name} ${problem(value ?? '')}`,
  ])

const DOMAIN = 'must be a prefix, a host name or an https URL without path. Example: COGNITO_DOMAIN=my-company'
const SCOPES = 'must hold scope names, openid among them. Example: LOGIN_SCOPES=openid,email,profile'
const STORE =
  'must be a redis:// or rediss:// URL without parameters, its password percent-encoded. Example: SESSION_STORE_URL=rediss://user:password@valkey.example.com:6379/0'

const TABLE: [string, Environment, string][] = [
  ...one('COGNITO_DOMAIN', ['My Company', 'http://auth.example.com', 'https://auth.example.com/login', 'a?b'], () => DOMAIN),
  ...one('LOGIN_SCOPES', ['email', 'openid "x"', 'openid é'], () => SCOPES),
  ...one(
    'SESSION_STORE_URL',
    [
      'store.test:6379',
      'http://u:hidden@store.test',
      'redis://',
      'redis://store.test/zero',
      'redis:x',
      'redis://store.test/123456',
      'redis://store.test/0?db=1',
      'redis://store.test/#x',
      'redis://u:50%off@store.test/0',
    ],
    () => STORE,
  ),
  ...one('SESSION_STORE_FAILURE', ['ajar', 'OPEN'], () => 'must be one of closed, open. Example: SESSION_STORE_FAILURE=closed'),
  ...one('COGNITO_USER_POOL_ID', [undefined, '', ' , '], () => `is missing. Example: COGNITO_USER_POOL_ID=${POOL}`),
  ...one(
    'COGNITO_USER_POOL_ID',
    ['useast1', 'us-east-1', 'us-east-1-Ab', `https://x/${POOL}`],
    (id) => `must hold pool ids, REGION_SUFFIX; "${id}" is none. Example: COGNITO_USER_POOL_ID=${POOL}`,
  ),
  ...one(
    'AWS_REGION',
    ['eu-west-1', 'US-EAST-1'],
    (region) => `is "${region}", but the pool "${POOL}" is in "us-east-1". Example: AWS_REGION=us-east-1`,
  ),
  ...one(
    'COGNITO_ISSUER',
    ['http://issuer.test', 'issuer', 'ftp://x'],
    (url) => `${FETCHABLE}; "${url}" is none. Example: COGNITO_ISSUER=https://…`,
  ),
  ...one(
    'COGNITO_JWKS_URL',
    ['http://keys.test/k', 'file:///k'],
    (url) => `${FETCHABLE}; "${url}" is none. Example: COGNITO_JWKS_URL=https://…`,
  ),
  ...['COGNITO_ISSUER', 'COGNITO_JWKS_URL'].flatMap((name) =>
    one(
      name,
      ['https://a.test https://b.test'],
      () => `must name one URL for each id in COGNITO_USER_POOL_ID, in the same order, or be left out. Example: ${name}=https://…`,
    ),
  ),
  ...['cn-north-1_Ab1', 'us-gov-west-1_Ab1'].map((id): [string, Environment, string] => [
    `the issuer of ${id} missing`,
    { COGNITO_USER_POOL_ID: id },
    `COGNITO_ISSUER is missing: the issuer of pools in "${id.split('_')[0]}" cannot be derived; copy "iss" from one of its tokens. ` +
      'Example: COGNITO_ISSUER=https://…',
  ]),
  ...one(
    'ALLOWED_CLIENT_IDS',
    [undefined, ''],
    () =>
      'is missing: list the app clients whose tokens are accepted, or * for every client of the pool. ' +
      'Example: ALLOWED_CLIENT_IDS=1example23456789,…',
  ),
  ...one(
    'ALLOWED_CLIENT_IDS',
    ['a-b', 'client*', 'ä', 'x'.repeat(129)],
    (id) => `holds "${id}", which is no app client id. Example: ALLOWED_CLIENT_IDS=1example23456789`,
  ),
  ...one('SECRET_KEY', [undefined, '', ' '], () => `is missing; ${MAKE}`),
  ...one(
    'SECRET_KEY',
    ['$(openssl rand -hex 32)', '`openssl rand -hex 32`', 'openssl rand -hex 32', `${KEY},$(cat key)`],
    () => `holds a command, and nothing runs it here: settings are taken as they are; ${MAKE}`,
  ),
  ...one('SECRET_KEY', ['hunter2', KEY.slice(0, 31)], (key) => `has ${key.length} characters; at least 32 are needed; ${MAKE}`),
  ...one(
    'SECRET_KEY',
    [
      'change-me-please-0123456789abcdef',
      'my-very-secret-0123456789abcdefgh',
      'PASSWORD0123456789abcdefghijklmnop',
      'your-key-0123456789abcdefghijklmnop',
      'an-example-0123456789abcdefghijklm',
      'test-key-0123456789abcdefghijklmnop',
    ],
    () => `looks like a placeholder; ${MAKE}`,
  ),
  ...one(
    'COGNITO_ISSUER',
    ['https://me:hunter2@issuer.test/x'],
    () => 'must hold URLs without user and password. Example: COGNITO_ISSUER=https://…',
  ),
  ...one('SECRET_KEY', ['a'.repeat(32), '0123'.repeat(16)], () => `repeats too few different characters; ${MAKE}`),
  ...one(
    'REGISTRY_URL',
    [undefined],
    () => 'is missing: the public URL of the gateway, as clients type it. Example: REGISTRY_URL=https://mcp.example.com',
  ),
  ...one(
    'REGISTRY_URL',
    ['mcp.example.com', 'https://mcp.example.com/x', 'https://mcp.example.com?', 'ftp://x', 'https://'],
    (url) => `${IS_ORIGIN}; "${url}" is none. Example: REGISTRY_URL=https://mcp.example.com`,
  ),
  ...['?secret_key=hidden', '/#x', '?a="hidden"&b="hidden', '/?\nhidden'].map((rest): [string, Environment, string] => [
    `a question in REGISTRY_URL: ${rest.length}`,
    { REGISTRY_URL: `https://mcp.example.com${rest}` },
    `REGISTRY_URL ${IS_ORIGIN}; "https://mcp.example.com${rest.slice(0, rest.search(/[?#]/) + 1)}…" is none. Example: REGISTRY_URL=https://mcp.example.com`,
  ]),
  ...one(
    'ALLOWED_ORIGINS',
    ['*', 'null', 'localhost:6274', 'https://app.example.com/x', 'file:///x'],
    (origin) => `must hold web origins; "${origin}" is none. Example: ALLOWED_ORIGINS=http://localhost:6274`,
  ),
  ...['https://user:hidden@mcp.example.com/x', 'ftp://hidden@mcp.example.com/x'].map((url): [string, Environment, string] => [
    `a password in REGISTRY_URL=${url.slice(0, 5)}`,
    { REGISTRY_URL: url },
    `REGISTRY_URL ${IS_ORIGIN}; "${url.split('//')[0]}//…@mcp.example.com/x" is none. Example: REGISTRY_URL=https://mcp.example.com`,
  ]),
  [
    'a password in ALLOWED_ORIGINS',
    { ALLOWED_ORIGINS: 'https://user:hid/den@app.example.com' },
    'ALLOWED_ORIGINS must hold web origins; "https://…@app.example.com" is none. Example: ALLOWED_ORIGINS=http://localhost:6274',
  ],
  ...['a\nSECRET_KEY = hidden', 'a\n export COGNITO_DOMAIN=hidden'].map((value): [string, Environment, string] => [
    `another line within ALLOWED_CLIENT_IDS: ${value.length}`,
    { ALLOWED_CLIENT_IDS: value },
    `ALLOWED_CLIENT_IDS holds the line of ${value.includes('export') ? 'COGNITO_DOMAIN' : 'SECRET_KEY'} too: a quote or a line break is missing before that. Example: ALLOWED_CLIENT_IDS=… on a line of its own`,
  ]),
  [
    'another line within a variable for the SDK',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SERVICE_NAME: 'gate\nCOGNITO_CLIENT_SECRET=hidden' },
    'OTEL_SERVICE_NAME holds the line of COGNITO_CLIENT_SECRET too: a quote or a line break is missing before that. Example: OTEL_SERVICE_NAME=… on a line of its own',
  ],
  ...['u:hidden@mcp.example.com', 'http:u:hidden@mcp.example.com', 'https://u:hid"hidden@mcp.example.com'].map(
    (url, index): [string, Environment, string] => [
      `a password in a URL that is none, ${index}`,
      { REGISTRY_URL: url },
      `REGISTRY_URL ${IS_ORIGIN}; "${index === 2 ? 'https://' : ''}…@mcp.example.com" is none. Example: REGISTRY_URL=https://mcp.example.com`,
    ],
  ),
  [
    'a secret within a variable of OpenTelemetry',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'otlp SECRET_KEY=hidden' },
    'OTEL_TRACES_EXPORTER holds the line of SECRET_KEY too: a quote or a line break is missing before that. Example: OTEL_TRACES_EXPORTER=… on a line of its own',
  ],
  [
    'a password in a URL with one slash',
    { REGISTRY_URL: 'https:\\\\user:hidden@mcp.example.com' },
    `REGISTRY_URL ${IS_ORIGIN}; "https://…@mcp.example.com" is none. Example: REGISTRY_URL=https://mcp.example.com`,
  ],
  [
    'the line of a secret within REGISTRY_URL',
    { REGISTRY_URL: 'ftp://xSECRET_KEY=hidden,hidden' },
    'REGISTRY_URL holds the line of SECRET_KEY too: a quote or a line break is missing before that. Example: REGISTRY_URL=… on a line of its own',
  ],
  ...one('SESSION_TTL_SECONDS', ['59', '2592001', '1h', '-60', '60.5', '1e3', '0x40', '9999999999'], () => SESSION),
  ...one('DECISION_CACHE_SECONDS', ['61', '-1', '5s', 'Infinity', 'NaN', '１'], () => CACHE),
  ...one('SESSION_COOKIE_NAME', ['a b', 'a;b', 'a=b', 'ä', 'x'.repeat(65)], () => NAME),
  ...one(
    'VALIDATOR_LISTEN',
    ['8888', ':8888', 'localhost', 'localhost:65536', '::1:8888', 'unix:run.sock', 'a b:1', '1:2:3'],
    () => LISTEN,
  ),
  ...['VALIDATOR_LISTEN', 'METRICS_LISTEN'].flatMap((name) =>
    one(
      name,
      [`unix:/${'x'.repeat(107)}`, `unix:/${'ä'.repeat(53)}x`],
      () => `names a socket by 108 bytes, of which the system takes 107 at the most. Example: ${name}=unix:/run/gatehouse/validator.sock`,
    ),
  ),
  ...[
    { VALIDATOR_LISTEN: '[::1]:8899', METRICS_LISTEN: 'localhost:8899' },
    { VALIDATOR_LISTEN: '0.0.0.0:8899', METRICS_LISTEN: '127.0.0.1:8899' },
    { VALIDATOR_LISTEN: '[0:0:0:0:0:0:0:1]:8899', METRICS_LISTEN: '[::1]:8899' },
    { VALIDATOR_LISTEN: 'unix:/run/x.sock', METRICS_LISTEN: 'unix:/run/x.sock' },
  ].map((both): [string, Environment, string] => [
    `figures at ${both.METRICS_LISTEN} beside the validator at ${both.VALIDATOR_LISTEN}`,
    both,
    'METRICS_LISTEN must not be the address of VALIDATOR_LISTEN, which NGINX passes clients on to. Example: METRICS_LISTEN=127.0.0.1:9464',
  ]),
  ...one('METRICS_LISTEN', ['9464', ':9464', 'localhost:65536', 'unix:run.sock'], () => METRICS),
  ...one(
    'METRICS_LISTEN',
    ['127.0.0.1:8888', '0.0.0.0:8888', 'localhost:8888', '[::]:8888', '[0::0]:8888'],
    () => 'must not be the address of VALIDATOR_LISTEN, which NGINX passes clients on to. Example: METRICS_LISTEN=127.0.0.1:9464',
  ),
  ...one('LOG_LEVEL', ['loud', 'INFO', '30'], () => LEVEL),
]
for (const [what, changes, problem] of TABLE) {
  problems(what, () => {
    assert.equal(problemsOf(changes), [problem])
  })
}

problems('of two keys the weak one is named by its number', () => {
  assert.equal(problemsOf({ SECRET_KEY: `${KEY} hunter2` }), [`SECRET_KEY (key 2) has 7 characters; at least 32 are needed; ${MAKE}`])
})

problems('figures may have the port of the validator where they do not meet', () => {
  for (const [VALIDATOR_LISTEN, METRICS_LISTEN] of [
    ['127.0.0.1:8899', '127.0.0.1:8898'],
    ['127.0.0.1:8899', '127.0.0.2:8899'],
    ['127.0.0.1:8899', '[::1]:8899'],
    ['[::1]:8899', '0.0.0.0:8899'],
    ['127.0.0.1:0', '0.0.0.0:0'],
    ['unix:/run/x.sock', 'unix:/run/y.sock'],
    ['unix:/run/x.sock', '0.0.0.0:8899'],
    ['127.0.0.1:8899', `unix:/${'x'.repeat(106)}`],
  ])
    assert.equal(problemsOf({ VALIDATOR_LISTEN, METRICS_LISTEN }), [])
})

problems('every wrong value of a list is named', () => {
  const found = problemsOf({ ALLOWED_CLIENT_IDS: 'a-b,c-d', COGNITO_CLIENT_ID: 'e-f' })
  assert.equal(
    found.map((problem) => /"(.*?)"/.exec(problem)?.[1]),
    ['e-f', 'a-b', 'c-d'],
  )
})

problems('a secret that was pasted into the wrong setting is told by its beginning alone', () => {
  const secret = '1q7kx4vw9pl2mr8ty5bn3cf6hj1dg0s4zq7kx4vw9pl2mr8ty5'
  const EXAMPLES = {
    COGNITO_USER_POOL_ID: [secret, `${secret}_a-b`],
    REGISTRY_URL: [secret, `https://mcp.example.com/${secret}`],
    COGNITO_ISSUER: [`http://${secret}`],
    AWS_REGION: [secret],
  }
  for (const [name, values] of Object.entries(EXAMPLES))
    for (const value of values) {
      const text = problemsOf({ [name]: value }).join('\n')
      assert.match(text, '1q7…')
      assert.not.match(text, secret.slice(3, 9), name)
    }
})

problems('no message holds a secret', () => {
  const secrets = ['hunter2', 'change-me-please-0123456789abcdef', 'a'.repeat(32), 'pool-client-credential-value']
  for (const secret of secrets) {
    for (const SECRET_KEY of [secret, `${secret},${KEY}`, `${KEY},${secret}`]) {
      const text = problemsOf({ SECRET_KEY, COGNITO_CLIENT_SECRET: secret, LOG_LEVEL: 'loud', REGISTRY_URL: undefined }).join('\n')
      assert.match(text, 'LOG_LEVEL')
      assert.not(text.includes(secret) || text.includes(KEY), text)
    }
  }
})

problems('every message names its variable and an example of it', () => {
  for (const [, changes] of TABLE) {
    for (const problem of problemsOf(changes)) {
      const [, name] = /^([A-Z_]+) /.exec(problem) ?? []
      assert.ok(name !== undefined && problem.includes(` Example: ${name}=`), problem)
    }
  }
})

problems.run()
