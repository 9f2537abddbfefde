import { readFileSync } from 'node:fs'
import { warningsOf } from '../../src/policy/warnings.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const warnings = suite('what is probably not meant')

/** `KIND TEXT` of each warning. */
function warningsIn(text: string): string[] {
  const loaded = loadScopes(text)
  assert.ok('file' in loaded, JSON.stringify(loaded))
  return warningsOf(loaded.file).map(({ kind, text }) => `${kind}: ${text}`)
}

const inScope = (...entries: string[]): string => `a/b:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`

const TABLE: [string, string, string[]][] = [
  [
    'a group that is mapped to a scope that nobody defines',
    `group_mappings: {dev: [a/b, a/c]}\n${inScope('{server: now, methods: [ping]}')}`,
    ['unknown_scope: group_mappings.dev[1] "a/c" is no scope of this file'],
  ],
  ['a UI scope is a known one', `group_mappings: {dev: [pages]}\nUI-Scopes: {pages: {}}\n${inScope('{server: now, methods: [ping]}')}`, []],
  ['a scope without entries', 'a/b: []', ['opens_nothing: a/b has no entry, so it opens nothing']],
  [
    'an entry that opens nothing by name',
    inScope('{server: now}', '{server: "*"}'),
    [
      'opens_nothing: a/b[0] opens no method and no name; it only lets GET and DELETE through to the server "now"',
      'opens_nothing: a/b[1] opens no method and no name; it only lets GET and DELETE through to every server',
    ],
  ],
  [
    'a scope that nobody can hold',
    'lonely:\n  - {server: now, methods: [ping]}\n',
    ['unmapped_scope: lonely is mapped to no group, and no agent can hold it: it is no RESOURCE_SERVER/SCOPE of Cognito'],
  ],
  ['such a scope, with a group', 'group_mappings: {dev: [lonely]}\nlonely:\n  - {server: now, methods: [ping]}\n', []],
  [
    'names without their methods',
    inScope('{server: now, methods: [ping], tools: [x], prompts: "*", resources: ["a:b"]}'),
    [
      'names_without_method: a/b[0].tools open nothing, because methods of this entry lack tools/call',
      'names_without_method: a/b[0].prompts open nothing, because methods of this entry lack prompts/get',
      'names_without_method: a/b[0].resources open nothing, because methods of this entry lack resources/read',
    ],
  ],
  ['names with every method', inScope('{server: now, methods: "*", tools: [x]}'), []],
  [
    'methods without names',
    inScope('{server: now, methods: [ping, tools/call, prompts/get, resources/read]}'),
    [
      'method_without_names: a/b[0].methods list tools/call, which opens nothing without tools',
      'method_without_names: a/b[0].methods list prompts/get, which opens nothing without prompts',
      'method_without_names: a/b[0].methods list resources/read, which opens nothing without resources',
    ],
  ],
  [
    'a method among tools',
    inScope('{server: now, methods: [tools/call], tools: [x, tools/list, notifications/initialized, initialize]}'),
    ['tools/list', 'notifications/initialized', 'initialize'].map(
      (name, at) =>
        `method_among_names: a/b[0].tools[${at + 1}] "${name}" opens a tool of this name, not the method: methods are opened by methods alone`,
    ),
  ],
  ['a method among tools that is open anyway', inScope('{server: now, methods: [tools/call, ping], tools: [ping, "list/tools"]}'), []],
  [
    'an entry behind a wildcard for tools',
    inScope('{server: now, methods: [tools/call], tools: [x]}', '{server: now, methods: [ping, tools/call], tools: "*"}'),
    ['shadowed: a/b[0] changes nothing: the "*" of [1] opens all of it'],
  ],
  [
    'an entry behind a wildcard for servers',
    inScope('{server: "*", methods: [ping]}', '{server: now, methods: [ping]}'),
    ['shadowed: a/b[1] changes nothing: the "*" of [0] opens all of it'],
  ],
  [
    'an entry behind a wildcard for methods',
    inScope('{server: now, methods: "*"}', '{server: now, methods: [ping, initialize]}'),
    ['shadowed: a/b[1] changes nothing: the "*" of [0] opens all of it'],
  ],
  [
    'of two wildcards in other words the later one',
    inScope('{server: now, methods: "*"}', '{server: now, methods: "*", tools: []}', '{server: now, methods: "*", tools: "*"}'),
    ['duplicate: a/b[1] says the same as [0]', 'shadowed: a/b[0] changes nothing: the "*" of [2] opens all of it'],
  ],
  [
    'of two that open the same, one by a wildcard without its method, the later one',
    inScope('{server: now, methods: [ping], tools: "*"}', '{server: now, methods: [ping]}'),
    [
      'names_without_method: a/b[0].tools open nothing, because methods of this entry lack tools/call',
      'shadowed: a/b[1] changes nothing: the "*" of [0] opens all of it',
    ],
  ],
  [
    'every method does not open names, and a wildcard elsewhere nothing here',
    inScope(
      '{server: now, methods: "*"}',
      '{server: now, methods: [tools/call], tools: [x]}',
      '{server: later, methods: [tools/call], tools: "*"}',
    ),
    [],
  ],
  ['a wildcard of another scope', 'a/b:\n  - {server: now, methods: [ping]}\na/c:\n  - {server: now, methods: "*"}\n', []],
  [
    'methods that are nearly one of MCP, and one that is nothing like it',
    inScope('{server: now, methods: [tools/lst, tool/list, tools/lits, Ping, notifications/initialised, tasks/run, my/own]}'),
    [
      'unknown_method: a/b[0].methods[0] "tools/lst" is no method of MCP; is tools/list meant?',
      'unknown_method: a/b[0].methods[1] "tool/list" is no method of MCP; is tools/list meant?',
      'unknown_method: a/b[0].methods[2] "tools/lits" is no method of MCP; is tools/list meant?',
      'unknown_method: a/b[0].methods[3] "Ping" is no method of MCP; is ping meant?',
      'unknown_method: a/b[0].methods[4] "notifications/initialised" is no method of MCP; is notifications/initialized meant?',
    ],
  ],
  [
    'a wildcard in a name',
    inScope('{server: now, methods: [tools/call, prompts/get], tools: [time, time*], prompts: ["*x"]}'),
    [
      'wildcard_in_name: a/b[0].tools[1] "time*" opens this very name: "*" means all only by itself',
      'wildcard_in_name: a/b[0].prompts[0] "*x" opens this very name: "*" means all only by itself',
    ],
  ],
  [
    'an entry that is there again, in another order',
    inScope('{server: now, methods: [ping, initialize]}', '{server: now, methods: [initialize, ping]}'),
    ['duplicate: a/b[1] says the same as [0]'],
  ],
  [
    'names that are there again',
    `group_mappings: {dev: [a/b, a/b]}\n${inScope('{server: now, methods: [ping, ping]}')}`,
    ['duplicate: group_mappings.dev[1] "a/b" stands here a second time', 'duplicate: a/b[0].methods[1] "ping" stands here a second time'],
  ],
  [
    'servers that differ in case alone, once each',
    inScope('{server: now, methods: [ping]}', '{server: Now, methods: [ping]}', '{server: Now, methods: [initialize]}'),
    ['server_case: a/b[1].server "Now" differs from the server "now" only in case'],
  ],
]
for (const [what, text, expected] of TABLE) {
  warnings(what, () => {
    assert.equal(warningsIn(text), expected)
  })
}

warnings('the file that is shipped has none', () => {
  assert.equal(warningsIn(readFileSync(new URL('../../scopes.yml', import.meta.url), 'utf8')), [])
})

warnings('ten thousand entries take no time to speak of', () => {
  const entries = Array.from({ length: 10_000 }, (_, at) => `{server: s${at % 100}, methods: [tools/call], tools: [t${at}]}`)
  const wide = Array.from({ length: 100 }, (_, at) => `{server: s${at}, methods: [tools/call], tools: "*"}`)
  const text = inScope(...entries, ...wide)
  const started = performance.now()
  assert.is(warningsIn(text).length, 10_000)
  assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`)
})

warnings.run()
