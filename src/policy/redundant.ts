/** Entries that change nothing, because another entry of the same scope opens all that they open. */
import type { Opened, Rule } from '../gate/policy.ts'
import type { Entry } from './entries.ts'
import { ANY, openedBy } from './rights.ts'
import { type Warning, warning } from './warning.ts'

const sorted = (opened: Opened): Opened => (opened === ANY ? ANY : [...new Set(opened)].sort())

const keyOf = ({ scope, server, methods, tools, prompts, resources }: Rule): string =>
  JSON.stringify([scope, server, ...[methods, tools, prompts, resources].map(sorted)])

/** Entries that say the same as an earlier one. */
export function repeatedEntries(entries: readonly Entry[]): Warning[] {
  const first = new Map<string, Entry>()
  return entries.flatMap((entry) => {
    const key = keyOf(entry.rule)
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, entry)
    return earlier === undefined ? [] : [warning('duplicate', [entry.scope, entry.index], `says the same as [${earlier.index}]`)]
  })
}

const isWide = ({ server, methods, tools, prompts, resources }: Rule): boolean => [server, methods, tools, prompts, resources].includes(ANY)

/** All that an entry opens, to look things up in. */
const reachOf = (rule: Rule): Set<string> => new Set([...openedBy(rule)].map(([kind, name]) => `${kind} ${name}`))

/** Whether all that the narrow entry opens, and that is something, is within the reach of another one. */
function covers(reach: ReadonlySet<string>, narrow: Rule): boolean {
  const opened = [...openedBy(narrow)]
  return opened.length > 0 && opened.every(([kind, name]) => reach.has(`${kind} ${name}`) || reach.has(`${kind} ${ANY}`))
}

interface Wide {
  entry: Entry
  reach: Set<string>
}

const placeOf = (scope: string, server: string): string => `${scope} ${server}`

function wideEntries(entries: readonly Entry[]): Map<string, Wide[]> {
  const found = new Map<string, Wide[]>()
  for (const entry of entries.filter(({ rule }) => isWide(rule))) {
    const place = placeOf(entry.scope, entry.rule.server)
    const here = found.get(place) ?? []
    here.push({ entry, reach: reachOf(entry.rule) })
    found.set(place, here)
  }
  return found
}

/** Of two entries that cover each other, and so differ in words alone, the later one is superfluous. */
function isShadow({ entry, reach }: Wide, { rule, index }: Entry): boolean {
  if (entry.index === index || !covers(reach, rule)) return false
  return entry.index < index || entry.rule.server !== rule.server || !covers(reachOf(rule), entry.rule)
}

/** Entries that a `*` in another entry of their scope makes superfluous. */
export function shadowedEntries(entries: readonly Entry[]): Warning[] {
  const wide = wideEntries(entries)
  const saidBefore = new Set<string>()
  return entries.flatMap((entry) => {
    const { scope, index, rule } = entry
    const key = keyOf(rule)
    // A repeated entry is reported as such.
    if (saidBefore.has(key)) return []
    saidBefore.add(key)
    const candidates = [...new Set([rule.server, ANY])].flatMap((server) => wide.get(placeOf(scope, server)) ?? [])
    const by = candidates.find((other) => isShadow(other, entry))
    return by === undefined ? [] : [warning('shadowed', [scope, index], `changes nothing: the "*" of [${by.entry.index}] opens all of it`)]
  })
}
