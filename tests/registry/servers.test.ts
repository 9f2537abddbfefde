import { readFileSync } from 'node:fs'
import { loadServers } from '../../src/registry/servers.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const servers = suite('servers.yml')

const problemsOf = (text: string): readonly string[] => {
  const loaded = loadServers(text)
  return 'problems' in loaded ? loaded.problems : []
}
const one = (entry: Record<string, unknown>): string => JSON.stringify({ servers: [{ name: 'a', url: 'http://a/mcp', ...entry }] })

servers('the shipped file is good and names the two servers of example.conf', () => {
  const loaded = loadServers(readFileSync(new URL('../../servers.yml', import.meta.url), 'utf8'))
  const conf = readFileSync(new URL('../../nginx/example.conf', import.meta.url), 'utf8')
  assert.ok('value' in loaded)
  for (const { name, url } of loaded.value) {
    assert.match(conf, new RegExp(`upstream ${name} +\\{ server ${new URL(url).host};`))
  }
  assert.is(loaded.value.length, 2)
})

servers('what is left out has a default', () => {
  const loaded = loadServers('servers:\n  - name: a\n    url: https://a.example/x/mcp?y=1\n')
  assert.equal(loaded, {
    value: [{ name: 'a', url: 'https://a.example/x/mcp?y=1', description: '', tags: [], transports: ['streamable-http'] }],
  })
})

servers('no server at all is good', () => {
  assert.equal(loadServers('servers: []'), { value: [] })
})

const PROBLEMS: [string, string, string[]][] = [
  ['an empty file', '', ['expected a document, but the input is empty']],
  ['a list', '- a', ['the file must be a mapping with "servers", a list of {name, url, description, tags}']],
  ['YAML that is none', 'servers: [', ['line 1, column 11: unexpected end of the stream within a flow collection']],
  ['an unknown key', 'servers: []\nserver: x', ['server is not known; known is servers']],
  ['a server that is a word', 'servers: [x]', ['servers[0] must be a mapping with name and url, got "x"']],
  ['an unknown key of a server', one({ uri: 'x' }), ['servers[0].uri is not known; known are name, url, description, tags, transports']],
  [
    'a number for a name',
    one({ name: 7 }),
    ['servers[0].name must be letters, digits, ".", "_" and "-" (at most 64), as in scopes.yml, got 7'],
  ],
  [
    'a wildcard for a name',
    one({ name: '*' }),
    ['servers[0].name must be letters, digits, ".", "_" and "-" (at most 64), as in scopes.yml, got "*"'],
  ],
  [
    'a path for a name',
    one({ name: '../x' }),
    ['servers[0].name must be letters, digits, ".", "_" and "-" (at most 64), as in scopes.yml, got "../x"'],
  ],
  [
    'a name without end',
    one({ name: 'a'.repeat(100) }),
    [`servers[0].name must be letters, digits, ".", "_" and "-" (at most 64), as in scopes.yml, got "${'a'.repeat(59)}…`],
  ],
  [
    'a URL without scheme',
    one({ url: 'localhost:9001' }),
    ['servers[0].url must be an http or https URL. Example: http://127.0.0.1:9001/mcp'],
  ],
  ['a file URL', one({ url: 'file:///etc/passwd' }), ['servers[0].url must be an http or https URL. Example: http://127.0.0.1:9001/mcp']],
  [
    'a URL with a password',
    one({ url: 'http://u:hunter2@a/mcp' }),
    ['servers[0].url must not hold a user name or password. Example: http://127.0.0.1:9001/mcp'],
  ],
  [
    'a URL with a fragment',
    one({ url: 'http://a/mcp#x' }),
    ['servers[0].url must not hold a fragment ("#"). Example: http://127.0.0.1:9001/mcp'],
  ],
  [
    'a description that hides something',
    one({ description: 'a\u202eb' }),
    ['servers[0].description must be text of at most 2000 characters, got "a\u202eb"'],
  ],
  ['a tag for tags', one({ tags: 'time' }), ['servers[0].tags must be a list of at most 50 words of at most 64 characters, got "time"']],
  ['an empty tag', one({ tags: [' '] }), ['servers[0].tags must be a list of at most 50 words of at most 64 characters, got a list of 1']],
  [
    'an unknown transport',
    one({ transports: ['stdio'] }),
    ['servers[0].transports must be a list of streamable-http and sse, each once, got a list of 1'],
  ],
  [
    'no transport',
    one({ transports: [] }),
    ['servers[0].transports must be a list of streamable-http and sse, each once, got a list of 0'],
  ],
  [
    'an alias that holds itself',
    'servers:\n  - &a\n    name: x\n    url: http://x/\n    tags: *a',
    ['servers[0].tags must be a list of at most 50 words of at most 64 characters, got a mapping'],
  ],
]
for (const [what, text, expected] of PROBLEMS) {
  servers(`${what} is a problem with its path`, () => {
    assert.equal(problemsOf(text), expected)
  })
}

servers('all problems come at once, names given twice among them', () => {
  const text = JSON.stringify({
    extra: 1,
    servers: [{ name: 'a', url: 'http://a/' }, { name: 'b' }, { name: 'a', url: 'nothing', tags: 3 }],
  })
  assert.equal(
    problemsOf(text).map((problem) => problem.split(/ must| is not|: /)[0]),
    ['extra', 'servers[1].url', 'servers[2].url', 'servers[2].tags', 'servers[2].name'],
  )
  assert.match(problemsOf(text).at(-1) ?? '', 'servers[0] is called "a" already')
})

servers('more servers than are possible are one problem', () => {
  const list = Array.from({ length: 1001 }, (_, index) => ({ name: `s${index}`, url: 'http://a/' }))
  assert.equal(problemsOf(JSON.stringify({ servers: list })), ['servers lists 1001 servers; at most 1000 are possible'])
})

servers.run()
