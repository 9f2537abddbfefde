import type { Rule } from '../../src/gate/policy.ts'
import { createPolicy } from '../../src/gate/policy.ts'
import { type Access, accessOf, type Right } from '../../src/login/access.ts'
import { rule } from '../gate/rules.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const table = suite('what a user is told they may do')

const GROUPS = { dev: ['t/read', 't/call'], ops: ['t/call', 't/ops'], root: ['t/all'], pages: ['registry-ui'] }

function accessWith(groups: string[], ...rules: Rule[]): Access {
  const scopes = [...new Set(['t/read', 't/call', 't/ops', 't/all', ...rules.map(({ scope }) => scope)])]
  const policy = createPolicy(rules, scopes, new Map(Object.entries(GROUPS)))
  return accessOf({ user: 'alice', groups, endsAt: 28_800, now: 0, gateway: 'https://mcp.example.com' }, policy)
}

/** A right in one line: `tool tick: t/call from dev, ops`. */
const show = ({ kind, name, because }: Right): string =>
  `${kind} ${name}: ${because.map(({ scope, groups }) => `${scope} from ${groups.join(', ')}`).join('; ')}`

const RIGHTS: [string, string[], Rule[], string[]][] = [
  [
    'methods',
    ['dev'],
    [rule('t/read', 'now', ['ping', 'tools/list'])],
    ['method ping: t/read from dev', 'method tools/list: t/read from dev'],
  ],
  [
    'a tool, without its method as a row',
    ['dev'],
    [rule('t/call', 'now', ['tools/call'], { tools: ['tick'] })],
    ['tool tick: t/call from dev'],
  ],
  ['no tool without its method', ['dev'], [rule('t/call', 'now', ['ping'], { tools: ['tick'] })], ['method ping: t/call from dev']],
  ['no method that wants a name when no name is opened', ['dev'], [rule('t/call', 'now', ['tools/call', 'prompts/get'])], []],
  [
    'no tool by a method in another rule',
    ['dev'],
    [rule('t/call', 'now', ['tools/call'], { prompts: ['greet'] }), rule('t/call', 'now', ['prompts/get'], { tools: ['tick'] })],
    [],
  ],
  [
    'a tool by every method',
    ['dev'],
    [rule('t/call', 'now', '*', { tools: ['tick'] })],
    ['method *: t/call from dev', 'tool tick: t/call from dev'],
  ],
  [
    'wildcards before names, kinds in order',
    ['dev'],
    [
      rule('t/call', 'now', ['resources/read', 'prompts/get', 'tools/call', 'ping'], {
        tools: ['tick'],
        prompts: ['greet'],
        resources: ['a:b'],
      }),
      rule('t/read', 'now', '*', { tools: '*' }),
    ],
    [
      'method *: t/read from dev',
      'method ping: t/call from dev',
      'tool *: t/read from dev',
      'tool tick: t/call from dev',
      'prompt greet: t/call from dev',
      'resource a:b: t/call from dev',
    ],
  ],
  [
    'one right with several reasons',
    ['dev', 'ops'],
    [rule('t/call', 'now', ['ping']), rule('t/ops', 'now', ['ping']), rule('t/call', 'now', ['ping', 'tools/list'])],
    ['method ping: t/call from dev, ops; t/ops from ops', 'method tools/list: t/call from dev, ops'],
  ],
  [
    'a name like a member of every object',
    ['dev'],
    [rule('t/call', 'now', ['tools/call'], { tools: ['__proto__'] })],
    ['tool __proto__: t/call from dev'],
  ],
]
for (const [what, groups, rules, expected] of RIGHTS) {
  table(what, () => {
    const access = accessWith(groups, ...rules)
    assert.equal(
      access.servers.map(({ name }) => name),
      ['now'],
    )
    assert.equal(access.servers[0]?.rights.map(show), expected)
    assert.equal(access.everyServer, [])
  })
}

table('servers stand in the order of the file, each with its URL', () => {
  const { servers } = accessWith(
    ['dev'],
    rule('t/call', 'now', ['ping']),
    rule('t/read', 'mcp.gw', ['ping']),
    rule('t/read', 'now', ['ping']),
  )
  assert.equal(
    servers.map(({ name, url }) => [name, url]),
    [
      ['now', 'https://mcp.example.com/now/mcp'],
      ['mcp.gw', 'https://mcp.example.com/mcp.gw/mcp'],
    ],
  )
})

table('what holds on every server stands by itself', () => {
  const { servers, everyServer } = accessWith(['root'], rule('t/all', '*', '*', { tools: '*' }), rule('t/call', 'now', ['ping']))
  assert.equal(servers, [])
  assert.equal(everyServer.map(show), ['method *: t/all from root', 'tool *: t/all from root'])
})

table('groups come with their scopes, each once, and whether the policy knows them', () => {
  const { groups, scopes } = accessWith(['dev', 'payroll', 'pages', 'dev'])
  assert.equal(groups, [
    { name: 'dev', mapped: true, scopes: ['t/read', 't/call'] },
    { name: 'payroll', mapped: false, scopes: [] },
    { name: 'pages', mapped: true, scopes: [] },
  ])
  assert.equal(scopes, ['t/read', 't/call'])
})

table('nothing for who is in no group', () => {
  const { user, endsAt, now, ...rest } = accessWith([], rule('t/call', 'now', ['ping']))
  assert.equal({ user, endsAt, now }, { user: 'alice', endsAt: 28_800, now: 0 })
  assert.equal(rest, { groups: [], scopes: [], servers: [], everyServer: [] })
})

table.run()
