/** Sealed values: a user's session and whatever else travels through a browser and must come back as it was. */
import { createHash, randomUUID } from 'node:crypto'
import { sealData, unsealData } from 'iron-session'
import type { Verified } from '../gate/decide.ts'
import type { Session } from '../gate/principal.ts'

/** What a seal is for. One made for another purpose does not open, though the key is the same. */
export type Purpose = 'session' | 'probe'

export interface Sealer {
  seal(purpose: Purpose, data: Record<string, unknown>): Promise<string>
  /** The data, or null when the seal is not ours, was changed, or has another purpose. Never rejects. */
  open(purpose: Purpose, seal: string): Promise<Record<string, unknown> | null>
}

/** iron-session's own expiry has a minute of tolerance, so seals carry their own instead. */
const NO_TTL = 0
const FORMAT = /^Fe26\.2\*[0-9]+\*[A-Za-z0-9_*-]+~2$/

/** A number that stays a key's own when keys are added before it and removed behind it. */
const keyId = (key: string): number => createHash('sha256').update(`gatehouse key id ${key}`).digest().readUInt32BE(0)

/**
 * @param keys `SECRET_KEY`s, 32 characters or more each: the first one seals, all of them open
 */
export function createSealer(keys: readonly [string, ...string[]]): Sealer {
  const passwords: Record<string, string> = Object.assign(Object.create(null), Object.fromEntries(keys.map((key) => [keyId(key), key])))
  const [newest] = keys
  return {
    seal: (purpose, data) => sealData({ purpose, data }, { password: { [keyId(newest)]: newest }, ttl: NO_TTL }),
    open: async (purpose, seal) => {
      if (!FORMAT.test(seal)) return null
      try {
        const opened = await unsealData<{ purpose?: unknown; data?: unknown }>(seal, { password: passwords, ttl: NO_TTL })
        if (opened.purpose !== purpose || typeof opened.data !== 'object' || opened.data === null) return null
        return opened.data as Record<string, unknown>
      } catch {
        // The library rejects for some changed seals and gives an empty object for others: both are no seal of ours.
        return null
      }
    },
  }
}

/** Seals a session for the cookie. `ttlSeconds` counts from `now` (seconds since 1970). */
export function sealSession(
  sealer: Sealer,
  user: Pick<Session, 'username' | 'clientId' | 'groups'>,
  now: number,
  ttlSeconds: number,
): Promise<string> {
  const { username, clientId, groups } = user
  return sealer.seal('session', { id: randomUUID(), username, clientId, groups, issuedAt: now, expiresAt: now + ttlSeconds })
}

/**
 * Makes the function that opens session cookies. It resolves to a reason for every bad one and never rejects.
 * @param now seconds since 1970
 */
export function createSessionOpener(sealer: Sealer, now: () => number): (seal: string) => Promise<Verified<Session>> {
  return async function openSession(seal) {
    const data = await sealer.open('session', seal)
    if (!isSession(data)) return { ok: false, reason: 'session_malformed' }
    if (now() >= data.expiresAt) return { ok: false, reason: 'session_expired' }
    return { ok: true, value: data }
  }
}

function isSession(data: unknown): data is Session {
  if (typeof data !== 'object' || data === null) return false
  const { id, username, clientId, groups, issuedAt, expiresAt } = data as Record<string, unknown>
  const texts = [id, username, clientId].every((value) => typeof value === 'string' && value !== '')
  const times = [issuedAt, expiresAt].every((value) => typeof value === 'number' && Number.isFinite(value))
  return texts && times && Array.isArray(groups) && groups.every((group) => typeof group === 'string' && group !== '')
}
