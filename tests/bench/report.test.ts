import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Figure, Run } from '../../bench/figure.ts'
import { BARS, judgeBar } from '../../bench/report/bars.ts'
import { toSvg } from '../../bench/report/chart.ts'
import { toMarkdown } from '../../bench/report/markdown.ts'
import { duration, percent, short, whole } from '../../bench/report/numbers.ts'
import { sizing } from '../../bench/report/sizing.ts'
import { summary, writeResults } from '../../bench/report/write.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const report = suite('results')

const figure = (name: string, perSecond: number, more: Partial<Figure> = {}): Figure => ({
  ...{ name, title: `<${name}> & "co"`, perSecond, p50: 1000, p99: 2000, cpu: { nginx: 1e6 / perSecond }, rounds: [perSecond], extra: {} },
  problems: [],
  ...more,
})

const runOf = (figures: Figure[], date = '2026-01-02T03:04:05.000Z'): Run => ({
  date,
  commit: '0123456789ab',
  machine: { processor: 'Some | processor', nginx: '1.22.1' },
  settings: { rounds: '3' },
  parts: [{ name: 'nginx', title: 'Through NGINX', figures, notes: ['A note.'], seconds: 1 }],
  seconds: 90,
})

const bar = (name: string): (typeof BARS)[number] => BARS.find((one) => one.name === name) as (typeof BARS)[number]

const decided = (size: number, cost: number): Figure => figure(`decide-${size}`, 1000 / cost)

report('a bar is reached, missed, or not measured', () => {
  const table: [string, Figure[], number | null, string][] = [
    ['hot-plain', [figure('hot', 50), figure('plain', 100)], 0.5, 'reached'],
    ['hot-plain', [figure('hot', 49), figure('plain', 100)], 0.49, 'missed'],
    ['hot-plain', [figure('hot', 49)], null, 'not measured'],
    ['hot-plain', [figure('hot', 99, { problems: ['refused'] }), figure('plain', 100)], null, 'not measured'],
    ['added-median', [figure('alone-hot', 1, { p50: 300 }), figure('alone-plain', 1, { p50: 200 })], 0.1, 'reached'],
    ['added-median', [figure('alone-hot', 1, { p50: 301 }), figure('alone-plain', 1, { p50: 200 })], 0.101, 'missed'],
    ['added-p99', [figure('half-hot', 1, { p99: 1500 }), figure('half-plain', 1, { p99: 400 })], 1.1, 'missed'],
    [
      'added-p99',
      [
        figure('half-hot', 1, { p99: 1500, latencies: { p50: [], p99: [1500, 900, 9000] } }),
        figure('half-plain', 1, { p99: 400, latencies: { p50: [], p99: [600, 200, 200] } }),
      ],
      0.9,
      'reached',
    ],
    ['rules-decide', [10, 100, 1000, 10_000, 100_000].map((size, index) => decided(size, index === 3 ? 125 : 100)), 1.25, 'missed'],
    ['rules-decide', [10, 100, 1000, 10_000, 100_000].map((size) => decided(size, 100)), 1, 'reached'],
    ['rules-decide', [10, 100, 1000, 10_000].map((size) => decided(size, 100)), null, 'not measured'],
    ['ready', [figure('validator-hot', 1, { extra: { 'start to ready, ms': 301 } })], 301, 'missed'],
  ]
  for (const [name, figures, value, verdict] of table) assert.equal(judgeBar(bar(name), runOf(figures)), { value, verdict }, name)
})

report('every bar has one name', () => {
  assert.is(new Set(BARS.map(({ name }) => name)).size, BARS.length)
})

report('numbers as people read them', () => {
  assert.equal(
    [whole(12_345.6), whole(null), short(0.123), short(12.34), short(1234.5), percent(0.126)],
    ['12,346', '–', '0.12', '12.3', '1,235', '13 %'],
  )
  assert.equal([duration(999), duration(1500), duration(undefined)], ['999 µs', '1.50 ms', '–'])
})

const TAG = /<(\/?)([a-z]+)(?:\s[\w:-]+="[^"<]*")*\s*(\/?)>/g

/** What is wrong with markup: tags are closed in the order in which they were opened, and nothing else looks like one. */
function faultOf(text: string): string | null {
  const open: string[] = []
  for (const [tag, end, name = '', self] of text.matchAll(TAG)) {
    if (end && open.pop() !== name) return tag
    if (!end && !self) open.push(name)
  }
  const rest = text.replace(TAG, '').replace(/&#\d+;/g, '')
  return open[0] ?? /[<&].*/.exec(rest)?.[0] ?? null
}

report('the chart is well-formed, whatever titles hold, and shows what counts', () => {
  const svg = toSvg(
    runOf([figure('plain', 200), figure('hot', 100, { title: 'Gatehouse' }), figure('bad', 1e9, { problems: ['refused'] })]),
  )
  assert.is(faultOf(svg), null)
  assert.match(svg, '&#60;plain&#62;')
  assert.not.match(svg, '1,000,000,000')
  const lengths = [...svg.matchAll(/<rect class="(?:limit|gate)"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width))
  assert.is(lengths.length, 2)
  assert.is(lengths[0], (lengths[1] as number) * 2)
  assert.match(svg, 'prefers-color-scheme: dark')
  assert.is(faultOf(toSvg(runOf([]))), null)
})

report('the check of markup finds what is not closed', () => {
  for (const text of ['<svg><text></svg>', '<svg>', '<svg><text>a < b</text></svg>', '<svg><text>a & b</text></svg>'])
    assert.is.not(faultOf(text), null, text)
})

report('every row of a table has as many cells as its head', () => {
  const figures = [figure('plain', 100), figure('hot', 50, { extra: { 'x, MB': 3 }, cpu: { nginx: 2, validator: 1 } })]
  const text = toMarkdown({ latest: runOf(figures), before: runOf([figure('plain', 90)]), profile: null, memory: null })
  let cells = 0
  for (const line of text.split('\n')) {
    const count = line.replaceAll('\\|', '').split('|').length
    if (!line.startsWith('|')) cells = 0
    else if (cells === 0) cells = count
    else assert.is(count, cells, line)
  }
  assert.match(text, /\| `plain` \| 100 \| 90 \|/)
  assert.match(text, 'A note.')
})

report('what does not count is said, on the page and on the screen', () => {
  const run = runOf([figure('hot', 50, { perSecond: null, problems: ['the answer is a 403'] })])
  assert.match(toMarkdown({ latest: run, before: null, profile: null, memory: null }), '`hot` does not count**: the answer is a 403')
  assert.match(summary(run), 'does not count: hot: the answer is a 403')
})

report('sizing follows from what was measured, and is a dash where nothing was', () => {
  const said = (figures: Figure[]): string[] => sizing(runOf(figures)).map(({ answer }) => answer)
  assert.ok(said([]).every((answer) => answer === '–'))
  const [calls, questions] = said([figure('hot', 1, { cpu: { nginx: 50 } }), figure('uncached', 1, { cpu: { nginx: 90, validator: 200 } })])
  assert.equal([calls, questions], ['20,000', '5,000'])
  const [, , newTokens, , callers] = said([figure('cold', 1, { cpu: { nginx: 90, validator: 250 } })])
  assert.equal([newTokens, callers], ['4,000', '16,000'])
})

report('the last measure of memory is kept beside the runs, and the page says of which run it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'))
  const page = (): string => readFileSync(join(folder, 'results.md'), 'utf8')
  const measured = (resident: number, date: string, problems: string[] = []): Run => ({
    ...runOf([], date),
    parts: [
      {
        name: 'memory',
        title: 'Memory',
        figures: [figure('million', 1, { extra: { 'resident, MB': resident }, problems })],
        notes: [],
        seconds: 1,
      },
    ],
  })
  const runs: [Run, RegExp][] = [
    [runOf([figure('plain', 100)], '2026-01-01'), /^\| validator resident .* \| not measured \| – \|/m],
    [measured(80, '2026-01-02'), /^\| validator resident .* \| 80\.0 MB reached \| – \| measured 2026-01-02 at commit 0123456789ab \|$/m],
    [
      runOf([figure('plain', 90)], '2026-01-03'),
      /^\| validator resident .* \| 80\.0 MB reached \| not measured \| measured 2026-01-02 at/m,
    ],
    [measured(91, '2026-01-04'), /^Measured 2026-01-04 at commit 0123456789ab\.$/m],
    [measured(70, '2026-01-05', ['it refuses']), /^\| validator resident .* \| 91\.0 MB missed \|/m],
  ]
  try {
    for (const [run, expected] of runs) {
      writeResults(folder, run)
      assert.match(page(), expected, run.date)
    }
    assert.match(page(), /^\| date \| 2026-01-03 \| 2026-01-01 \|$/m)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

report('two runs are kept, and no more', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'))
  const kept = (): (string | undefined)[] => {
    const { latest, before } = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as { latest: Run; before: Run | null }
    return [latest.date, before?.date]
  }
  try {
    for (const date of ['1', '2', '3']) writeResults(folder, runOf([figure('plain', 100)], date))
    assert.equal(kept(), ['3', '2'])
    assert.match(readFileSync(join(folder, 'results.md'), 'utf8'), /^\| date \| 3 \| 2 \|$/m)
    assert.is(faultOf(readFileSync(join(folder, 'results.svg'), 'utf8')), null)
    for (const broken of ['{', '{}', '{"format":99,"latest":{}}']) {
      writeFileSync(join(folder, 'results.json'), broken)
      writeResults(folder, runOf([figure('plain', 100)], '4'))
      assert.equal(kept(), ['4', undefined], broken)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

report.run()
