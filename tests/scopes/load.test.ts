import { readFileSync } from 'node:fs'
import { loadScopes } from '../../src/scopes/load.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const loading = suite('from the text of scopes.yml to a policy')

const problemsOf = (text: string): readonly string[] => {
  const loaded = loadScopes(text)
  return 'problems' in loaded ? loaded.problems : []
}

const SYNTAX: [string, string, string][] = [
  ['an empty file', '', 'expected a document, but the input is empty'],
  ['comments alone', '# nothing\n', 'expected a document, but the input is empty'],
  ['a duplicate scope', 'a/b: []\na/b: []', 'line 2, column 1: duplicated mapping key'],
  ['a duplicate member', 'a/b:\n  - server: x\n    server: y', 'line 3, column 5: duplicated mapping key'],
  ['a tab', 'a/b:\n\t- server: x', 'line 2, column 1: tab characters must not be used in indentation'],
  ['two documents', 'a/b: []\n---\na/c: []', 'expected a single document in the stream, but found more'],
  ['a tag of a program', 'a/b: !!js/function "x"', 'line 1, column 6: unknown scalar tag !<tag:yaml.org,2002:js/function>'],
  ['a tag of its own', 'a/b: !mine x', 'line 1, column 6: unknown scalar tag !<!mine>'],
  ['a NUL', 'a/b: []\0', 'line 1, column 8: null byte is not allowed in input'],
  ['endless nesting', `a/b: ${'['.repeat(50_000)}`, 'line 1, column 105: nesting exceeded maxDepth (100)'],
  ['an alias to nothing', 'a/b: *gone', 'line 1, column 7: unidentified alias "gone"'],
]
for (const [what, text, problem] of SYNTAX) {
  loading(`${what} is a problem with its place`, () => {
    assert.equal(problemsOf(text), [problem])
  })
}

const CONTENT: [string, string, string][] = [
  [
    'a merge key',
    'a/b:\n  - {<<: {server: now}, server: now}',
    'a/b[0].<< is not known; known are server, methods, tools, prompts, resources',
  ],
  ['an unquoted yes', 'a/b:\n  - {server: now, methods: [true]}', 'a/b[0].methods must be "*" or a list of MCP methods, got [true]'],
  ['an unquoted number', 'a/b:\n  - {server: now, tools: [1.0]}', 'a/b[0].tools must be "*" or a list of tool names, got [1]'],
  ['a text for the file', 'just words', 'the file must be a mapping with group_mappings and scopes; it is empty or something else'],
]
for (const [what, text, problem] of CONTENT) {
  loading(`${what} is a problem with its path`, () => {
    assert.equal(problemsOf(text), [problem])
  })
}

loading('a file that contains itself is a problem like any other', () => {
  assert.match(problemsOf('a/b: &a [ *a ]')[0] ?? '', /^a\/b\[0\] must be a mapping with server and methods, got /)
  assert.match(problemsOf('a/b:\n  - &a {server: *a}')[0] ?? '', /^a\/b\[0\]\.server must be "\*" or a name/)
})

// Written out, the last list has 9^9 members. It must cost what it takes to read, not what it stands for.
loading('aliases upon aliases are refused without being written out', () => {
  const lines = Array.from({ length: 9 }, (_, level) => `a/${level}: &l${level} [${Array(9).fill(level ? `*l${level - 1}` : 'x')}]`)
  const started = performance.now()
  const problems = problemsOf(lines.join('\n'))
  assert.match(problems.at(-1) ?? '', /^a\/8\[8\] must be a mapping with server and methods, got /)
  assert.ok(performance.now() - started < 2000, `${performance.now() - started} ms`)
})

loading('a small file that stands for endless lists is refused', () => {
  const names = Array.from({ length: 2500 }, (_, index) => `n${index}`)
  const rules = Array.from({ length: 2000 }, () => '  - {server: now, tools: *names}')
  const text = `a/b:\n  - {server: now, tools: &names [${names}]}\n${rules.join('\n')}`
  assert.equal(problemsOf(text), ['a/b[1600].tools: the rules list more than 4000000 names, aliases included'])
})

loading('an alias for a list of names is welcome', () => {
  const loaded = loadScopes('a/b:\n  - {server: now, methods: &m [ping]}\n  - {server: later, methods: *m}')
  assert.ok('policy' in loaded)
  assert.is(loaded.policy.permits(['a/b'], 'later', { method: 'ping', name: null }), true)
})

loading('words that older YAML takes for booleans and dates are names', () => {
  const loaded = loadScopes('a/b:\n  - {server: no, methods: [on], tools: [yes, 2026-11-23, 0o7x]}')
  assert.ok('file' in loaded)
  assert.equal(loaded.file.rules[0], {
    scope: 'a/b',
    server: 'no',
    methods: ['on'],
    tools: ['yes', '2026-11-23', '0o7x'],
    prompts: [],
    resources: [],
  })
})

loading('keys out of the prototype are scopes and groups like others', () => {
  const loaded = loadScopes('group_mappings:\n  __proto__: [__proto__]\n__proto__:\n  - {server: now, methods: [ping]}')
  assert.ok('policy' in loaded)
  assert.equal(loaded.policy.scopesOf(['__proto__']), ['__proto__'])
  assert.is(loaded.policy.permits(['__proto__'], 'now', { method: 'ping', name: null }), true)
  assert.is(({} as Record<string, unknown>).server, undefined)
})

loading('a byte order mark is no content', () => {
  assert.equal(problemsOf('\ufeffa/b: []'), [])
})

loading('the file that is shipped loads', () => {
  const loaded = loadScopes(readFileSync(new URL('../../scopes.yml', import.meta.url), 'utf8'))
  assert.ok('policy' in loaded, JSON.stringify(loaded))
  const held = loaded.policy.scopesOf(['mcp-registry-user'])
  assert.equal(held, ['mcp-servers-restricted/read'])
  assert.is(loaded.policy.permits(held, 'currenttime', { method: 'tools/list', name: null }), true)
  assert.is(loaded.policy.permits(held, 'currenttime', { method: 'tools/call', name: 'current_time_by_timezone' }), false)
})

loading.run()
