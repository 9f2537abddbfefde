/** An operator's order to a running validator: sealed with the key that only the two have, good for a minute. */
import type { EndedSessions } from './ended.ts'
import type { Sealer } from './seal.ts'

/** Seconds. */
const LIFE = 60
/** Longer than any session lasts, in seconds. */
export const LONGEST_SESSION = 30 * 86_400

/** @param now seconds since 1970 */
export const sealRevocation = (sealer: Sealer, username: string, now: number): Promise<string> =>
  sealer.seal('operator', { action: 'revoke_user', username, expiresAt: now + LIFE })

/**
 * Carries out an order to end all sessions of a user.
 * @returns the user's name, or null when it is no order, or an old one
 * @throws {StoreUnavailable}
 */
export async function carryOut(order: string, sealer: Sealer, ended: EndedSessions, now: number): Promise<string | null> {
  const { action, username, expiresAt } = (await sealer.open('operator', order)) ?? {}
  if (action !== 'revoke_user' || typeof username !== 'string' || typeof expiresAt !== 'number' || now >= expiresAt) return null
  await ended.noteUser(username, now, now + LONGEST_SESSION)
  return username
}
