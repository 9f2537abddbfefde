/** What a change of `scopes.yml` gives and takes, by the gate's own answers before and after. */
import type { Policy } from '../gate/policy.ts'
import type { ScopesFile } from '../scopes/schema.ts'
import { groupsOf, type Holder, heldBy, may, rowsOf, type ServerRows, scopesOf, type Thing } from './grid.ts'
import { ANY } from './rights.ts'

export interface Version {
  policy: Policy
  file: ScopesFile
}

/** Something gained or lost. */
export interface Changed extends Thing {
  /** With all of a kind lost: those that are still open. */
  except: string[]
}

export interface Change {
  who: Holder
  /** Whether both files have the group or scope. */
  since: 'both' | 'new' | 'gone'
  /** `*` for every server but those in `except`. */
  server: string
  except: string[]
  gained: Changed[]
  lost: Changed[]
}

/** The changes by group and then by scope; none when the gate would answer every call of every holder of these alike. */
export function diffPolicies(before: Version, after: Version): Change[] {
  const rows = rowsOf(before.file, after.file)
  return [...bothOf(groupsOf, before, after), ...bothOf(scopesOf, before, after)].flatMap(({ who, since }) => {
    const changes = rows.flatMap((row) => changeOn(row, who, since, before, after))
    return merged(
      changes,
      rows.map(({ server }) => server),
    )
  })
}

type Present = Pick<Change, 'who' | 'since'>

function bothOf(holders: (file: ScopesFile) => Holder[], before: Version, after: Version): Present[] {
  const old = holders(before.file)
  const fresh = holders(after.file)
  const names = (list: Holder[]): Set<string> => new Set(list.map(({ name }) => name))
  const [inOld, inNew] = [names(old), names(fresh)]
  return [
    ...old.map((who): Present => ({ who, since: inNew.has(who.name) ? 'both' : 'gone' })),
    ...fresh.filter(({ name }) => !inOld.has(name)).map((who): Present => ({ who, since: 'new' })),
  ]
}

function changeOn({ server, things }: ServerRows, who: Holder, since: Change['since'], before: Version, after: Version): Change[] {
  const [heldBefore, heldAfter] = [heldBy(who, before.policy), heldBy(who, after.policy)]
  const verdicts = things.map((thing) => ({
    thing,
    was: may(before.policy, heldBefore, server, thing),
    is: may(after.policy, heldAfter, server, thing),
  }))
  const gained = verdicts.filter(({ was, is }) => is && !was).map(({ thing }) => thing)
  const lost = verdicts.filter(({ was, is }) => was && !is).map(({ thing }) => thing)
  if (gained.length + lost.length === 0) return []
  const kept = verdicts.filter(({ is, thing }) => is && thing.name !== ANY).map(({ thing }) => thing)
  return [{ who, since, server, except: [], gained: summed(gained, []), lost: summed(lost, kept) }]
}

/** All of a kind says more than its single members. */
function summed(things: readonly Thing[], kept: readonly Thing[]): Changed[] {
  const whole = new Set(things.filter(({ name }) => name === ANY).map(({ kind }) => kind))
  return things
    .filter(({ kind, name }) => name === ANY || !whole.has(kind))
    .map((thing) => {
      const rest = thing.name === ANY ? kept.filter(({ kind }) => kind === thing.kind) : []
      return { ...thing, except: rest.map(({ name }) => name) }
    })
}

/** Servers on which the same happens as on those that no entry names are told once. */
function merged(changes: Change[], servers: readonly string[]): Change[] {
  const everywhere = changes.find(({ server }) => server === ANY)
  if (everywhere === undefined) return changes
  const keyOf = ({ gained, lost }: Change): string => JSON.stringify([gained, lost])
  const own = changes.filter((change) => keyOf(change) !== keyOf(everywhere))
  const alike = new Set(changes.filter((change) => keyOf(change) === keyOf(everywhere)).map(({ server }) => server))
  return [...own, { ...everywhere, except: servers.filter((server) => !alike.has(server)) }]
}
