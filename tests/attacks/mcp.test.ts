/** What a known caller may do, and headers that tell another story than the body: MCP's own ways to be misunderstood. */
import { message } from '../support/gateway.ts'
import { AGENT, type Caller, ROSA } from './delivery.ts'
import { explained } from './explain.ts'
import { type Case, DELIVERED, http, NOW, postTo, runTable } from './table.ts'
import { bearer, cookie, type World } from './world.ts'

const POLICY = `
group_mappings:
  callers: [test/now]
  empty: []
  dangling: [test/absent]
test/now:
  - server: currenttime
    methods: [initialize, notifications/initialized, ping, tools/list, tools/call]
    tools: [now]
test/list:
  - server: currenttime
    methods: [tools/list]
test/method:
  - server: currenttime
    methods: [tools/call, prompts/get, resources/read]
test/names:
  - server: currenttime
    tools: [now]
test/split:
  - server: currenttime
    methods: [tools/call]
  - server: currenttime
    methods: [ping]
    tools: [now]
test/prompts:
  - server: currenttime
    methods: [prompts/get]
    tools: [secret]
    prompts: [greet, "gr\u00fc\u00df dich"]
    resources: ["file:///prompts"]
test/resources:
  - server: currenttime
    methods: [resources/read]
    resources: ["file:///public/a.txt", "file:///public/%41", "test://\u00e9"]
test/stars:
  - server: currenttime
    methods: ["tools/call", "prompts."]
    tools: ["no*", ".*", "n?w"]
test/gateway:
  - server: mcpgw
    methods: [tools/call]
    tools: [now]
test/all:
  - server: "*"
    methods: "*"
    tools: "*"
    prompts: "*"
    resources: "*"
`

type Lines = (w: World) => readonly string[] | Promise<readonly string[]>

const scoped =
  (scope: string): Lines =>
  async (w) => [bearer(await w.token({ scope }))]
const caller = (scope: string): Caller => ({ ...AGENT, 'x-scopes': scope })

/** Refused by the policy: the validator was asked about this very call. */
const denied = (id: string, name: string, scope: string, body: string, reason: string, path = '/currenttime/mcp'): Case => ({
  id,
  name: `${name}, with ${scope || 'no scope'}`,
  send: async (w) => postTo(path, await scoped(scope)(w), body),
  status: 403,
  backend: 'nothing',
  decisions: reason === 'server_not_allowed' ? 1 : 2,
  check: reason === 'server_not_allowed' ? explained(reason) : explained(reason, '1', -32003),
})

const allowed = (id: string, name: string, scope: string, body: string, tool?: string): Case => ({
  id,
  name: `${name}, with ${scope}`,
  send: async (w) => postTo('/currenttime/mcp', await scoped(scope)(w), body),
  status: 200,
  backend: {
    url: '/mcp',
    caller: caller(scope),
    body: Buffer.from(body).toString('latin1'),
    ...(tool === undefined ? {} : { tool: encodeURIComponent(tool) }),
  },
})

const tool = (name: string): string => message('tools/call', { name })
const prompt = (name: string): string => message('prompts/get', { name })
const resource = (uri: string): string => message('resources/read', { uri })

const UNLISTED = [
  'server/discover',
  'subscriptions/listen',
  'tasks/get',
  'tasks/cancel',
  'completion/complete',
  'logging/setLevel',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/subscribe',
  'resources/unsubscribe',
  'sampling/createMessage',
  'elicitation/create',
  'roots/list',
  'notifications/cancelled',
  'notifications/progress',
  'rpc.discover',
  'x',
]

const POLICIES: Case[] = [
  denied('111', 'a tool that is not listed', 'test/now', tool('delete_all'), 'name_not_allowed'),
  denied('111', 'a tool of another scope', 'test/now', tool('secret'), 'name_not_allowed'),
  denied('111', 'the tool on another server', 'test/now', tool('now'), 'server_not_allowed', '/mcpgw/mcp'),
  denied('111', 'the tool of the other server here', 'test/gateway', tool('now'), 'server_not_allowed'),
  denied('112', 'the method alone, no tools', 'test/method', tool('now'), 'name_not_allowed'),
  denied('112', 'the method alone, no prompts', 'test/method', prompt('greet'), 'name_not_allowed'),
  denied('112', 'the method alone, no resources', 'test/method', resource('file:///public/a.txt'), 'name_not_allowed'),
  denied('112', 'tools alone, no method', 'test/names', tool('now'), 'name_not_allowed'),
  denied('112', 'method and tool in two entries', 'test/split', tool('now'), 'name_not_allowed'),
  denied('112', 'method and tool in two scopes', 'test/method test/names', tool('now'), 'name_not_allowed'),
  allowed('112', 'the one entry that has both', 'test/now', NOW, 'now'),
  ...UNLISTED.map((method) => denied('114', `the method ${method}`, 'test/now', message(method), 'method_not_allowed')),
  denied('115', 'a prompt without its scope', 'test/now', prompt('now'), 'name_not_allowed'),
  denied('115', 'a prompt that is not listed', 'test/prompts', prompt('other'), 'name_not_allowed'),
  denied('115', 'a prompt by the name of a tool', 'test/prompts', prompt('secret'), 'name_not_allowed'),
  denied('115', 'a tool by the name of a prompt', 'test/prompts', tool('greet'), 'name_not_allowed'),
  denied('115', 'a resource by the right of a prompt', 'test/prompts', resource('file:///prompts'), 'name_not_allowed'),
  denied('115', 'the listing of prompts', 'test/prompts', message('prompts/list'), 'method_not_allowed'),
  allowed('115', 'a listed prompt', 'test/prompts', prompt('greet'), 'greet'),
  allowed('115', 'a listed prompt beyond ASCII', 'test/prompts', prompt('gr\u00fc\u00df dich'), 'gr\u00fc\u00df dich'),
  denied('115', 'the same prompt in decomposed letters', 'test/prompts', prompt('gru\u0308\u00df dich'), 'name_not_allowed'),
  allowed('115', 'a listed resource', 'test/resources', resource('file:///public/a.txt'), 'file:///public/a.txt'),
  allowed('115', 'a listed resource with an escape', 'test/resources', resource('file:///public/%41'), 'file:///public/%41'),
  allowed('115', 'a listed resource beyond ASCII', 'test/resources', resource('test://\u00e9'), 'test://\u00e9'),
  ...[
    'file:///public/A',
    'file:///public/a.txt/',
    'file:///public/a.txt?x',
    'file:///public/a.txt#x',
    'file:///public/./a.txt',
    'file:///public/../public/a.txt',
    'file:///public/../secret',
    'FILE:///public/a.txt',
    'file:/public/a.txt',
    'file://localhost/public/a.txt',
    'file:///public/a%2etxt',
    'file:///public/%2541',
    'file:///public/',
    ' file:///public/a.txt',
    'test://%C3%A9',
  ].map((uri) => denied('115', `the resource ${JSON.stringify(uri)}`, 'test/resources', resource(uri), 'name_not_allowed')),
  denied('115', 'a tool by the name of a resource', 'test/resources', tool('file:///public/a.txt'), 'name_not_allowed'),
  ...['now', 'no', 'nooo', 'delete_all', '*', 'x', 'nxw'].map((name) =>
    denied('130', `the tool ${name} by a star inside a name`, 'test/stars', tool(name), 'name_not_allowed'),
  ),
  allowed('130', 'a name that has a star in it', 'test/stars', tool('no*'), 'no*'),
  denied('130', 'a method by its first letters', 'test/stars', message('prompts.list'), 'method_not_allowed'),
  allowed('130', 'everything by the star alone', 'test/all', tool('whatever you want'), 'whatever you want'),
  allowed('130', 'any method by the star alone', 'test/all', message('tasks/get')),
]

const nobody = (id: string, name: string, lines: Lines, status: number | readonly number[] = 403): Case => ({
  id,
  name,
  send: async (w) => postTo('/currenttime/mcp', await lines(w)),
  status,
  backend: 'nothing',
  decisions: 1,
})
const ofUser =
  (claims: Record<string, unknown>): Lines =>
  async (w) => [bearer(await w.token({ sub: 'f3a1', username: 'rosa', client_id: 'web', scope: 'openid', ...claims }))]
const session =
  (groups: readonly string[]): Lines =>
  async (w) => [cookie(await w.seal(groups))]

const WITHOUT_RIGHTS: Case[] = [
  nobody('123', 'an agent without scopes', scoped('')),
  nobody('123', 'an agent whose token has no scope claim', async (w) => [bearer(await w.token({ scope: undefined }))]),
  nobody('124', 'an agent with scopes that nobody knows', scoped('openid profile test/unknown')),
  nobody('123', 'an agent with a scope in another case', scoped('TEST/NOW')),
  nobody('123', 'an agent with a prefix of a scope', scoped('test/no test')),
  nobody('123', 'an agent with scopes joined by a comma', scoped('test/now,test/all')),
  nobody('123', 'an agent with the name of a group for a scope', scoped('callers')),
  nobody('123', 'a session without groups', session([])),
  nobody('124', 'a session with groups that nobody knows', session(['Callers', 'callers ', 'admin', '__proto__', 'constructor'])),
  nobody('124', 'a session with a group that opens nothing', session(['empty'])),
  nobody('124', 'a session with a group of a scope that is not defined', session(['dangling'])),
  nobody('124', 'a session with the name of a scope for a group', session(['test/now'])),
  nobody('123', 'a user without the groups claim', ofUser({})),
  nobody('123', 'a user with no groups', ofUser({ 'cognito:groups': [] })),
  nobody('124', 'a user with groups that nobody knows', ofUser({ 'cognito:groups': ['nobody'] })),
  ...['callers', { 0: 'callers' }, [['callers']], [null], ['callers', null], ['callers', 1], 1, true, [{ toString: 'callers' }]].map(
    (groups) => nobody('125', `groups ${JSON.stringify(groups)}`, ofUser({ 'cognito:groups': groups }), [401, 403]),
  ),
  nobody('125', 'groups null', ofUser({ 'cognito:groups': null }), [401, 403]),
  nobody('125', 'groups under another name', ofUser({ groups: ['callers'], 'cognito:roles': ['callers'], 'custom:groups': ['callers'] })),
  {
    id: '123',
    name: 'a user whose group opens the call',
    send: async (w) => postTo('/currenttime/mcp', await ofUser({ 'cognito:groups': ['callers', 'nobody'] })(w)),
    status: 200,
    backend: { ...DELIVERED, caller: { ...ROSA, 'x-groups': 'callers nobody', 'x-auth-method': 'jwt' } },
  },
]

const mirrored = (id: string, name: string, lines: readonly string[], body: string = NOW): Case => ({
  id,
  name,
  send: (w) => postTo('/currenttime/mcp', [w.agent, ...lines], body),
  status: 400,
  backend: 'nothing',
  decisions: 1,
  check: explained('header_mismatch', '1', -32020),
})
const agreeing = (id: string, name: string, lines: readonly string[], body: string = NOW, scope = 'test/now'): Case => ({
  id,
  name,
  send: async (w) => postTo('/currenttime/mcp', [...(await scoped(scope)(w)), ...lines], body),
  status: 200,
  backend: {
    ...DELIVERED,
    caller: caller(scope),
    body: Buffer.from(body).toString('latin1'),
    tool: encodeURIComponent(JSON.parse(body).params?.name ?? JSON.parse(body).params?.uri ?? '') || undefined,
    passes: ['mcp-method', 'mcp-name', 'mcp-protocol-version'],
  } as Case['backend'],
})
const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`
const VERSION = 'MCP-Protocol-Version: 2026-07-28'
const METHOD = 'Mcp-Method: tools/call'
const NAME = 'Mcp-Name: now'

const MIRRORS: Case[] = [
  mirrored('116', 'Mcp-Method of another method', ['Mcp-Method: tools/list']),
  mirrored('116', 'Mcp-Method of another method, and the name', ['Mcp-Method: tools/list', NAME]),
  mirrored('116', 'Mcp-Method of another method in the new version', [VERSION, 'Mcp-Method: tools/list', NAME]),
  ...['Tools/Call', 'tools/call;x', 'tools/call, tools/list', '"tools/call"', 'tools%2Fcall', '', base64('tools/call')].map((value) =>
    mirrored('116', `Mcp-Method: ${value}`, [VERSION, `Mcp-Method: ${value}`, NAME]),
  ),
  mirrored('116', 'Mcp-Method of a call over a listing', ['Mcp-Method: tools/call'], message('tools/list')),
  mirrored('116', 'Mcp-Method twice', [METHOD, 'Mcp-Method: tools/list', NAME]),
  mirrored('116', 'Mcp-Method twice, the other way round', ['Mcp-Method: tools/list', METHOD, NAME]),
  mirrored('116', 'Mcp-Method twice, the same', [METHOD, METHOD, NAME]),
  mirrored('117', 'Mcp-Name of another tool', [METHOD, NAME], tool('delete_all')),
  mirrored('117', 'Mcp-Name of another tool alone', [NAME], tool('delete_all')),
  ...['Now', 'now;', 'nowx', 'no', 'now, now', '"now"', '%6eow', '', 'n\xf6w', '*'].map((value) =>
    mirrored('117', `Mcp-Name: ${value}`, [VERSION, METHOD, `Mcp-Name: ${value}`]),
  ),
  mirrored('117', 'Mcp-Name twice', [VERSION, METHOD, NAME, 'Mcp-Name: delete_all']),
  mirrored('117', 'Mcp-Name twice, the other way round', [VERSION, METHOD, 'Mcp-Name: delete_all', NAME]),
  mirrored('117', 'Mcp-Name twice, the same', [VERSION, METHOD, NAME, NAME]),
  mirrored('117', 'Mcp-Name in two spellings', [VERSION, METHOD, NAME, 'mcp-name: delete_all']),
  mirrored('117', 'Mcp-Name of a resource for another', [METHOD.replace('tools/call', 'resources/read'), 'Mcp-Name: a:b'], resource('a:c')),
  agreeing('118', 'both as they are', [METHOD, NAME]),
  agreeing('118', 'both as they are, in the new version', [VERSION, METHOD, NAME]),
  agreeing('118', 'the name in base64', [VERSION, METHOD, `Mcp-Name: ${base64('now')}`]),
  agreeing('118', 'the name in base64 without a version', [`Mcp-Name: ${base64('now')}`]),
  mirrored('118', 'another name in base64', [VERSION, METHOD, `Mcp-Name: ${base64('delete_all')}`]),
  mirrored('118', 'the right name in base64 over another', [VERSION, METHOD, `Mcp-Name: ${base64('now')}`], tool('delete_all')),
  ...[
    '=?base64?bm93',
    'bm93',
    '=?BASE64?bm93?=',
    '=?base64?bm93==?=',
    '=?base64?bm9 3?=',
    '=?base64??=',
    '=?utf-8?B?bm93?=',
    '=?base64?bm93?=x',
  ].map((value) => mirrored('118', `Mcp-Name: ${value}`, [VERSION, METHOD, `Mcp-Name: ${value}`])),
  mirrored('118', 'a name that looks like base64, as it is', [VERSION, METHOD, 'Mcp-Name: =?base64?bm93?='], tool('=?base64?bm93?=')),
  agreeing(
    '118',
    'a name that looks like base64, in base64',
    [VERSION, METHOD, `Mcp-Name: ${base64('=?base64?bm93?=')}`],
    tool('=?base64?bm93?='),
    'test/all',
  ),
  agreeing(
    '118',
    'a name beyond ASCII in base64',
    [VERSION, METHOD, `Mcp-Name: ${base64('\u00e9\u{1f600}')}`],
    tool('\u00e9\u{1f600}'),
    'test/all',
  ),
  mirrored(
    '118',
    'a name beyond ASCII in its bytes',
    [VERSION, METHOD, `Mcp-Name: ${Buffer.from('\u00e9').toString('latin1')}`],
    tool('\u00e9'),
  ),
  agreeing('118', 'a name with blanks around in base64', [VERSION, METHOD, `Mcp-Name: ${base64(' now ')}`], tool(' now '), 'test/all'),
  mirrored('118', 'a name with blanks around, trimmed', [VERSION, METHOD, 'Mcp-Name: now'], tool(' now ')),
  agreeing(
    '118',
    'the uri of a resource',
    [VERSION, 'Mcp-Method: resources/read', 'Mcp-Name: file:///public/a.txt'],
    resource('file:///public/a.txt'),
    'test/resources',
  ),
  agreeing('118', 'a method without a name', [VERSION, 'Mcp-Method: tools/list'], message('tools/list')),
  mirrored('120', 'the new version without both', [VERSION]),
  mirrored('120', 'the new version without Mcp-Name', [VERSION, METHOD]),
  mirrored('120', 'the new version without Mcp-Method', [VERSION, NAME]),
  mirrored('120', 'a listing in the new version without Mcp-Method', [VERSION], message('tools/list')),
  ...['2026-07-29', '2026-08-01', '2027-01-01', '9999-12-31', '2026-07-28-draft'].map((version) =>
    mirrored('120', `the newer version ${version} without both`, [`MCP-Protocol-Version: ${version}`]),
  ),
  mirrored('120', 'two versions, the newer first', [VERSION, 'MCP-Protocol-Version: 2025-06-18']),
  mirrored('120', 'two versions, the newer last', ['MCP-Protocol-Version: 2025-06-18', VERSION]),
  mirrored('120', 'two versions in one header', ['MCP-Protocol-Version: 2025-06-18, 2026-07-28']),
  ...['2025-06-18', '2025-11-25', '2024-11-05', '2026-07-27', '', 'x'].map((version) =>
    agreeing('122', `version "${version}" without both`, [`MCP-Protocol-Version: ${version}`]),
  ),
  agreeing('122', 'no version, both right', [METHOD, NAME]),
  mirrored('122', 'an older version, Mcp-Method wrong', ['MCP-Protocol-Version: 2025-06-18', 'Mcp-Method: tools/list']),
  mirrored('122', 'an older version, Mcp-Name wrong', ['MCP-Protocol-Version: 2025-06-18', NAME], tool('delete_all')),
  {
    ...denied('122', 'headers of an allowed call over no body', 'test/now', '', 'body_missing'),
    send: (w) => postTo('/currenttime/mcp', [w.agent, VERSION, METHOD, NAME], ''),
    status: 400,
    decisions: 1,
    check: explained('body_missing'),
  },
]

/** A request of another kind, with the line of the caller. */
const other = (
  method: string,
  lines: (w: World) => readonly string[] | Promise<readonly string[]>,
  path = '/currenttime/mcp',
): Case['send'] => {
  return async (w) => http(`${method} ${path} HTTP/1.1`, ['Host: localhost', ...(await lines(w))])
}
const SESSION = 'Mcp-Session-Id: 5d1c9a52-0000-4000-8000-000000000000'

const STREAMS: Case[] = ['GET', 'DELETE'].flatMap((method): Case[] => {
  const arrives = { url: '/mcp', method, caller: AGENT, body: '', passes: ['mcp-session-id', 'last-event-id', 'accept'] }
  return [
    {
      id: '133',
      name: `${method} with a session but no token`,
      send: other(method, () => [SESSION]),
      status: 401,
      backend: 'nothing',
      decisions: 1,
    },
    { id: '134', name: `${method} without anything`, send: other(method, () => []), status: 401, backend: 'nothing', decisions: 1 },
    {
      id: '134',
      name: `${method} with a bad token`,
      send: other(method, () => [bearer('x.y.z')]),
      status: 401,
      backend: 'nothing',
      decisions: 1,
    },
    {
      id: '134',
      name: `${method} on a forbidden server`,
      send: other(method, (w) => [w.agent, SESSION], '/mcpgw/mcp'),
      status: 403,
      backend: 'nothing',
      decisions: 1,
      check: explained('server_not_allowed'),
    },
    { id: '134', name: `${method} without any scope`, send: other(method, scoped('')), status: 403, backend: 'nothing', decisions: 1 },
    {
      id: '134',
      name: `${method} on a forbidden legacy stream`,
      send: other(method, (w) => [w.agent], '/mcpgw/sse'),
      status: 403,
      backend: 'nothing',
    },
    {
      id: '134',
      name: `${method} with a right to the server`,
      send: other(method, (w) => [w.agent, SESSION]),
      status: 200,
      backend: arrives,
    },
    {
      // The gate keeps no sessions: the MCP server learns whose request it is, and must bind its sessions to that.
      id: '132',
      name: `${method} of somebody's session arrives with the caller's own name`,
      send: other(method, (w) => [w.agent, SESSION, 'X-User: rosa', 'Accept: text/event-stream']),
      status: 200,
      backend: arrives,
    },
    {
      id: '135',
      name: `${method} that resumes somebody's stream arrives with the caller's own name`,
      send: other(method, (w) => [w.agent, SESSION, 'Last-Event-ID: 17', 'X-Username: rosa']),
      status: 200,
      backend: arrives,
    },
  ]
})
const SESSIONS: Case[] = [
  {
    id: '132',
    name: "a call in somebody's session arrives with the caller's own name",
    send: (w) => postTo('/currenttime/mcp', [w.agent, SESSION, 'X-User: rosa']),
    status: 200,
    backend: { ...DELIVERED, passes: ['mcp-session-id'] },
  },
  {
    id: '132',
    name: "a forbidden call in somebody's session",
    send: (w) => postTo('/currenttime/mcp', [w.agent, SESSION], tool('delete_all')),
    status: 403,
    backend: 'nothing',
  },
  {
    id: '133',
    name: 'a call with a session but no token',
    send: () => postTo('/currenttime/mcp', [SESSION]),
    status: 401,
    backend: 'nothing',
    decisions: 1,
    check: explained('no_credentials'),
  },
]

const foreign = (id: string, name: string, lines: (w: World) => readonly string[] | Promise<readonly string[]>): Case => ({
  id,
  name,
  send: async (w) => postTo('/currenttime/mcp', await lines(w)),
  status: 403,
  backend: 'nothing',
  decisions: 1,
  check: explained('origin_not_allowed'),
})
const origins = (w: World): string[] => [
  'https://evil.example',
  'null',
  'http://localhost',
  `https://localhost:${w.gateway.port}`,
  `http://localhost:${w.gateway.port}.evil.example`,
  `http://localhost.evil.example:${w.gateway.port}`,
  `http://evil.example/?${w.gateway.url}`,
  `${w.gateway.url}/`,
  `${w.gateway.url} https://evil.example`,
  `http://user@localhost:${w.gateway.port}`,
  `http://127.0.0.1:${w.gateway.port}`,
  `http://[::1]:${w.gateway.port}`,
  'file://',
  'chrome-extension://abcdefgh',
  '*',
]
const ORIGIN_NAMES = [
  'a foreign one',
  'null',
  'no port',
  'another scheme',
  'a longer port',
  'a longer host',
  'in a query',
  'with a slash',
  'two in one',
  'with a user',
  'by address',
  'by IPv6 address',
  'a file',
  'an extension',
  'a star',
]

const ORIGINS: Case[] = [
  ...ORIGIN_NAMES.flatMap((name, index) => [
    foreign('136', `Origin, ${name}, with a cookie`, async (w) => [cookie(await w.seal()), `Origin: ${origins(w)[index]}`]),
    foreign('136', `Origin, ${name}, with a token`, (w) => [w.agent, `Origin: ${origins(w)[index]}`]),
  ]),
  foreign('136', 'two Origins, own and foreign', (w) => [w.agent, `Origin: ${w.gateway.url}`, 'Origin: https://evil.example']),
  foreign('136', 'two Origins, foreign and own', (w) => [w.agent, 'Origin: https://evil.example', `Origin: ${w.gateway.url}`]),
  { ...foreign('136', 'a foreign stream', () => []), send: other('GET', (w) => [w.agent, 'Origin: https://evil.example']) },
  { ...foreign('136', 'a foreign end of a session', () => []), send: other('DELETE', (w) => [w.agent, 'Origin: https://evil.example']) },
  {
    ...foreign('136', 'a foreign page without a credential', () => ['Origin: https://evil.example']),
    status: [401, 403],
    check: () => undefined,
  },
  {
    id: '136',
    name: 'a foreign preflight',
    send: other('OPTIONS', () => [
      'Origin: https://evil.example',
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: authorization',
    ]),
    status: [401, 403, 405],
    backend: 'nothing',
    check: ([answer]) => (answer?.headers['access-control-allow-origin'] ? 'a foreign origin is told that it may' : undefined),
  },
  {
    id: '136',
    name: 'the own Origin',
    send: async (w) => postTo('/currenttime/mcp', [cookie(await w.seal()), `Origin: ${w.gateway.url}`]),
    status: 200,
    backend: { ...DELIVERED, caller: ROSA, passes: ['origin'] },
  },
  {
    id: '138',
    name: 'Host and Origin of a page that has rebound its name',
    send: async (w) =>
      http(
        'POST /currenttime/mcp HTTP/1.1',
        [
          'Host: evil.example',
          'Origin: http://evil.example',
          'Content-Type: application/json',
          `Content-Length: ${NOW.length}`,
          cookie(await w.seal()),
        ],
        NOW,
      ),
    status: [400, 403, 404, 421],
    backend: 'nothing',
  },
]

const upgrading = (id: string, name: string, method: string, lines: readonly string[]): Case => ({
  id,
  name,
  send: (w) => {
    const body = method === 'POST' ? ['Content-Type: application/json', `Content-Length: ${NOW.length}`] : []
    return http(`${method} /currenttime/mcp HTTP/1.1`, ['Host: localhost', w.agent, ...body, ...lines], method === 'POST' ? NOW : '')
  },
  status: 200,
  backend: method === 'POST' ? { ...DELIVERED, passes: PASSED } : { url: '/mcp', method, caller: AGENT, body: '', passes: PASSED },
})
const PASSED = ['sec-websocket-key', 'sec-websocket-version']
const WEBSOCKET = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
const UPGRADES: Case[] = ['GET', 'POST', 'DELETE'].flatMap((method) => [
  upgrading('140', `${method} to a WebSocket`, method, WEBSOCKET),
  upgrading('140', `${method} to a WebSocket, in capitals`, method, ['UPGRADE: WebSocket', 'CONNECTION: keep-alive, Upgrade']),
  upgrading('141', `${method} to h2c`, method, [
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  ]),
  upgrading('141', `${method} to TLS`, method, ['Connection: Upgrade', 'Upgrade: TLS/1.2']),
])

runTable('MCP', [...POLICIES, ...WITHOUT_RIGHTS, ...MIRRORS, ...STREAMS, ...SESSIONS, ...ORIGINS, ...UPGRADES], { policy: POLICY })
