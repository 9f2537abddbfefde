/** Sealed values: a user's session and whatever else travels through a browser and must come back as it was. */
import { createHash } from 'node:crypto'
import { sealData, unsealData } from 'iron-session'
import { looksSealed } from './seal_format.ts'

/** What a seal is for. One made for another purpose does not open, though the key is the same. */
export type Purpose =
  | 'session'
  | 'login'
  | 'handover_request'
  | 'handover_code'
  | 'client_request'
  | 'client_state'
  | 'client_code'
  | 'client_refresh'
  | 'client_consent'
  | 'operator'
  | 'probe'

export interface Sealer {
  seal(purpose: Purpose, data: Record<string, unknown>): Promise<string>
  /** The data, or null when the seal is not ours, was changed, or has another purpose. Never rejects. */
  open(purpose: Purpose, seal: string): Promise<Record<string, unknown> | null>
}

/** iron-session's own expiry has a minute of tolerance, so seals carry their own instead. */
const NO_TTL = 0

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
      if (!looksSealed(seal)) return null
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
