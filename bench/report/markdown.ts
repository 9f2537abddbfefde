/** Two runs as a page. */
import { type Figure, find, type Part, type Run } from '../figure.ts'
import { ratio, spread } from '../statistics.ts'
import { BARS, judgeBar } from './bars.ts'
import type { History } from './history.ts'
import { DASH, duration, percent, short, whole } from './numbers.ts'
import { profileText } from './profile.ts'
import { sizing } from './sizing.ts'
import { remarks, table } from './table.ts'

export function toMarkdown({ latest, before, profile, memory }: History): string {
  const parts = latest.parts.map((part) => partText(part, latest, before))
  return [
    '# Results',
    'Written by `make bench`; how to read them: [README.md](README.md). Medians of rounds; the run before stands beside this one.',
    machines(latest, before),
    '## Bars',
    bars(latest, before, memory),
    '![Calls a second through NGINX](results.svg)',
    ...parts,
    ...(memory === null ? [] : memory.parts.map((part) => partText(part, memory, null, `Measured ${when(memory)}.`))),
    ...(profile === null ? [] : [profileText(profile)]),
    '## Sizing',
    'Follows from the figures above, for a core like these. Leave room: a queue builds up long before a core is busy all the time.',
    table(
      ['', 'measured', 'from'],
      sizing(latest).map(({ question, answer, from }) => [question, answer, from]),
    ),
    '',
  ].join('\n\n')
}

/** Of a run that stands apart from the two. */
const when = ({ date, commit }: Run): string => `${date.slice(0, 10)} at commit ${commit}`

function machines(latest: Run, before: Run | null): string {
  const names = ['date', 'commit', ...Object.keys(latest.machine), ...Object.keys(latest.settings), 'minutes']
  const value = (run: Run | null, name: string): string => {
    if (run === null) return DASH
    if (name === 'minutes') return (run.seconds / 60).toFixed(1)
    return name === 'date' || name === 'commit' ? run[name] : (run.machine[name] ?? run.settings[name] ?? DASH)
  }
  const said = names.map((name) => [name, value(latest, name), value(before, name)])
  return table(['', 'this run', 'the run before'], said)
}

function bars(latest: Run, before: Run | null, memory: Run | null): string {
  const rows = BARS.map((bar) => {
    const shown = (run: Run | null): string => {
      if (run === null) return DASH
      const { value, verdict } = judgeBar(bar, run)
      return value === null ? verdict : `${short(value)}${bar.unit} ${verdict}`
    }
    const apart = bar.value(latest) === null && memory !== null && bar.value(memory) !== null ? memory : null
    const aside = apart === null ? bar.aside?.(latest) : `measured ${when(apart)}`
    return [bar.title, `${bar.kind} ${bar.limit}${bar.unit}`, shown(apart ?? latest), shown(before), aside ?? '']
  })
  return table(['', 'wanted', 'this run', 'the run before', 'remarks'], rows)
}

/** What else than the usual columns the figures of a part have, in the order in which it comes. */
const namesOf = (figures: readonly Figure[], pick: 'cpu' | 'extra'): string[] => [
  ...new Set(figures.flatMap((figure) => Object.keys(figure[pick]))),
]

/** How much of its core the process under test has used. */
const busyShare = ({ perSecond, cpu }: Figure, name: string): number | null =>
  perSecond === null || cpu[name] === undefined ? null : (perSecond * cpu[name]) / 1e6

/** @param said what stands above the table */
function partText({ title, figures, notes }: Part, latest: Run, before: Run | null, ...said: string[]): string {
  const hasLatency = figures.some(({ p50 }) => p50 !== null)
  const processes = namesOf(figures, 'cpu')
  const extras = namesOf(figures, 'extra')
  const busy = hasLatency ? processes[0] : undefined
  const plain = figures.some(({ name }) => name === 'plain') ? find(latest, 'plain')?.perSecond : undefined
  const head = [
    ...['', 'name', 'a second', 'the run before', 'spread'],
    ...(plain === undefined ? [] : ['of plain']),
    ...(hasLatency ? ['p50', 'p99'] : []),
    ...processes.map((name) => `µs ${name}`),
    ...(busy === undefined ? [] : [`${busy} busy`]),
    ...extras,
  ]
  const rows = figures.map((figure) => [
    ...[figure.title, `\`${figure.name}\``, whole(figure.perSecond), whole(before === null ? null : find(before, figure.name)?.perSecond)],
    percent(spread(figure.rounds)),
    ...(plain === undefined ? [] : [percent(ratio(figure.perSecond, plain))]),
    ...(hasLatency ? [duration(figure.p50), duration(figure.p99)] : []),
    ...processes.map((name) => short(figure.cpu[name])),
    ...(busy === undefined ? [] : [percent(busyShare(figure, busy))]),
    ...extras.map((name) => short(figure.extra[name])),
  ])
  return [`## ${title}`, ...said, table(head, rows), remarks(figures, notes)].join('\n\n')
}
