/** The common mistakes in a set-up, each with the checks that must fail and what they must say. */
import { freePort } from '../support/process.ts'
import { type Changes, type DoctorStack, type Name, OTHER_KEY } from './doctor_stack.ts'

export interface Mistake {
  what: string
  changes?: (stack: DoctorStack) => Changes | Promise<Changes>
  /** The settings that are looked at; all when none are named. */
  names?: Name[]
  args?: (stack: DoctorStack) => string[] | Promise<string[]>
  env?: (stack: DoctorStack) => Record<string, string>
  failures: [check: string, told: RegExp][]
}

function pool({ demo }: DoctorStack, id: string): Changes {
  const issuer = (demo.settings('.env').COGNITO_ISSUER as string).replace('us-east-1_GatehouseDemo', id)
  return { '.env': { COGNITO_USER_POOL_ID: id, COGNITO_ISSUER: issuer, AWS_REGION: null } }
}

export const MISTAKES: Mistake[] = [
  {
    what: 'a callback URL that is not registered',
    changes: ({ demo }) => ({ '.env': { REGISTRY_URL: demo.url.replace('localhost', '127.0.0.1') } }),
    names: ['.env'],
    failures: [
      ['callback-url', /127\.0\.0\.1:\d+\/oauth2\/callback\/cognito is not registered at demoweb .*\(redirect_mismatch\).*add http:/],
      [
        'callback-url',
        /127\.0\.0\.1:\d+\/oauth2\/callback\/mcp is not registered at demoweb .*without it no MCP client can sign its user in/,
      ],
      ['sign-out-url', /127\.0\.0\.1:\d+\/oauth2\/signed-out is not registered/],
      ['server', /points to http:\/\/localhost:\d+, which is not http:\/\/127/],
      ['server', /points to http:\/\/localhost/],
      ['mcp-sign-in', /oauth-authorization-server calls itself http:\/\/localhost:\d+, not http:\/\/127.*Set REGISTRY_URL/],
    ],
  },
  {
    what: 'another secret key in the login tool',
    changes: () => ({ '.env.user': { SECRET_KEY: OTHER_KEY } }),
    names: ['.env', '.env.user'],
    failures: [
      ['secret-key-match', /SECRET_KEY in .*\.env\.user is not that of .*\.env/],
      ['secret-key-match', /does not open what SECRET_KEY of .*\.env\.user seals/],
    ],
  },
  {
    what: 'another secret key, with the settings of the user alone',
    changes: () => ({ '.env.user': { SECRET_KEY: OTHER_KEY } }),
    names: ['.env.user'],
    failures: [['secret-key-match', /does not open what SECRET_KEY of .*\.env\.user seals.*Copy SECRET_KEY/]],
  },
  {
    what: 'a weak secret key',
    changes: () => ({ '.env': { SECRET_KEY: 'mysecretkey' } }),
    names: ['.env'],
    failures: [['secret-key', /SECRET_KEY has 11 characters; at least 32 are needed/]],
  },
  {
    what: 'a group that is not mapped',
    args: async ({ sessionOf }) => ['--cookie-file', await sessionOf(['mcp-registry-admins'], 60)],
    names: ['.env.user'],
    failures: [
      ['session', /rosa is in mcp-registry-admins, and group_mappings of .* opens nothing to mcp-registry-admins.*Map mcp-registry-admins/],
    ],
  },
  {
    what: 'a session that has expired',
    args: async ({ sessionOf }) => ['--cookie-file', await sessionOf(['mcp-registry-admin'], -5)],
    names: ['.env.user'],
    failures: [['session', /\(session_expired\).*gatehouse login/]],
  },
  {
    what: 'a session of another key',
    args: async ({ sessionOf }) => ['--cookie-file', await sessionOf(['mcp-registry-user'], 60, OTHER_KEY)],
    names: ['.env.user'],
    failures: [['session', /\(session_malformed\).*SECRET_KEY differs/]],
  },
  {
    what: 'the pool of another region, told by AWS_REGION',
    changes: () => ({ '.env': { AWS_REGION: 'eu-west-1' } }),
    names: ['.env'],
    failures: [['pool', /AWS_REGION is "eu-west-1", but the pool "us-east-1_GatehouseDemo" is in "us-east-1"/]],
  },
  {
    what: 'the pool of another region, told by Cognito',
    changes: (stack) => pool(stack, 'us-west-2_GatehouseDemo'),
    names: ['.env'],
    failures: [
      ['discovery', /answers 404.*There is no pool "us-west-2_GatehouseDemo" in us-west-2/],
      ['keys', /status 404 instead of 200.*in the region that it is in/],
      ['mcp-sign-in', /leads to the keys at .*us-east-1_GatehouseDemo.*, which is not the pool of the settings here/],
    ],
  },
  {
    what: 'a malformed pool id',
    changes: () => ({ '.env.agent': { COGNITO_USER_POOL_ID: 'GatehouseDemo' } }),
    names: ['.env.agent'],
    failures: [['pool', /COGNITO_USER_POOL_ID "GatehouseDemo" is no pool id/]],
  },
  {
    what: "a wrong secret of the agent's client",
    changes: () => ({ '.env.agent': { COGNITO_CLIENT_SECRET: 'wrong-secret-000' } }),
    names: ['.env.agent'],
    failures: [['app-client', /the secret of demoagent in .*\.env\.agent is wrong: Cognito says invalid_client/]],
  },
  {
    what: "a wrong secret of the login's client",
    changes: () => ({ '.env': { COGNITO_CLIENT_SECRET: 'wrong-secret-000' } }),
    names: ['.env'],
    failures: [['app-client', /the secret of demoweb in .*\.env is wrong/]],
  },
  {
    what: 'an unknown client',
    changes: () => ({ '.env.agent': { COGNITO_CLIENT_ID: 'demoagnet' } }),
    names: ['.env', '.env.agent'],
    failures: [
      ['agent-access', /demoagnet of .* is not in ALLOWED_CLIENT_IDS/],
      ['app-client', /no app client demoagnet at .*Copy COGNITO_CLIENT_ID/],
    ],
  },
  {
    what: 'keys that cannot be reached',
    changes: async () => ({ '.env': { COGNITO_JWKS_URL: `http://127.0.0.1:${await freePort()}/jwks.json` } }),
    names: ['.env'],
    failures: [['keys', /jwks\.json: no answer \(ECONNREFUSED\).*keys_unavailable.*COGNITO_JWKS_URL/]],
  },
  {
    what: 'a domain that is not there',
    changes: async () => ({ '.env': { COGNITO_DOMAIN: `http://127.0.0.1:${await freePort()}` } }),
    names: ['.env'],
    failures: [
      ['domain', /nothing listens there; it is COGNITO_DOMAIN of .*The pool itself names http:\/\/localhost:\d+: set COGNITO_DOMAIN=/],
    ],
  },
  {
    what: 'a domain that is the gateway',
    changes: ({ demo }) => ({ '.env.agent': { COGNITO_DOMAIN: demo.url } }),
    names: ['.env.agent'],
    failures: [['domain', /http:\S+ is the gateway itself; it is COGNITO_DOMAIN of /]],
  },
  {
    what: 'a scope that the login may not ask for',
    changes: () => ({ '.env': { LOGIN_SCOPES: 'openid,phone,email' } }),
    names: ['.env'],
    failures: [['login-scopes', /demoweb may not have phone \(invalid_scope\)/]],
  },
  {
    what: 'a scope of the policy that MCP clients may not ask for',
    env: ({ scopesWith }) => scopesWith(/^mcp-servers-restricted\/execute:/m, 'mcp-servers-restrictd/execute:'),
    names: ['.env'],
    failures: [
      [
        'mcp-scopes',
        /demoweb for mcp-servers-restrictd\/execute \(invalid_scope\).*Custom scopes: allow mcp-servers-restrictd\/execute\. Or .*MCP_SCOPES=/,
      ],
    ],
  },
  {
    what: 'an app client for MCP clients with a wrong secret',
    changes: () => ({ '.env': { COGNITO_MCP_CLIENT_ID: 'demoweb', COGNITO_MCP_CLIENT_SECRET: 'wrong-secret-000' } }),
    names: ['.env'],
    failures: [['app-client', /the secret of demoweb in .* is wrong.*Copy COGNITO_MCP_CLIENT_SECRET/]],
  },
  {
    what: 'an app client for MCP clients without their callback URL',
    changes: () => ({ '.env': { COGNITO_MCP_CLIENT_ID: 'democli', MCP_SCOPES: 'none' } }),
    names: ['.env'],
    failures: [
      ['callback-url', /\/oauth2\/callback\/mcp is not registered at democli/],
      ['mcp-sign-in', /oauth2\/register gives out the app client demoweb, and not democli.*Restart it with these/],
    ],
  },
  {
    what: 'programs that may not come, at a gateway that lets them',
    changes: () => ({ '.env': { MCP_REDIRECT_URIS: 'known' } }),
    names: ['.env'],
    failures: [['mcp-sign-in', /takes http:\/\/127\.0\.0\.1:1\/callback, but MCP_REDIRECT_URIS has no loopback/]],
  },
  {
    what: 'a word for MCP clients that is none',
    changes: () => ({ '.env': { CHALLENGE_SCOPES: 'all' } }),
    names: ['.env'],
    failures: [['environment', /CHALLENGE_SCOPES must be one of server, operation/]],
  },
  {
    what: "a scope of the agent's client that the policy does not know",
    env: ({ scopesWith }) => scopesWith(/mcp-servers-unrestricted/g, 'mcp-server-unrestricted'),
    names: ['.env', '.env.agent-readonly'],
    failures: [
      ['mcp-scopes', /may not ask by demoweb for mcp-server-unrestricted\/read, mcp-server-unrestricted\/execute \(invalid_scope\)/],
      ['agent-scopes', /carries mcp-servers-unrestricted\/read, and .* knows none of it.*assign one of mcp-server-unrestricted\/read/],
    ],
  },
  {
    what: 'a policy that is broken',
    env: ({ scopesWith }) => scopesWith('methods: [tools/call]', 'method: [tools/call]'),
    names: ['.env'],
    failures: [['policy', /changed\.yml: .*\.method is not known/]],
  },
  {
    what: 'a policy that is not there',
    env: () => ({ SCOPES_FILE: '/no/absent.yml' }),
    names: ['.env'],
    failures: [['policy', /absent\.yml cannot be read: ENOENT/]],
  },
  {
    what: 'nobody allowed',
    changes: () => ({ '.env': { ALLOWED_CLIENT_IDS: null } }),
    names: ['.env'],
    failures: [['environment', /ALLOWED_CLIENT_IDS is missing/]],
  },
  {
    what: 'another address of the gateway',
    changes: async () => ({ '.env.agent': { MCP_REGISTRY_URL: `http://127.0.0.1:${await freePort()}/mcpgw/mcp` } }),
    names: ['.env.agent'],
    failures: [['gateway', /nothing listens there/]],
  },
  {
    what: 'a location without the gate',
    args: ({ nginxWith }) => nginxWith('location / {', 'location /open/ { proxy_pass http://currenttime; } location / {'),
    names: ['.env'],
    failures: [['nginx', /changed\.conf:\d+: "proxy_pass http:\/\/currenttime" breaks the rule: nothing but the gate leads to/]],
  },
  {
    what: 'a longer path without the gate',
    args: ({ nginxWith }) => nginxWith('location / {', 'location /mcpgw/files/ { root /srv; } location / {'),
    names: ['.env'],
    failures: [['nginx', /"location \/mcpgw\/files\/" breaks the rule: no longer path leads around/]],
  },
  {
    what: 'a condition with a proxy_pass',
    args: ({ nginxWith }) =>
      nginxWith(
        'include gatehouse/location.conf;',
        'include gatehouse/location.conf; if ($http_x_debug) { proxy_pass http://currenttime; }',
      ),
    names: ['.env'],
    failures: [
      ['nginx', /breaks the rule: no condition has a way of its own/],
      ['nginx', /breaks the rule: nothing but the gate leads to/],
    ],
  },
  {
    what: 'refusals that become answers',
    args: ({ nginxWith }) => nginxWith('include gatehouse/location.conf;', 'include gatehouse/location.conf; error_page 401 =200 /health;'),
    names: ['.env'],
    failures: [['nginx', /"error_page 401" breaks the rule: an error page neither proxies nor succeeds/]],
  },
]
