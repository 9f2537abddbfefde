import { checkScopes, isServer } from '../../src/scopes/schema.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const schema = suite('the shape of scopes.yml')

const RULE = { server: 'now', methods: ['ping'] }
const LONG = 'x'.repeat(257)
const SERVER_RULE = 'must be "*" or a name of letters, digits, ".", "_" and "-" (at most 64), got'
const SCOPE_RULE = 'a scope name is 1 to 512 visible ASCII characters without quote and backslash'

const problemsOf = (document: unknown): string[] => {
  const checked = checkScopes(document)
  return 'problems' in checked ? checked.problems : []
}

const WRONG: [string, unknown, string][] = [
  ['nothing', undefined, 'the file must be a mapping with group_mappings and scopes; it is empty or something else'],
  ['null', null, 'the file must be a mapping with group_mappings and scopes; it is empty or something else'],
  ['a list', [], 'the file must be a mapping with group_mappings and scopes; it is empty or something else'],
  ['a text', 'a/b', 'the file must be a mapping with group_mappings and scopes; it is empty or something else'],
  ['no scope', {}, 'no scope is defined, so nobody could call anything'],
  ['groups alone', { group_mappings: { a: ['a/b'] } }, 'no scope is defined, so nobody could call anything'],
  ['group mappings in a list', { 'a/b': [], group_mappings: [] }, 'group_mappings must map Cognito groups to lists of scope names'],
  ['group mappings of null', { 'a/b': [], group_mappings: null }, 'group_mappings must map Cognito groups to lists of scope names'],
  ['a group with a text', { 'a/b': [], group_mappings: { g: 'a/b' } }, 'group_mappings.g must be a list of scope names, got "a/b"'],
  ['a group with null', { 'a/b': [], group_mappings: { g: null } }, 'group_mappings.g must be a list of scope names, got null'],
  ['a group with a number', { 'a/b': [], group_mappings: { g: [1] } }, 'group_mappings.g must be a list of scope names, got [1]'],
  ['a group with an empty name', { 'a/b': [], group_mappings: { g: [''] } }, 'group_mappings.g must be a list of scope names, got [""]'],
  ['UI scopes in a list', { 'a/b': [], 'UI-Scopes': [] }, 'UI-Scopes must map UI scopes to permissions'],
  ['a UI scope with a list', { 'a/b': [], 'UI-Scopes': { u: [] } }, 'UI-Scopes.u must map permissions to lists of services, got []'],
  [
    'a UI permission with a text',
    { 'a/b': [], 'UI-Scopes': { u: { p: 'all' } } },
    'UI-Scopes.u.p must be a list of services or [all], got "all"',
  ],
  ['a scope with a space', { 'a b': [] }, `a b: ${SCOPE_RULE}`],
  ['a scope with a quote', { 'a"b': [] }, `a"b: ${SCOPE_RULE}`],
  ['a scope with a backslash', { 'a\\b': [] }, `a\\b: ${SCOPE_RULE}`],
  ['a scope with a line break', { 'a\nb': [] }, `a\nb: ${SCOPE_RULE}`],
  ['a scope that is empty', { '': [] }, `: ${SCOPE_RULE}`],
  ['a scope outside of ASCII', { größe: [] }, `größe: ${SCOPE_RULE}`],
  ['a scope that is too long', { ['x'.repeat(513)]: [] }, `${'x'.repeat(513)}: ${SCOPE_RULE}`],
  ['a scope with a mapping', { 'a/b': RULE }, 'a/b must be a list of {server, methods, tools}, got a mapping'],
  [
    'a section misspelt',
    { 'a/b': [RULE], group_mapping: {} },
    'group_mapping must be a list of {server, methods, tools}, got a mapping; is group_mappings meant?',
  ],
  [
    'another misspelt',
    { 'a/b': [RULE], 'UI-scopes': {} },
    'UI-scopes must be a list of {server, methods, tools}, got a mapping; is UI-Scopes meant?',
  ],
  ['a file of something else', { password: 'hunter2' }, 'password must be a list of {server, methods, tools}, got a text'],
  ['a list of something else', { passwords: ['hunter2'] }, 'passwords[0] must be a mapping with server and methods, got a text'],
  ['a scope with null', { 'a/b': null }, 'a/b must be a list of {server, methods, tools}, got null'],
  ['an entry that is a text', { 'a/b': ['now'] }, 'a/b[0] must be a mapping with server and methods, got a text'],
  ['an entry that is null', { 'a/b': [RULE, null] }, 'a/b[1] must be a mapping with server and methods, got null'],
  [
    'a member that is not known',
    { 'a/b': [{ ...RULE, tool: ['x'] }] },
    'a/b[0].tool is not known; known are server, methods, tools, prompts, resources',
  ],
  ['no server', { 'a/b': [{ methods: ['ping'] }] }, `a/b[0].server ${SERVER_RULE} nothing`],
  ['a server that is a number', { 'a/b': [{ ...RULE, server: 7 }] }, `a/b[0].server ${SERVER_RULE} 7`],
  ['a server pattern', { 'a/b': [{ ...RULE, server: 'now*' }] }, `a/b[0].server ${SERVER_RULE} "now*"`],
  ['a server with a slash', { 'a/b': [{ ...RULE, server: 'now/mcp' }] }, `a/b[0].server ${SERVER_RULE} "now/mcp"`],
  ['a server with a newline', { 'a/b': [{ ...RULE, server: 'now\n' }] }, `a/b[0].server ${SERVER_RULE} "now\\n"`],
  ['methods that are a text', { 'a/b': [{ ...RULE, methods: 'ping' }] }, 'a/b[0].methods must be "*" or a list of MCP methods, got "ping"'],
  ['a method that is a number', { 'a/b': [{ ...RULE, methods: [1] }] }, 'a/b[0].methods must be "*" or a list of MCP methods, got [1]'],
  ['a method with a space', { 'a/b': [{ ...RULE, methods: ['a b'] }] }, 'a/b[0].methods: "a b" cannot be an MCP method'],
  ['a method with an equals sign', { 'a/b': [{ ...RULE, methods: ['a=b'] }] }, 'a/b[0].methods: "a=b" cannot be an MCP method'],
  [
    'a tool that is half a character',
    { 'a/b': [{ ...RULE, tools: ['\ud83d'] }] },
    'a/b[0].tools must be "*" or a list of tool names, got ["\\ud83d"]',
  ],
  ['tools that are a mapping', { 'a/b': [{ ...RULE, tools: {} }] }, 'a/b[0].tools must be "*" or a list of tool names, got {}'],
  ['tools that are false', { 'a/b': [{ ...RULE, tools: false }] }, 'a/b[0].tools must be "*" or a list of tool names, got false'],
  ['a tool that is empty', { 'a/b': [{ ...RULE, tools: [''] }] }, 'a/b[0].tools must be "*" or a list of tool names, got [""]'],
  ['a star among tools', { 'a/b': [{ ...RULE, tools: ['x', '*'] }] }, 'a/b[0].tools: write "*" instead of a list to open all tool names'],
  [
    'a star among prompts',
    { 'a/b': [{ ...RULE, prompts: ['*'] }] },
    'a/b[0].prompts: write "*" instead of a list to open all prompt names',
  ],
  [
    'a star among resources',
    { 'a/b': [{ ...RULE, resources: ['*'] }] },
    'a/b[0].resources: write "*" instead of a list to open all resource URIs',
  ],
  ['a tool that is too long', { 'a/b': [{ ...RULE, tools: [LONG] }] }, `a/b[0].tools: "${'x'.repeat(59)}… is longer than 256 characters`],
]
for (const [what, document, problem] of WRONG) {
  schema(`${what} is a problem`, () => {
    assert.equal(problemsOf(document), [problem])
  })
}

schema('a star among methods is told in both ways', () => {
  assert.equal(problemsOf({ 'a/b': [{ ...RULE, methods: ['*'] }] }), [
    'a/b[0].methods: write "*" instead of a list to open all MCP methods',
    'a/b[0].methods: "*" cannot be an MCP method',
  ])
})

schema('all problems come at once', () => {
  const document = {
    group_mappings: { g: 1 },
    'UI-Scopes': { u: 2 },
    'a/b': [{ server: '', methods: 3, tools: 4, prompts: 5, resources: 6, x: 7 }],
    'a c': [],
  }
  assert.is(problemsOf(document).length, 9)
})

schema('missing lists open nothing', () => {
  const checked = checkScopes({ 'a/b': [{ server: 'now' }, { server: '*', methods: null, tools: '*' }] })
  const none = { methods: [], tools: [], prompts: [], resources: [] }
  assert.equal('file' in checked && checked.file.rules, [
    { scope: 'a/b', server: 'now', ...none },
    { scope: 'a/b', server: '*', ...none, tools: '*' },
  ])
})

schema('groups may name scopes that are not defined', () => {
  const checked = checkScopes({ 'a/b': [], group_mappings: { g: ['ui', 'a/b'], empty: [] } })
  assert.equal('file' in checked && [...checked.file.groups], [
    ['g', ['ui', 'a/b']],
    ['empty', []],
  ])
})

const NAMES: [string, boolean][] = [
  ['now', true],
  ['N', true],
  ['7', true],
  ['a.b_c-d', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
  ['', false],
  ['.now', false],
  ['now.', false],
  ['-now', false],
  ['now-', false],
  ['..', false],
  ['now\n', false],
  ['no w', false],
  ['now/mcp', false],
  ['now%2F', false],
  ['nöw', false],
  ['*', false],
]
for (const [name, expected] of NAMES) {
  schema(`${JSON.stringify(name).slice(0, 20)} of ${name.length} characters ${expected ? 'can' : 'cannot'} be a server`, () => {
    assert.is(isServer(name), expected)
  })
}

schema.run()
