import { createLines } from '../../src/scopes/lines.ts'
import type { Path } from '../../src/scopes/schema.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const lines = suite('the lines on which things stand')

const FILE = `# a comment
group_mappings:
  dev: [a/b,
    a/c]
  1: [x]

a/b:
  - server: now
    methods: [ping]
  - &entry
    server: later
    tools:
      - tick
      - tock
a/c:
  - *entry
"quoted/name": []
`
const TABLE: [Path, number | null][] = [
  [[], 2],
  [['group_mappings'], 2],
  [['group_mappings', 'dev', 1], 4],
  [['group_mappings', '1'], 5],
  [['a/b'], 7],
  [['a/b', 0], 8],
  [['a/b', 0, 'methods'], 9],
  [['a/b', 1], 11],
  [['a/b', 1, 'tools', 1], 14],
  [['a/c', 0], 16],
  [['a/c', 0, 'server'], 16],
  [['quoted/name'], 17],
  // As much of a path as there is.
  [['a/b', 7, 'tools'], 7],
  [['a/b', 0, 'prompts'], 8],
  [['nobody'], null],
  [['toString'], null],
]
for (const [path, line] of TABLE) {
  lines(`${path.join(' ')}: ${line}`, () => {
    assert.is(createLines(FILE)(path), line)
  })
}

lines('with line ends of Windows, and behind a byte order mark', () => {
  const lineOf = createLines(`\ufeff${FILE.replaceAll('\n', '\r\n')}`)
  assert.is(lineOf(['a/b', 1, 'tools', 1]), 14)
})

for (const text of ['', '# nothing\n', 'a: [', `a: ${'['.repeat(100_000)}`, 'a: !mine x\n\tb: y', '\0', 'a: &a [*a]']) {
  lines(`${JSON.stringify(text.slice(0, 12))} does no harm`, () => {
    const line = createLines(text)(['b', 0])
    assert.ok(line === null || line >= 1)
  })
}

lines.run()
