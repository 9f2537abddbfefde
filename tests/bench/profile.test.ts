/** Instructions: read from what callgrind writes, and what follows from them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure, Part, Run } from '../../bench/figure.ts'
import { parseInstructions, requireValgrind } from '../../bench/lab/callgrind.ts'
import { replaceOnce } from '../../bench/lab/gate.ts'
import { PIECES } from '../../bench/parts/pieces.ts'
import { profile as plan } from '../../bench/parts/profile.ts'
import { type History, remember } from '../../bench/report/history.ts'
import { toMarkdown } from '../../bench/report/markdown.ts'
import { floorOf, PRICES, priceOf } from '../../bench/report/profile.ts'
import { root } from '../../bench/root.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const profile = suite('the profile')

const DUMP = `# callgrind format
version: 1
cmd:  /usr/sbin/nginx -g daemon off; summary: 7

events: Ir
summary: 65686874


fn=(1) main
768 61200
totals: 66427397
`

profile('the total is the one of the period, not of the functions that are listed', () => {
  assert.is(parseInstructions(DUMP), 65_686_874)
})

profile('a file without a total, or of other events, is none', () => {
  for (const text of ['', DUMP.replace('\nsummary: 65', '\nsum: 65'), DUMP.replace('Ir\n', 'Ir Dr Dw\n')])
    assert.throws(() => parseInstructions(text), 'no count of instructions', text)
})

profile('what to install is said where valgrind is missing', () => {
  assert.throws(() => requireValgrind('/nowhere:'), 'apt-get install valgrind')
})

profile('each piece is where it was in the shipped files', () => {
  for (const { name, edits } of PIECES) {
    for (const edit of edits) assert.is.not(replaceOnce(readFileSync(join(root, 'nginx', edit.file), 'utf8'), edit), '', name)
  }
})

profile('each piece is one point, has a price, and no price counts points that there are not', () => {
  const points = new Set(plan.points)
  const priced = new Set(PRICES.flatMap(({ more, less }) => [...more, ...less]))
  assert.equal(
    [...priced].filter((name) => !points.has(name)),
    [],
  )
  assert.equal(
    PIECES.filter(({ name }) => !points.has(name) || !priced.has(name)),
    [],
  )
  assert.ok(plan.onlyWhenNamed)
})

/** The whole is 5000; each point that lacks a piece lacks another power of two. */
const LESS = new Map(PIECES.map(({ name }, index) => [name, 2 ** index]))
const counts = (point: string): number | null => (point === 'count-hot' ? 5000 : point === 'count-body-inside' ? 100 : null)
const counted = (point: string): number | null => counts(point) ?? (LESS.has(point) ? 5000 - (LESS.get(point) as number) : null)
const lessOf = (name: string): number => LESS.get(name) as number

profile('a price is what the whole has more, and null when one of its points was not counted', () => {
  const [digest, key] = PRICES as [(typeof PRICES)[0], (typeof PRICES)[0]]
  assert.is(priceOf(digest, counted), lessOf('without-digest'))
  assert.is(priceOf(key, counted), lessOf('without-key') - lessOf('without-digest'))
  assert.is(priceOf(digest, counts), null)
})

profile('the floor is the cheapest gate, the hash, the memory and the second VM', () => {
  const vm = lessOf('without-filter') - lessOf('without-look')
  assert.is(floorOf(counted), 100 + lessOf('without-digest') + lessOf('without-memory') + vm)
  assert.is(floorOf(counts), null)
})

const figure = (name: string, problems: string[] = []): Figure => ({
  ...{ name, title: name, perSecond: null, p50: null, p99: null, cpu: {}, rounds: [], problems },
  extra: problems.length > 0 ? {} : { instructions: counted(name) ?? 1, spread: 0.01 },
})
const part = (name: string, figures: Figure[]): Part => ({ name, title: `Title of ${name}`, figures, notes: [], seconds: 1 })
const runOf = (date: string, parts: Part[]): Run => ({ date, commit: 'c', machine: {}, settings: {}, seconds: 1, parts })
const TIMED = part('nginx', [figure('plain')])
const COUNTED = part(
  'profile',
  plan.points.map((name) => figure(name)),
)

const dates = ({ latest, before, profile: kept }: History): unknown[] => [latest.date, before?.date, kept?.date]

profile('the last profile is kept until there is another one, and changes nothing of the runs', () => {
  const first = remember(null, runOf('1', [TIMED]))
  const second = remember(first, runOf('2', [COUNTED]))
  const third = remember(second, runOf('3', [TIMED]))
  const both = remember(third, runOf('4', [TIMED, COUNTED]))
  const failed = remember(both, runOf('5', [part('profile', [figure('profile', ['no valgrind'])])]))
  assert.equal([first, second, third, both, failed].map(dates), [
    ['1', undefined, undefined],
    ['1', undefined, '2'],
    ['3', '1', '2'],
    ['4', '3', '4'],
    ['4', '3', '4'],
  ])
  assert.equal(both.latest.parts, [TIMED])
  assert.equal(both.profile?.parts, [COUNTED])
})

profile('a first run may be a profile alone', () => {
  const { latest, profile: kept } = remember(null, runOf('1', [COUNTED]))
  assert.equal([latest.parts, kept?.parts], [[], [COUNTED]])
})

const pageOf = (figures: Figure[]): string =>
  toMarkdown({ latest: runOf('3', [TIMED]), before: null, profile: runOf('2026-01-02T03:04', [part('profile', figures)]), memory: null })

profile('the page says what was counted and when, and what follows', () => {
  const page = pageOf(COUNTED.figures)
  assert.match(page, 'Counted 2026-01-02 at commit c')
  assert.match(page, `| SHA-256 of what is asked with | ${lessOf('without-digest')} | 0 % |`)
  assert.match(page, /\*\*The limit\.\*\*.* 5,000, /)
})

profile('where a piece was not counted the page says so and concludes nothing', () => {
  const page = pageOf(COUNTED.figures.map(({ name }) => figure(name, name === 'without-memory' ? ['must hold "x" once'] : [])))
  assert.match(page, '`without-memory` does not count**: must hold "x" once')
  assert.match(page, 'nothing follows for the limit')
  assert.not.match(page, '**The limit.**')
  assert.match(page, '| everything else | – | – |')
})

profile('without a profile there is no section', () => {
  assert.not.match(toMarkdown({ latest: runOf('3', [TIMED]), before: null, profile: null, memory: null }), 'What a hot call is made of')
})

profile.run()
