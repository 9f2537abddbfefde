/** The profile as a page: what a hot call is made of, and the least that a gate with the same promises could cost. */
import { find, type Run } from '../figure.ts'
import { ratio } from '../statistics.ts'
import { percent, short, whole } from './numbers.ts'
import { remarks, table } from './table.ts'

/** What a point takes, in instructions; null when it was not counted or does not count. */
type Counts = (point: string) => number | null

export interface Price {
  name: string
  /** The points whose sum is more than that of `less` by this piece. */
  more: readonly string[]
  less: readonly string[]
  why: string
}

/** Each point that lacks a piece is in one of these. */
export const PRICES: readonly Price[] = [
  {
    name: 'SHA-256 of what is asked with',
    more: ['count-hot'],
    less: ['without-digest'],
    why: 'No credential may be readable in the cache. OpenSSL hashes, a third of it is the promise in which njs hands the digest over.',
  },
  {
    name: 'the rest of the key',
    more: ['without-digest'],
    less: ['without-key'],
    why: 'An answer counts only for what it depends on: what the client asks with, and method, server and minute beside it.',
  },
  {
    name: 'the remembered answer',
    more: ['count-hot'],
    less: ['without-memory'],
    why: 'Finding, opening and reading what the validator said, and taking the identity from it. njs 0.7.9 has no memory that requests share.',
  },
  {
    name: "the body's text and its reader",
    more: ['count-hot'],
    less: ['without-reader'],
    why: 'UTF-8 is checked and the message read strictly, by a pattern of nginx: what two parsers could read in two ways is not let through by it.',
  },
  {
    name: 'names of headers',
    more: ['count-hot'],
    less: ['without-names'],
    why: 'A name that a server could take for X-User must not pass, and another server block may let it.',
  },
  {
    name: 'the rest of the decision',
    more: ['without-reader', 'without-names'],
    less: ['without-decision', 'count-hot'],
    why: 'Whether the yes is one, whether the call is in the set of what the caller may do, and what the log and the MCP server hear of it.',
  },
  {
    name: 'a second VM of njs',
    more: ['without-look'],
    less: ['without-filter'],
    why: 'nginx forgets what its modules know of a request at an internal redirect, so njs clones its VM once more for the answer.',
  },
  {
    name: 'what it looks at in the answer',
    more: ['count-hot'],
    less: ['without-look'],
    why: 'A hostile MCP server could write heads of its own, or lead clients and their credentials elsewhere.',
  },
  {
    name: 'limits',
    more: ['count-hot'],
    less: ['without-limits'],
    why: 'How fast one caller and one address may ask, and how much at once.',
  },
  {
    name: 'path and Host',
    more: ['count-hot'],
    less: ['without-maps'],
    why: 'What is judged is what is forwarded: a path is taken in its plain form alone.',
  },
  {
    name: 'the line of log',
    more: ['count-hot'],
    less: ['without-log'],
    why: 'The audit trail. The plain proxy has such a line too.',
  },
]

const REST = 'Proxying, the first VM of njs, the internal redirect, headers that are set and removed.'

const sum = (counts: Counts, points: readonly string[]): number | null =>
  points.reduce<number | null>((total, point) => {
    const count = counts(point)
    return total === null || count === null ? null : total + count
  }, 0)

const difference = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b)

export const priceOf = ({ more, less }: Price, counts: Counts): number | null => difference(sum(counts, more), sum(counts, less))

const BASE = 'count-body-inside'
/** What no gate with these promises can do without. */
const NEEDED = ['SHA-256 of what is asked with', 'the remembered answer', 'a second VM of njs']

/** The cheapest gate that reads the body, and what is needed on top of it; null when a part of it was not counted. */
export function floorOf(counts: Counts): number | null {
  const needed = PRICES.filter(({ name }) => NEEDED.includes(name)).map((price) => priceOf(price, counts))
  return needed.reduce((total, price) => (total === null || price === null ? null : total + price), counts(BASE))
}

export function profileText(run: Run): string {
  const parts = run.parts
  const counts: Counts = (point) => find(run, point)?.extra.instructions ?? null
  const figures = parts.flatMap((part) => part.figures)
  const { nginx = 'unknown', njs = 'unknown' } = run.machine
  return [
    `## ${parts[0]?.title ?? ''}`,
    `Counted ${run.date.slice(0, 10)} at commit ${run.commit}, nginx ${nginx}, njs ${njs}.`,
    table(
      ['', 'name', 'instructions', 'of plain', 'spread'],
      figures.map(({ name, title, extra }) => [
        ...[title, `\`${name}\``, whole(counts(name))],
        ...[percent(ratio(counts(name), counts('count-plain'))), percent(extra.spread)],
      ]),
    ),
    remarks(
      figures,
      parts.flatMap(({ notes }) => notes),
    ),
    '### What a hot call is made of',
    pieces(counts),
    limit(counts),
  ].join('\n\n')
}

function pieces(counts: Counts): string {
  const hot = counts('count-hot')
  const prices = PRICES.map((price) => ({ ...price, price: priceOf(price, counts) }))
  const all = prices.reduce<number | null>((total, { price }) => (total === null || price === null ? null : total + price), 0)
  const rest = { name: 'everything else', price: difference(hot, all), why: REST }
  const rows = [...prices, rest].map(({ name, price, why }) => [name, whole(price), percent(ratio(price, hot)), why])
  return table(['', 'instructions', 'of the call', 'why'], rows, [3])
}

/** What follows from it; nothing when not all of it was counted. */
function limit(counts: Counts): string {
  const [floor, hot, base, plain] = [floorOf(counts), counts('count-hot'), counts(BASE), counts('count-plain')]
  if (floor === null || hot === null || base === null || plain === null)
    return 'Not all of it was counted, so nothing follows for the limit.'
  return (
    `**The limit.** The cheapest gate that reads the body takes ${whole(base)} instructions. With ${NEEDED.join(', ')} on top it is ` +
    `${whole(floor)}, ${short(floor / base)} × as many: no gate takes less that reads calls in this njs, finds decisions in NGINX's cache by a hash of ` +
    `the credential, and has njs look at the answer. That is ${short(floor / plain)} × the ${whole(plain)} of no gate at all. The shipped gate takes ${whole(hot)}, ${short(hot / floor)} × that floor, in which nothing is strict yet. ` +
    'The work of the kernel comes on top; most of it is the same for all of them, which brings the ratios of calls a second closer to 1.'
  )
}
