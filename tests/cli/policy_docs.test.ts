/** docs/policy.md and docs/migrating.md show what the commands print. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { warningsOf } from '../../src/policy/warnings.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { executable, run } from './command.ts'

const docs = suite('what policy commands print')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const text = read('docs/policy.md')

/** Pages with commands, and the folder that these are given in. */
const PAGES = [
  { page: 'docs/policy.md', folder: root },
  { page: 'docs/migrating.md', folder: join(root, 'docs/examples') },
]

interface Shown {
  page: string
  folder: string
  command: string
  /** Parts of the output, between which some was left out. */
  parts: string[]
}

/** Blocks of `console`: a command behind each dollar sign, its output below. */
const shown = PAGES.flatMap(({ page, folder }) =>
  [...read(page).matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']): Shown[] =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((one) => {
        const [command = '', ...output] = one.split('\n')
        return { page, folder, command, parts: output.join('\n').split(/^…$/m).map(comparable) }
      }),
  ),
)

/** Lines of the file and sums move with every change of scopes.yml, and say nothing about the commands. */
function comparable(output: string): string {
  return output.replaceAll('\r\n', '\n').trimEnd().replace(/\d+/g, '#')
}

for (const { page, folder, command, parts } of shown) {
  docs(`${page} shows it: ${command}`, async () => {
    const path = `${dirname(executable)}:${process.env.PATH}`
    const { stdout, stderr } = await run('sh', ['-c', `cd "$0" && ${command}`, folder], { PATH: path }).ended
    assert.is(stderr, '')
    const output = comparable(stdout)
    if (parts.length === 1) assert.is(output, parts[0])
    for (const part of parts) assert.match(output, part)
  })
}

docs('there are such commands, of each kind and on each page', () => {
  for (const { page } of PAGES) assert.ok(shown.filter((one) => one.page === page).length > 3, page)
  for (const name of ['explain', 'policy check', 'policy test', 'policy diff', 'policy table']) {
    assert.ok(
      shown.some(({ command }) => command.includes(`gatehouse ${name}`)),
      name,
    )
  }
})

docs('the policy that is shown is the one that is tested', () => {
  assert.match(text, `\`\`\`yaml\n${read('docs/examples/policy.yml')}\`\`\``)
})

docs('names every warning', () => {
  const every = `group_mappings: {g: [a/gone]}
a/b:
  - {server: now, methods: [tools/call], tools: "*"}
  - {server: now, methods: [tools/call], tools: [x, ping, x]}
  - {server: Now, methods: [prompts/get], tools: [y]}
solo: []
`
  const loaded = loadScopes(every)
  assert.ok('file' in loaded, JSON.stringify(loaded))
  const kinds = new Set(warningsOf(loaded.file).map(({ kind }) => kind))
  assert.is(kinds.size, 9, [...kinds].join(' '))
  for (const kind of kinds) assert.match(text, `| \`${kind}\` |`)
})

docs.run()
