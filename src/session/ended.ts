/** Which sessions were ended before they expire, and which one-time ids were used. Kept in memory here, for one process. */
import type { Awaitable } from '../gate/awaitable.ts'

export interface EndedSessions {
  /**
   * Takes note of an id until `until` (seconds since 1970). False when it was noted already, and then that note stays as it is:
   * so ids that work only once are kept here too.
   */
  note(id: string, until: number): Promise<boolean>
  /** Ends every session of a user that was sealed at or before `at`, until `until`. A later call moves both forward, never backward. */
  noteUser(username: string, at: number, until: number): Promise<void>
  /** Whether the session was ended, by its id or by its user name. Known at once where no other process has to be asked. */
  has(session: { id: string; username: string; issuedAt: number }): Awaitable<boolean>
  close(): Promise<void>
}

/** Thrown (rejected) when the store cannot answer now. What was to be noted may have been noted all the same. */
export class StoreUnavailable extends Error {}

/** Below this many entries nothing is swept. */
const FEW = 1024

/** Values until their time is over. It holds at most twice as many as were good at the last sweep, or `FEW`. */
interface Expiring<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  readonly size: number
}

function createExpiring<Value extends { until: number }>(now: () => number): Expiring<Value> {
  const entries = new Map<string, Value>()
  let limit = FEW
  const sweep = (): void => {
    const time = now()
    for (const [key, { until }] of entries) if (time >= until) entries.delete(key)
    // Twice what is left: however many are noted, each pays for a few looks in the end.
    limit = Math.max(FEW, 2 * entries.size)
  }
  return {
    get: (key) => {
      const value = entries.get(key)
      return value !== undefined && now() < value.until ? value : undefined
    },
    set: (key, value) => {
      if (entries.size >= limit) sweep()
      entries.set(key, value)
    },
    get size() {
      return entries.size
    },
  }
}

/**
 * A store that is forgotten when the process ends and that no other process sees.
 * @param now seconds since 1970
 */
export function createMemoryStore(now: () => number): EndedSessions & { readonly size: number } {
  const ids = createExpiring<{ until: number }>(now)
  const users = createExpiring<{ at: number; until: number }>(now)
  return {
    note: async (id, until) => {
      if (ids.get(id) !== undefined) return false
      ids.set(id, { until })
      return true
    },
    noteUser: async (username, at, until) => {
      const held = users.get(username) ?? { at, until }
      users.set(username, { at: Math.max(at, held.at), until: Math.max(until, held.until) })
    },
    has: ({ id, username, issuedAt }) => {
      const user = users.get(username)
      // The other way round, a time that is no number would be good for ever.
      return ids.get(id) !== undefined || (user !== undefined && !(issuedAt > user.at))
    },
    close: async () => {},
    get size() {
      return ids.size + users.size
    },
  }
}
