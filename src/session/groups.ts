/** The groups of a session, small enough for a cookie however many there are. */
import { createHash } from 'node:crypto'

/** Names, or the digests of names, one after the other in base64url. */
export type PackedGroups = readonly string[] | { digests: string }

/** Bytes of JSON up to which names are kept as they are. */
const ROOM_FOR_NAMES = 1400
/** Bytes of a digest: no two names of a pool's 10,000 groups share one by chance. */
const DIGEST = 8

const digestOf = (group: string): string =>
  createHash('sha256').update(`gatehouse group ${group}`).digest().subarray(0, DIGEST).toString('hex')

/**
 * @param isKnown whether a group is mapped to anything; the others need not travel when room is short
 */
export function packGroups(groups: readonly string[], isKnown: (group: string) => boolean): PackedGroups {
  if (Buffer.byteLength(JSON.stringify(groups)) <= ROOM_FOR_NAMES) return groups
  return { digests: Buffer.from(groups.filter(isKnown).map(digestOf).join(''), 'hex').toString('base64url') }
}

const DIGESTS = new RegExp(`.{${DIGEST * 2}}`, 'g')

const tables = new WeakMap<readonly string[], ReadonlyMap<string, string>>()

/**
 * The names of packed groups: of digests those that are among the known groups, because nothing else can be recognised.
 * @param known the groups that are mapped to something; the same list is looked through once
 */
export function unpackGroups(packed: PackedGroups, known: readonly string[]): readonly string[] {
  if (!('digests' in packed)) return packed
  let table = tables.get(known)
  if (table === undefined) {
    table = new Map(known.map((group) => [digestOf(group), group]))
    tables.set(known, table)
  }
  const digests = Buffer.from(packed.digests, 'base64url').toString('hex').match(DIGESTS) ?? []
  return digests.flatMap((digest) => table.get(digest) ?? [])
}

export function isPackedGroups(value: unknown): value is PackedGroups {
  if (Array.isArray(value)) return value.every((group) => typeof group === 'string' && group !== '')
  return typeof value === 'object' && value !== null && typeof (value as { digests?: unknown }).digests === 'string'
}
