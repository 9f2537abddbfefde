import { EVERY_SCOPE, type Lacking } from '../../src/gate/challenge.ts'
import { decide, type Gate, type Question } from '../../src/gate/decide.ts'
import { createPolicy } from '../../src/gate/policy.ts'
import type { AccessToken, Session } from '../../src/gate/principal.ts'
import type { Reason } from '../../src/gate/refusal.ts'
import type { Decision } from '../../src/gate/reply.ts'
import { isServer } from '../../src/scopes/schema.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const decisions = suite('the decision')

const NONE = { tools: [], prompts: [], resources: [] }
const POLICY = createPolicy(
  [
    { ...NONE, scope: 't/list', server: 'now', methods: ['initialize', 'tools/list'] },
    { ...NONE, scope: 't/call', server: 'now', methods: ['initialize', 'tools/call', 'prompts/get'], tools: ['tick'], prompts: ['greet'] },
    { ...NONE, scope: 't/other', server: 'other', methods: ['initialize'] },
    { scope: 't/whole', server: 'whole', methods: '*', tools: '*', prompts: '*', resources: '*' },
    { ...NONE, scope: 't/part', server: 'whole', methods: '*' },
  ],
  ['t/list', 't/call', 't/other', 't/whole', 't/part'],
  new Map([
    ['callers', ['t/call']],
    ['listers', ['t/list']],
  ]),
)
const AGENT: AccessToken = { clientId: 'agent', username: null, groups: [], scopes: ['t/call'], audience: null, expiresAt: 1100 }
const ROSA: Session = { id: 'i', username: 'rosa', clientId: 'web', groups: ['callers'], issuedAt: 0, expiresAt: 1100 }

const TOKENS: Record<string, AccessToken | Reason> = {
  agent: AGENT,
  rosa: { ...AGENT, clientId: 'web', username: 'rosa', groups: ['callers'], scopes: [] },
  narrow: { ...AGENT, clientId: 'web', username: 'rosa', groups: ['callers', 'listers'], scopes: ['t/list'] },
  'narrowed-to-nothing': { ...AGENT, clientId: 'web', username: 'rosa', groups: ['callers', 'listers'], scopes: ['t/other'] },
  lister: { ...AGENT, scopes: ['t/list'] },
  foreigner: { ...AGENT, scopes: ['t/other'] },
  poor: { ...AGENT, scopes: [] },
  bound: { ...AGENT, audience: ['https://gate.test/now/mcp'] },
  elsewhere: { ...AGENT, audience: ['https://gate.test/other/mcp'] },
  whole: { ...AGENT, scopes: ['t/whole'] },
  part: { ...AGENT, scopes: ['t/part'] },
  expired: 'token_expired',
  unlucky: 'keys_unavailable',
}

const verified = <T>(value: T | Reason | undefined, unknown: Reason) =>
  typeof value === 'string' ? { ok: false as const, reason: value as Reason } : value ? { ok: true as const, value } : no(unknown)
const no = (reason: Reason) => ({ ok: false as const, reason })

const GATE: Gate = {
  policy: POLICY,
  verifyToken: async (token) => verified(Object.hasOwn(TOKENS, token) ? TOKENS[token] : undefined, 'token_malformed'),
  openSession: async (seal) => verified(seal === 'rosa' ? ROSA : undefined, 'session_malformed'),
  isServer,
  now: () => 1000,
  cookieName: 'sid',
  gateway: 'https://gate.test',
  allowedOrigins: new Set(['https://gate.test', 'http://localhost:6274']),
  challengeScopes: EVERY_SCOPE,
  decisionCacheSeconds: 5,
}

const call = (method: string, name?: string): string => Buffer.from(JSON.stringify({ method, name })).toString('base64url')
const bearer = (token: string): Partial<Question> => ({ authorization: `Bearer ${token}` })
const ask = async (changes: Partial<Question>, gate: Partial<Gate> = {}): Promise<Decision> => {
  const question = { authorization: undefined, cookie: undefined, origin: undefined, server: 'now', httpMethod: 'POST', call: undefined }
  return decide({ ...question, ...changes }, { ...GATE, ...gate })
}

const ALLOWED: [string, Partial<Question>, string][] = [
  ['an agent may use a server of which it holds a scope', bearer('agent'), 'agent'],
  ['a user of a group may use it', bearer('rosa'), 'rosa'],
  ['a session may use it', { cookie: 'sid=rosa' }, 'rosa'],
  ['a bearer token decides beside a good cookie', { ...bearer('agent'), cookie: 'sid=rosa' }, 'agent'],
  ['a bearer token decides beside a bad cookie', { ...bearer('agent'), cookie: 'sid=bad' }, 'agent'],
  ['an empty Authorization header leaves the cookie', { authorization: '', cookie: 'sid=rosa' }, 'rosa'],
  ['a listed tool', { ...bearer('agent'), call: call('tools/call', 'tick') }, 'agent'],
  ['a listed prompt', { ...bearer('agent'), call: call('prompts/get', 'greet') }, 'agent'],
  ['a listed method', { ...bearer('lister'), call: call('tools/list') }, 'agent'],
  ['a stream', { ...bearer('agent'), httpMethod: 'GET' }, 'agent'],
  ['the end of a session', { ...bearer('agent'), httpMethod: 'DELETE' }, 'agent'],
  ['a token bound to this server', bearer('bound'), 'agent'],
  ['an own origin', { ...bearer('agent'), origin: 'https://gate.test' }, 'agent'],
  ['an allowed origin', { ...bearer('agent'), origin: 'http://localhost:6274' }, 'agent'],
  ['an empty origin is none', { ...bearer('agent'), origin: '' }, 'agent'],
  ['every call, for who may make every one', { ...bearer('whole'), server: 'whole', call: '*' }, 'agent'],
  ['an empty call is none', { ...bearer('agent'), call: '' }, 'agent'],
]
for (const [what, question, user] of ALLOWED) {
  decisions(`allowed: ${what}`, async () => {
    const decision = await ask(question)
    assert.is(decision.kind, 'allow', JSON.stringify(decision))
    assert.is(decision.principal?.user, user)
  })
}

/** Reason, user, the scope of the challenge, and for who is known but not allowed what would help; `token` when left out. */
type Refused = [string, Partial<Question>, Reason, string | null, string | null, Lacking['remedy']?]
const BEGIN = 't/list t/call'
const REFUSED: Refused[] = [
  ['no credentials', {}, 'no_credentials', null, BEGIN],
  ['no credentials, on a server without rules', { server: 'unknown' }, 'no_credentials', null, null],
  ['no credentials, for a call', { call: call('tools/call', 'tick') }, 'no_credentials', null, BEGIN],
  ['no credentials, for a call that nothing opens', { call: call('tools/call', 'tock') }, 'no_credentials', null, BEGIN],
  ['another cookie', { cookie: 'other=rosa' }, 'no_credentials', null, BEGIN],
  ['an unknown token', bearer('unknown'), 'token_malformed', null, BEGIN],
  ['a token out of the prototype', bearer('constructor'), 'token_malformed', null, BEGIN],
  ['an expired token', bearer('expired'), 'token_expired', null, BEGIN],
  ['a bad token beside a good cookie', { ...bearer('expired'), cookie: 'sid=rosa' }, 'token_expired', null, BEGIN],
  ['no keys', bearer('unlucky'), 'keys_unavailable', null, BEGIN],
  ['no keys beside a good cookie', { ...bearer('unlucky'), cookie: 'sid=rosa' }, 'keys_unavailable', null, BEGIN],
  ['Basic', { authorization: 'Basic YQ==', cookie: 'sid=rosa' }, 'authorization_malformed', null, BEGIN],
  ['two sessions', { cookie: 'sid=rosa; sid=rosa' }, 'session_duplicated', null, BEGIN],
  ['a bad session', { cookie: 'sid=bad' }, 'session_malformed', null, BEGIN],
  ['a token bound to another server', bearer('elsewhere'), 'token_audience', null, BEGIN],
  ['no scope at all', bearer('poor'), 'server_not_allowed', 'agent', 't/list'],
  ['scopes of another server', bearer('foreigner'), 'server_not_allowed', 'agent', 't/list'],
  [
    'scopes of another server, for a call',
    { ...bearer('foreigner'), call: call('tools/call', 'tick') },
    'server_not_allowed',
    'agent',
    't/call',
  ],
  ['a server without rules', { ...bearer('agent'), server: 'unknown' }, 'server_not_allowed', 'agent', null, 'nothing'],
  ['every call, for who may make some', { ...bearer('part'), server: 'whole', call: '*' }, 'server_not_allowed', 'agent', 't/whole'],
  ['every call, which no scope opens', { ...bearer('agent'), call: '*' }, 'server_not_allowed', 'agent', null, 'nothing'],
  ['every call, by a stranger', { call: '*' }, 'no_credentials', null, BEGIN],
  ['a method that is not listed', { ...bearer('agent'), call: call('tools/list') }, 'method_not_allowed', 'agent', 't/list'],
  [
    'a method that nothing opens',
    { ...bearer('agent'), call: call('completion/complete') },
    'method_not_allowed',
    'agent',
    null,
    'nothing',
  ],
  ['a tool that is not listed', { ...bearer('agent'), call: call('tools/call', 'tock') }, 'name_not_allowed', 'agent', null, 'nothing'],
  ['a tool in another case', { ...bearer('agent'), call: call('tools/call', 'Tick') }, 'name_not_allowed', 'agent', null, 'nothing'],
  ['a tool that is a prompt', { ...bearer('agent'), call: call('tools/call', 'greet') }, 'name_not_allowed', 'agent', null, 'nothing'],
  ['a tool without the method', { ...bearer('lister'), call: call('tools/call', 'tick') }, 'name_not_allowed', 'agent', 't/call'],
  [
    'a session for what its groups do not open',
    { cookie: 'sid=rosa', call: call('tools/list') },
    'method_not_allowed',
    'rosa',
    null,
    'group',
  ],
  [
    'a session on a server that its groups do not open',
    { cookie: 'sid=rosa', server: 'other' },
    'server_not_allowed',
    'rosa',
    null,
    'group',
  ],
  ['a session for what nothing opens', { cookie: 'sid=rosa', call: call('ping') }, 'method_not_allowed', 'rosa', null, 'nothing'],
  [
    "a user's token without scopes of its own",
    { ...bearer('rosa'), call: call('tools/list') },
    'method_not_allowed',
    'rosa',
    null,
    'group',
  ],
  [
    "a user's token that leaves out what the groups give",
    { ...bearer('narrow'), call: call('tools/call', 'tick') },
    'name_not_allowed',
    'rosa',
    't/list t/call',
  ],
  ["a user's token that leaves all of it out", bearer('narrowed-to-nothing'), 'server_not_allowed', 'rosa', 't/list'],
  ["a user's token for what the groups do not give", { ...bearer('narrow'), server: 'other' }, 'server_not_allowed', 'rosa', null, 'group'],
  ['a foreign origin', { ...bearer('agent'), origin: 'https://evil.example' }, 'origin_not_allowed', null, null],
  ['a foreign origin beside a good cookie', { cookie: 'sid=rosa', origin: 'https://evil.example' }, 'origin_not_allowed', null, null],
  ['an opaque origin', { ...bearer('agent'), origin: 'null' }, 'origin_not_allowed', null, null],
  ['an origin that begins the same', { ...bearer('agent'), origin: 'https://gate.test.evil.example' }, 'origin_not_allowed', null, null],
  ['an origin in upper case', { ...bearer('agent'), origin: 'HTTPS://GATE.TEST' }, 'origin_not_allowed', null, null],
  ['no server', { ...bearer('agent'), server: undefined }, 'question_malformed', null, null],
  ['an empty server', { ...bearer('agent'), server: '' }, 'question_malformed', null, null],
  ['every server', { ...bearer('agent'), server: '*' }, 'question_malformed', null, null],
  ['a path for a server', { ...bearer('agent'), server: '../now' }, 'question_malformed', null, null],
  ['two servers', { ...bearer('agent'), server: 'now, other' }, 'question_malformed', null, null],
  ['no HTTP method', { ...bearer('agent'), httpMethod: undefined }, 'question_malformed', null, null],
  ['an empty HTTP method', { ...bearer('agent'), httpMethod: '' }, 'question_malformed', null, null],
  ['a call that cannot be read', { ...bearer('agent'), call: '%%' }, 'question_malformed', null, null],
  ['a call without a name', { ...bearer('agent'), call: call('tools/call') }, 'question_malformed', null, null],
]
for (const [what, question, reason, user, scope, remedy = 'token'] of REFUSED) {
  decisions(`refused: ${what}`, async () => {
    const decision = await ask(question)
    assert.equal(decision.kind === 'refuse' && [decision.reason, decision.scope], [reason, scope])
    const { principal, lacking } = decision as Decision & { kind: 'refuse' }
    assert.is(lacking?.remedy, user === null ? undefined : remedy)
    // What the caller holds on the server is named besides, before what is lacking.
    if (lacking?.remedy === 'token') assert.is(lacking.scope, scope?.split(' ').at(-1))
    assert.is(principal?.user ?? null, user)
  })
}

for (const httpMethod of ['PUT', 'PATCH', 'HEAD', 'TRACE', 'CONNECT', 'post', 'POST ', 'M-SEARCH', '__proto__']) {
  decisions(`${httpMethod} is no method of MCP for a known caller, and nothing at all for a stranger`, async () => {
    const known = await ask({ ...bearer('agent'), httpMethod })
    assert.equal(known.kind === 'refuse' && [known.reason, known.scope, known.lacking?.remedy], ['method_not_allowed', null, 'nothing'])
    const stranger = await ask({ httpMethod })
    assert.is(stranger.kind === 'refuse' && stranger.reason, 'no_credentials')
  })
}

decisions('credentials are not even looked at when the origin is foreign', async () => {
  const verifyToken = () => Promise.reject(new Error('was asked'))
  const decision = await ask({ ...bearer('agent'), origin: 'https://evil.example' }, { verifyToken })
  assert.is(decision.kind === 'refuse' && decision.reason, 'origin_not_allowed')
})

decisions('a session is not opened when there is a bearer token', async () => {
  const openSession = () => Promise.reject(new Error('was opened'))
  assert.is((await ask({ ...bearer('agent'), cookie: 'sid=rosa' }, { openSession })).kind, 'allow')
  assert.is((await ask({ ...bearer('expired'), cookie: 'sid=rosa' }, { openSession })).kind, 'refuse')
})

decisions('a fault of a dependency is no yes', async () => {
  const fault = () => Promise.reject(new Error('fault'))
  for (const [question, gate] of [
    [bearer('agent'), { verifyToken: fault }],
    [{ cookie: 'sid=rosa' }, { openSession: fault }],
  ] as const) {
    const outcome = await ask(question, gate).then(
      () => 'decided',
      (error: Error) => error.message,
    )
    assert.is(outcome, 'fault')
  }
})

decisions('the yes holds all that the caller may do on the server, with or without a call', async () => {
  for (const question of [bearer('agent'), { ...bearer('agent'), call: call('tools/call', 'tick') }]) {
    const decision = await ask(question)
    assert.is(decision.kind === 'allow' && decision.allowSet, 'initialize tools/call=tick prompts/get=greet')
  }
})

decisions('a set of more than 4 KB is left out', async () => {
  const tools = Array.from({ length: 500 }, (_, index) => `tool_${index}`)
  const rule = { ...NONE, scope: 't/call', server: 'now', methods: ['tools/call'], tools }
  const decision = await ask(bearer('agent'), { policy: createPolicy([rule], ['t/call'], new Map()) })
  assert.is(decision.kind === 'allow' && decision.allowSet, null)
})

const REMEMBERED: [string, number, number, number][] = [
  ['so that it is over after the seconds that are configured', 5, 1100, 4],
  ['no longer than the credential lives, by the clock of NGINX and if it gets the answer late', 60, 1030, 28],
  ['whole seconds', 60, 1030.9, 29],
  ['for one second', 60, 1002.5, 1],
  ['not at all in the last seconds', 60, 1002.4, 0],
  ['not at all at the end', 60, 1000, 0],
  ['not at all after the end', 60, 900, 0],
  ['not at all when switched off', 0, 1100, 0],
  ['not at all for a single second, which NGINX would make up to two', 1, 1100, 0],
  ['for the shortest time that there is', 2, 1100, 1],
]
for (const [what, decisionCacheSeconds, expiresAt, expected] of REMEMBERED) {
  decisions(`a yes is remembered ${what}`, async () => {
    const verifyToken = async () => ({ ok: true as const, value: { ...AGENT, expiresAt } })
    const openSession = async () => ({ ok: true as const, value: { ...ROSA, expiresAt } })
    for (const question of [bearer('agent'), { cookie: 'sid=rosa' }]) {
      const decision = await ask(question, { verifyToken, openSession, decisionCacheSeconds })
      assert.is(decision.kind === 'allow' && decision.cacheSeconds, expected)
    }
  })
}

decisions.run()
