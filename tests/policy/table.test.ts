import { NAMED } from '../../src/gate/call.ts'
import { KINDS } from '../../src/policy/rights.ts'
import { type Table, type TableRow, tableCsv, tableMarkdown, tableOf, tableText } from '../../src/policy/table.ts'
import * as assert from '../support/assert.ts'
import { createRandom, SEED } from '../support/random.ts'
import { suite } from '../support/suite.ts'
import { ALL_CALLS, load, randomDocument, SERVERS } from './random_policy.ts'

const table = suite(`the table of who may call what (seed ${SEED})`)

/** How a person reads it: the row of the thing itself, else that of all of its kind, on the server or on every other one. */
function read({ rows, holders }: Table, holder: string, server: string, kind: string, name: string): boolean {
  const own = rows.filter((row) => row.server === server)
  const here = own.length > 0 ? own : rows.filter((row) => row.server === '*')
  const row = here.find((one) => one.kind === kind && one.name === name) ?? here.find((one) => one.kind === kind && one.name === '*')
  return row?.allowed[holders.indexOf(holder)] ?? false
}

table('says what the gate says, for every call that a file can mean', () => {
  const random = createRandom(SEED)
  let allowed = 0
  for (let round = 0; round < 60; round += 1) {
    const document = randomDocument(random)
    const { policy, file } = load(document)
    for (const by of ['group', 'scope'] as const) {
      const made = tableOf({ policy, file }, by)
      assert.equal(made.holders, by === 'group' ? [...file.groups.keys()] : file.scopes)
      for (const holder of made.holders) {
        const held = by === 'group' ? policy.scopesOf([holder]) : [holder]
        for (const server of [...SERVERS, 'unheard-of']) {
          assert.is(read(made, holder, server, 'server', ''), policy.opens(held, server), JSON.stringify({ document, holder, server }))
          for (const call of ALL_CALLS) {
            const named = NAMED.get(call.method)
            const expected = policy.permits(held, server, call)
            const shown = read(made, holder, server, named === undefined ? 'method' : KINDS[named], call.name ?? call.method)
            assert.is(shown, expected, JSON.stringify({ document, holder, server, call }))
            if (expected) allowed += 1
          }
        }
      }
    }
  }
  assert.ok(allowed > 1000, `${allowed} calls were allowed`)
})

const SMALL = load({
  group_mappings: { dev: ['t/read'], 'a|b': ['t/read', 't/all'], nobody: [] },
  't/read': [{ server: 'now', methods: ['ping', 'tools/call'], tools: ['tick, "tock"'], prompts: [], resources: [] }],
  't/all': [{ server: '*', methods: ['tools/call'], tools: '*', prompts: [], resources: [] }],
})

table('text, for a terminal', () => {
  assert.is(
    tableText(tableOf(SMALL, 'group')),
    `${[
      '                         dev  a|b  nobody',
      '',
      'now',
      '  connect (GET, DELETE)  x    x    -',
      '  method ping            x    x    -',
      '  every tool             -    x    -',
      '  tool tick, "tock"      x    x    -',
      '',
      'every other server',
      '  connect (GET, DELETE)  -    x    -',
      '  every tool             -    x    -',
    ].join('\n')}\n`,
  )
})

table('names that do not fit side by side stand above, by number', () => {
  const holders = Array.from({ length: 12 }, (_, index) => `a-group-with-a-long-name-${index}`)
  const rows: TableRow[] = [{ server: 'now', kind: 'tool', name: 'tick', allowed: holders.map((_, index) => index === 10) }]
  const lines = tableText({ by: 'group', holders, rows }).split('\n')
  assert.is(lines[10], ' 11  a-group-with-a-long-name-10')
  assert.is(lines[13], '             1  2  3  4  5  6  7  8  9  10  11  12')
  assert.is(lines[16], '  tool tick  -  -  -  -  -  -  -  -  -  -   x   -')
})

table('markdown, with its signs escaped', () => {
  const [head, line, first, , wide] = tableMarkdown(tableOf(SMALL, 'group')).split('\n')
  assert.is(head, '| server | what | dev | a\\|b | nobody |')
  assert.is(line, '| --- | --- | :-: | :-: | :-: |')
  assert.is(first, '| now | connect (GET, DELETE) | ✓ | ✓ |  |')
  assert.is(wide, '| now | every tool |  | ✓ |  |')
})

table('CSV, quoted by RFC 4180', () => {
  const lines = tableCsv(tableOf(SMALL, 'scope')).split('\r\n')
  assert.equal(lines, [
    'server,kind,name,t/read,t/all',
    'now,server,,yes,yes',
    'now,method,ping,yes,no',
    'now,tool,*,no,yes',
    'now,tool,"tick, ""tock""",yes,yes',
    '*,server,,no,yes',
    '*,tool,*,no,yes',
    '',
  ])
})

table.run()
