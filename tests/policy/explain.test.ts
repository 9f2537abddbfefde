import { challengeScopesOf } from '../../src/gate/challenge.ts'
import { askedFromLine } from '../../src/policy/asked.ts'
import { assume, type Caller, SOME_CLIENT } from '../../src/policy/assumed.ts'
import { explain } from '../../src/policy/explain.ts'
import type { Asked, Explanation } from '../../src/policy/explanation.ts'
import { createLines } from '../../src/scopes/lines.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const explained = suite('the derivation of a decision')

const POLICY = `group_mappings:
  dev: [pages, t/read, nobody/defines]
  ops: [t/read, t/call]
  idle: []
UI-Scopes:
  pages: {}
t/read:
  - {server: now, methods: [initialize, ping]}
  - {server: now, methods: [tools/call], tools: [tick]}
  - {server: later, methods: [ping], tools: [tick, tools/list]}
t/call:
  - {server: now, methods: [tools/call], tools: [tick, tock]}
t/all:
  - {server: "*", methods: "*", tools: "*"}
`

async function explanationOf(caller: Caller, line: string, text = POLICY): Promise<Explanation> {
  const loaded = loadScopes(text)
  const asked = askedFromLine(line)
  if (!('policy' in loaded) || 'problem' in asked) throw new Error(JSON.stringify([loaded, asked]))
  const source = { ...loaded, lineOf: createLines(text) }
  const { gate, credential } = assume(caller, source.policy, 'https://mcp.example.com')
  return explain(asked, credential, gate, source)
}

const user = (...groups: string[]): Caller => ({ kind: 'session', user: 'rosa', groups })
const agent = (...scopes: string[]): Caller => ({ kind: 'agent', client: 'robot', scopes })

explained('who is allowed learns by which entries, in which lines, from which groups', async () => {
  const explanation = await explanationOf(user('dev', 'ops', 'idle', 'payroll'), 'now tools/call tick')
  assert.equal([explanation.allowed, explanation.status, explanation.reason, explanation.challenge], [true, 204, null, null])
  assert.equal(explanation.allowed_by, [
    { scope: 't/read', index: 1, line: 9, groups: ['dev', 'ops'] },
    { scope: 't/call', index: 0, line: 12, groups: ['ops'] },
  ])
  assert.equal([explanation.nearest, explanation.would_open, explanation.remedies], [[], [], []])
})

explained('groups come with what they give, what the web pages know, and what nobody defines', async () => {
  const { groups, scopes } = await explanationOf(user('dev', 'idle', 'payroll', 'dev'), 'now ping')
  assert.equal(groups, [
    { name: 'dev', mapped: true, scopes: ['t/read'], ui_scopes: ['pages'], unknown_scopes: ['nobody/defines'] },
    { name: 'idle', mapped: true, scopes: [], ui_scopes: [], unknown_scopes: [] },
    { name: 'payroll', mapped: false, scopes: [], ui_scopes: [], unknown_scopes: [] },
  ])
  assert.equal(scopes, ['t/read'])
})

explained('a refusal comes as NGINX sends it', async () => {
  const explanation = await explanationOf(user('dev'), 'now tools/call tock')
  assert.equal([explanation.status, explanation.reason, explanation.challenge_scope], [403, 'name_not_allowed', null])
  assert.match(explanation.challenge ?? '', /^Bearer .*\/oauth-protected-resource\/now\/mcp", error="access_denied"/)
  assert.match(explanation.message ?? '', 'It takes the scope t/call, which none of your groups has')
})

explained('a refusal that another token would spare comes with the scope to ask for', async () => {
  for (const caller of [agent('t/read'), { kind: 'user_token', user: 'rosa', groups: ['ops'], scopes: ['t/read'] } as const]) {
    const explanation = await explanationOf(caller, 'now tools/call tock')
    // A user's client asks for what is named, and must not lose what it has.
    const scope = caller.kind === 'user_token' ? 't/read t/call' : 't/call'
    assert.equal([explanation.status, explanation.reason, explanation.challenge_scope], [403, 'name_not_allowed', scope])
    assert.match(explanation.challenge ?? '', `/oauth-protected-resource/now/mcp", scope="${scope}", error="insufficient_scope"`)
    assert.match(explanation.message ?? '', /It takes the scope t\/call\.$/)
  }
})

explained('a scope that the app client may not ask for is no matter of the token alone', async () => {
  const loaded = loadScopes(POLICY)
  assert.ok('policy' in loaded)
  const { gate, credential } = assume({ kind: 'user_token', user: 'rosa', groups: ['ops'], scopes: ['t/read'] }, loaded.policy, 'https://x')
  const limited = { ...gate, challengeScopes: challengeScopesOf('operation', new Set(['t/read']), SOME_CLIENT) }
  const source = { ...loaded, lineOf: createLines(POLICY) }
  const asked = askedFromLine('now tools/call tock') as Asked
  const { challenge, challenge_scope, message, remedies } = await explain(asked, credential, limited, source)
  assert.is(challenge_scope, null)
  assert.match(challenge ?? '', 'error="access_denied"')
  assert.match(message ?? '', 'It takes the scope t/call, which MCP clients are not given here')
  assert.equal(
    remedies.map(({ kind, text }) => [kind, text]),
    [['request_scope', 'The groups give t/call, but MCP_SCOPES keeps MCP clients from asking for it: add it there, and get a new token.']],
  )
})

explained('the nearest entry is the one that lacks least', async () => {
  const { nearest, would_open } = await explanationOf(user('dev'), 'now tools/call tock')
  assert.equal(nearest, [{ scope: 't/read', index: 1, line: 9, groups: ['dev'], lacks: ['name'] }])
  assert.equal(would_open, [
    { scope: 't/call', groups: ['ops'], entries: [{ scope: 't/call', index: 0, line: 12, groups: [] }] },
    { scope: 't/all', groups: [], entries: [{ scope: 't/all', index: 0, line: 14, groups: [] }] },
  ])
  const other = await explanationOf(user('dev'), 'later tools/call tick')
  assert.equal(
    other.nearest.map(({ index, lacks }) => [index, lacks]),
    [[2, ['method']]],
  )
})

const REMEDIES: [string, Caller, string, [string, string, number | null, string | null][]][] = [
  [
    'a user joins a group, the group gets the scope, or the entry grows',
    user('dev'),
    'now tools/call tock',
    [
      ['join_group', 'In Cognito, put rosa into the group ops, and log in again.', null, null],
      ['map_group', 'In scopes.yml, map the group dev to t/call, for everybody in it.', 2, 'group_mappings:\n  dev:\n    - t/call\n'],
      [
        'extend_entry',
        'In scopes.yml, add tock to the tools of t/read[1], for all agents with this scope and the groups dev, ops.',
        9,
        't/read:\n  - server: now\n    methods: [tools/call]\n    tools: [tick, tock]\n',
      ],
    ],
  ],
  [
    'an agent gets the scope, or the entry grows',
    agent('t/call'),
    'now tools/call "a: b"',
    [
      ['assign_scope', 'In Cognito, assign the scope t/all to the app client robot, and get a new token.', null, null],
      [
        'extend_entry',
        'In scopes.yml, add "a: b" to the tools of t/call[0], for all agents with this scope and the groups ops.',
        12,
        't/call:\n  - server: now\n    methods: [tools/call]\n    tools: [tick, tock, "\\"a: b\\""]\n',
      ],
    ],
  ],
  [
    'a group that the policy does not have is mapped',
    user('payroll'),
    'now tools/call tock',
    [
      ['join_group', 'In Cognito, put rosa into the group ops, and log in again.', null, null],
      [
        'map_group',
        'In scopes.yml, map the group payroll to t/call, for everybody in it.',
        null,
        'group_mappings:\n  payroll:\n    - t/call\n',
      ],
    ],
  ],
  [
    'a token that leaves a scope out',
    { kind: 'user_token', user: 'rosa', groups: ['ops'], scopes: ['t/read'] },
    'now tools/call tock',
    [['request_scope', 'The groups give t/call, but the scopes of the token leave it out: ask Cognito for a token with it.', null, null]],
  ],
  [
    'a token whose scopes would still leave it out',
    { kind: 'user_token', user: 'rosa', groups: ['dev'], scopes: ['t/read'] },
    'later initialize',
    [
      [
        'map_group',
        'In scopes.yml, map the group dev to t/all, for everybody in it. The token has to carry t/all as well.',
        2,
        'group_mappings:\n  dev:\n    - t/all\n',
      ],
      [
        'extend_entry',
        'In scopes.yml, add initialize to the methods of t/read[2], for all agents with this scope and the groups dev, ops.',
        10,
        't/read:\n  - server: later\n    methods: [ping, initialize]\n    tools: [tick, tools/list]\n',
      ],
    ],
  ],
]
for (const [what, caller, line, expected] of REMEDIES) {
  explained(`what to do: ${what}`, async () => {
    const { remedies } = await explanationOf(caller, line)
    assert.equal(
      remedies.map(({ kind, text, line, yaml }) => [kind, text, line, yaml]),
      expected,
    )
  })
}

const WITHOUT_ALL = POLICY.slice(0, POLICY.indexOf('t/all'))

explained('what to do where no scope would do: an entry more, with what a client begins with', async () => {
  const [remedy, ...others] = (await explanationOf(user('dev'), 'maps tools/call route', WITHOUT_ALL)).remedies
  assert.equal([remedy?.kind, remedy?.scope, remedy?.line, others], ['add_entry', 't/read', 7, []])
  assert.is(
    remedy?.yaml,
    't/read:\n  - server: maps\n    methods: [initialize, notifications/initialized, tools/call]\n    tools: [route]\n',
  )
})

explained('what to do where nothing is held: a scope of its own, and the way to it', async () => {
  const [forUser] = (await explanationOf(user(), 'maps ping', WITHOUT_ALL)).remedies
  const rule = 'maps/use:\n  - server: maps\n    methods: [initialize, notifications/initialized, ping]\n'
  assert.equal([forUser?.kind, forUser?.yaml], ['add_scope', `group_mappings:\n  YOUR-GROUP:\n    - maps/use\n${rule}`])
  const [forAgent] = (await explanationOf(agent(), 'maps ping', WITHOUT_ALL)).remedies
  assert.equal([forAgent?.kind, forAgent?.yaml], ['add_scope', rule])
  assert.match(forAgent?.text ?? '', 'assign it to the app client robot')
})

explained('an entry for every server is not made wider for the sake of one', async () => {
  const text = 't/any:\n  - {server: "*", methods: [initialize, tools/call], tools: [tick]}\n'
  const [remedy, ...others] = (await explanationOf(agent('t/any'), 'now tools/call tock', text)).remedies
  assert.equal([remedy?.kind, others], ['add_entry', []])
  assert.is(remedy?.yaml, 't/any:\n  - server: now\n    methods: [tools/call]\n    tools: [tock]\n')
})

const HINTS: [string, Caller, string, string[]][] = [
  ['a server in other case', agent('t/call'), 'Now ping', ['scopes.yml names no server "Now", but "now".']],
  ['a server that is not there', agent('t/call'), 'maps ping', ['scopes.yml names no server "maps".']],
  ['a tool in other case', agent('t/call'), 'now tools/call Tock', ['"Tock" is written "tock" in scopes.yml.']],
  ['a method in other case', agent('t/read'), 'now Ping', ['The method is written "ping" in scopes.yml.']],
  ['a group in other case', user('Ops'), 'now ping', ['The group "Ops" is written "ops" in scopes.yml.']],
  [
    'a method among tools',
    agent('t/read'),
    'later tools/list',
    ['t/read[2] lists the method "tools/list" among tools, where it opens a tool of that name and no method.'],
  ],
  ['nothing odd', agent('t/call'), 'now ping', []],
]
for (const [what, caller, line, expected] of HINTS) {
  explained(`a hint: ${what}`, async () => {
    const { hints, allowed } = await explanationOf(caller, line, WITHOUT_ALL)
    assert.equal([allowed, hints], [false, expected])
  })
}

explained('a credential that is not good has no derivation, but its refusal', async () => {
  const loaded = loadScopes(POLICY)
  assert.ok('policy' in loaded)
  const { gate } = assume(agent('t/call'), loaded.policy, 'https://mcp.example.com')
  const bad = { ...gate, verifyToken: async () => ({ ok: false as const, reason: 'token_expired' as const }) }
  const headers = { authorization: 'Bearer x', cookie: undefined }
  const explanation = await explain({ server: 'now', call: null }, headers, bad, { ...loaded, lineOf: () => null })
  assert.equal([explanation.allowed, explanation.status, explanation.reason, explanation.identity], [false, 401, 'token_expired', null])
  assert.equal([explanation.groups, explanation.scopes, explanation.nearest, explanation.remedies], [[], [], [], []])
  assert.match(explanation.challenge ?? '', 'error="invalid_token"')
})

explained.run()
