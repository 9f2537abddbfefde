/** The session in the cookie: made at login, opened at every question. */
import { randomUUID } from 'node:crypto'
import { type CredentialMemory, createCredentialMemory, keyOf } from '../credential_memory.ts'
import { type Awaitable, andThen } from '../gate/awaitable.ts'
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

export type SessionOpener = (seal: string) => Awaitable<Verified<Session>>

/** Makes the function that opens session cookies. It resolves to a reason for every bad one and never rejects for one. */
export function createSessionOpener(options: SessionOpenerOptions): SessionOpener {
  return async function openSession(seal) {
    const data = await unseal(seal, options)
    return data === null ? MALFORMED : admit({ data, known: null, session: null }, options)
  }
}

/**
 * Likewise, with what was sealed remembered, because opening a seal costs a millisecond of work. Whether the session is over or was ended is
 * asked for every time. It gives the same object again while the groups that are mapped to something are the same.
 */
export function createRememberingOpener(
  options: SessionOpenerOptions,
  memory: CredentialMemory<Opened> = createCredentialMemory(),
): SessionOpener {
  return function openSession(seal) {
    const key = keyOf(seal)
    const remembered = memory.get(key)
    if (remembered !== undefined) {
      if (isOver(remembered, options)) memory.delete(key)
      return admit(remembered, options)
    }
    return unseal(seal, options).then((data) => {
      if (data === null) return MALFORMED
      const opened: Opened = { data, known: null, session: null }
      if (!isOver(opened, options)) memory.set(key, opened, seal.length)
      return admit(opened, options)
    })
  }
}

const MALFORMED = { ok: false, reason: 'session_malformed' } as const

type SealedSession = Omit<Session, 'groups'> & { groups: PackedGroups }

export interface Opened {
  data: SealedSession
  /** The groups by which `session` was unpacked. */
  known: readonly string[] | null
  session: Verified<Session> | null
}

async function unseal(seal: string, { sealer, clientIds }: SessionOpenerOptions): Promise<SealedSession | null> {
  const data = await sealer.open('session', seal)
  return isSession(data) && !clientIds?.has(data.username) ? data : null
}

const isOver = ({ data }: Opened, { now }: SessionOpenerOptions): boolean => now() >= data.expiresAt

/** What depends on the time, on the store and on the policy. */
function admit(opened: Opened, options: SessionOpenerOptions): Awaitable<Verified<Session>> {
  if (isOver(opened, options)) return { ok: false, reason: 'session_expired' }
  return andThen(endOf(opened.data, options), (reason) =>
    reason === null ? unpacked(opened, options.knownGroups()) : { ok: false, reason },
  )
}

function unpacked(opened: Opened, known: readonly string[]): Verified<Session> {
  if (opened.session === null || opened.known !== known) {
    opened.known = known
    opened.session = { ok: true, value: { ...opened.data, groups: unpackGroups(opened.data.groups, known) } }
  }
  return opened.session
}

function endOf(
  session: SealedSession,
  { ended, whenUnknown }: SessionOpenerOptions,
): Awaitable<'session_ended' | 'session_store_unavailable' | null> {
  const told = (has: boolean) => (has ? 'session_ended' : null)
  const unknown = (error: unknown) => {
    if (!(error instanceof StoreUnavailable)) throw error
    return whenUnknown === 'open' ? null : 'session_store_unavailable'
  }
  const has = ended.has(session)
  return has instanceof Promise ? has.then(told, unknown) : told(has)
}

function isSession(data: unknown): data is SealedSession {
  if (typeof data !== 'object' || data === null) return false
  const { id, username, clientId, groups, issuedAt, expiresAt } = data as Record<string, unknown>
  const texts = [id, username, clientId].every((value) => typeof value === 'string' && value !== '')
  const times = [issuedAt, expiresAt].every((value) => typeof value === 'number' && Number.isFinite(value))
  return texts && times && isPackedGroups(groups)
}
