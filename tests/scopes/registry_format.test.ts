import type { Call } from '../../src/gate/call.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const registry = suite('a file in the format of the MCP Gateway Registry')

/** In the form that the registry writes: block lists, its groups, its scopes, its servers. */
const FILE = `
UI-Scopes:
  mcp-registry-admin:
    list_service:
    - all
    register_service:
    - all
    toggle_service:
    - all
  mcp-registry-user:
    list_service:
    - mcpgw
    - currenttime
    health_check_service:
    - mcpgw

group_mappings:
  mcp-registry-admin:
  - mcp-registry-admin
  - mcp-servers-unrestricted/read
  - mcp-servers-unrestricted/execute
  mcp-registry-user:
  - mcp-registry-user
  - mcp-servers-restricted/read
  mcp-registry-operator:
  - mcp-registry-operator
  - mcp-servers-restricted/read
  - mcp-servers-restricted/execute

mcp-servers-unrestricted/read:
- server: auth_server
  methods:
  - initialize
  - notifications/initialized
  - ping
  - tools/list
  - tools/call
  tools:
  - validate_request
- server: mcpgw
  methods:
  - initialize
  - tools/list
  tools:
  - intelligent_tool_finder
  - get_server_details

mcp-servers-unrestricted/execute:
- server: mcpgw
  methods:
  - initialize
  - tools/list
  - tools/call
  tools:
  - intelligent_tool_finder
  - toggle_service
  - register_service
- server: fininfo
  methods:
  - tools/call
  tools:
  - get_stock_aggregates
  - print_stock_data

mcp-servers-restricted/read:
- server: currenttime
  methods:
  - initialize
  - notifications/initialized
  - ping
  - tools/list
  tools:
  - current_time_by_timezone

mcp-servers-restricted/execute:
- server: currenttime
  methods:
  - tools/call
  tools:
  - current_time_by_timezone
`

const loaded = loadScopes(FILE)
const tool = (name: string): Call => ({ method: 'tools/call', name })
const method = (name: string): Call => ({ method: name, name: null })

registry('loads unchanged', () => {
  assert.ok('policy' in loaded, JSON.stringify(loaded))
  assert.equal(loaded.policy.size, { scopes: 4, groups: 3, servers: 4 })
})

registry('keeps the permissions of the web pages', () => {
  assert.ok('file' in loaded)
  assert.equal(
    [...loaded.file.uiScopes].map(([scope, permissions]) => [scope, [...permissions]]),
    [
      [
        'mcp-registry-admin',
        [
          ['list_service', ['all']],
          ['register_service', ['all']],
          ['toggle_service', ['all']],
        ],
      ],
      [
        'mcp-registry-user',
        [
          ['list_service', ['mcpgw', 'currenttime']],
          ['health_check_service', ['mcpgw']],
        ],
      ],
    ],
  )
})

registry('leaves UI scopes out of what a group holds', () => {
  assert.ok('policy' in loaded)
  assert.equal(loaded.policy.scopesOf(['mcp-registry-admin']), ['mcp-servers-unrestricted/read', 'mcp-servers-unrestricted/execute'])
  assert.is(loaded.policy.knows('mcp-registry-admin'), false)
})

const TABLE: [string, string, string, Call, boolean][] = [
  ['a user lists tools', 'mcp-registry-user', 'currenttime', method('tools/list'), true],
  ['a user calls none', 'mcp-registry-user', 'currenttime', tool('current_time_by_timezone'), false],
  ['an operator calls the listed one', 'mcp-registry-operator', 'currenttime', tool('current_time_by_timezone'), true],
  ['an operator calls no other', 'mcp-registry-operator', 'currenttime', tool('set_time'), false],
  ['an operator uses no other server', 'mcp-registry-operator', 'mcpgw', method('tools/list'), false],
  ['an admin toggles', 'mcp-registry-admin', 'mcpgw', tool('toggle_service'), true],
  ['a tool that only an entry without tools/call lists', 'mcp-registry-admin', 'mcpgw', tool('get_server_details'), false],
  ['an admin on a server that is not in the scopes', 'mcp-registry-admin', 'realserverfaketools', method('ping'), false],
  ['a method that is listed among tools only', 'mcp-registry-admin', 'fininfo', method('get_stock_aggregates'), false],
  ['a group that is not mapped', 'mcp-registry-guest', 'currenttime', method('ping'), false],
]
for (const [what, group, server, call, expected] of TABLE) {
  registry(`${what}: ${expected ? 'allowed' : 'denied'}`, () => {
    assert.ok('policy' in loaded)
    assert.is(loaded.policy.permits(loaded.policy.scopesOf([group]), server, call), expected)
  })
}

registry.run()
