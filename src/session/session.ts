/** The session in the cookie: made at login, opened at every question. */
import { randomUUID } from 'node:crypto'
import type { Verified } from '../gate/decide.ts'
import type { Session } from '../gate/principal.ts'
import { type EndedSessions, StoreUnavailable } from './ended.ts'
import { isPackedGroups, type PackedGroups, packGroups, unpackGroups } from './groups.ts'
import type { Sealer } from './seal.ts'

/** Longest seal, in characters: browsers keep cookies of 4096 bytes, name and attributes included (RFC 6265 section 6.1). */
const MAX_SEAL = 3800

export interface NewSession {
  seal: string
  session: Session
}

/**
 * Seals a session for the cookie.
 * @param now seconds since 1970, from which `ttlSeconds` counts
 * @param isKnown whether a group is mapped to anything
 * @returns null when it would be longer than browsers keep: beyond some 200 groups that are mapped to something
 */
export async function sealSession(
  sealer: Sealer,
  user: Pick<Session, 'username' | 'clientId' | 'groups'>,
  now: number,
  ttlSeconds: number,
  isKnown: (group: string) => boolean = () => true,
): Promise<NewSession | null> {
  const { username, clientId, groups } = user
  const session: Session = { id: randomUUID(), username, clientId, groups, issuedAt: now, expiresAt: now + ttlSeconds }
  const seal = await sealer.seal('session', { ...session, groups: packGroups(groups, isKnown) })
  return seal.length > MAX_SEAL ? null : { seal, session }
}

export interface SessionOpenerOptions {
  sealer: Sealer
  ended: EndedSessions
  /** What counts while the store of ended sessions does not answer: no session, or every one that is not over. */
  whenUnknown: 'closed' | 'open'
  /** App clients; a user must not be named like one. Null when they are not known. */
  clientIds: ReadonlySet<string> | null
  /** The groups that are mapped to something. */
  knownGroups(): readonly string[]
  /** Seconds since 1970. */
  now(): number
}

export type SessionOpener = (seal: string) => Promise<Verified<Session>>

/** Makes the function that opens session cookies. It resolves to a reason for every bad one and never rejects for one. */
export function createSessionOpener(options: SessionOpenerOptions): SessionOpener {
  const { sealer, clientIds, now, knownGroups } = options
  return async function openSession(seal) {
    const data = await sealer.open('session', seal)
    if (!isSession(data) || clientIds?.has(data.username)) return { ok: false, reason: 'session_malformed' }
    if (now() >= data.expiresAt) return { ok: false, reason: 'session_expired' }
    const reason = await endOf(data, options)
    return reason === null ? { ok: true, value: { ...data, groups: unpackGroups(data.groups, knownGroups()) } } : { ok: false, reason }
  }
}

type SealedSession = Omit<Session, 'groups'> & { groups: PackedGroups }

async function endOf(
  session: SealedSession,
  { ended, whenUnknown }: SessionOpenerOptions,
): Promise<'session_ended' | 'session_store_unavailable' | null> {
  try {
    return (await ended.has(session)) ? 'session_ended' : null
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    return whenUnknown === 'open' ? null : 'session_store_unavailable'
  }
}

function isSession(data: unknown): data is SealedSession {
  if (typeof data !== 'object' || data === null) return false
  const { id, username, clientId, groups, issuedAt, expiresAt } = data as Record<string, unknown>
  const texts = [id, username, clientId].every((value) => typeof value === 'string' && value !== '')
  const times = [issuedAt, expiresAt].every((value) => typeof value === 'number' && Number.isFinite(value))
  return texts && times && isPackedGroups(groups)
}
