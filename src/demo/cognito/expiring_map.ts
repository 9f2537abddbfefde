/** A map in memory that cannot grow without end: entries expire, and the oldest one makes room when it is full. */
export interface ExpiringMap<T> {
  put(key: string, value: T): void
  /** The value, unless it has expired. */
  get(key: string): T | undefined
  /** The value, which is gone afterwards: for what may be used once. */
  take(key: string): T | undefined
}

/**
 * @param seconds how long an entry lives
 * @param max how many entries at most
 * @param now the clock in milliseconds
 */
export function createExpiringMap<T>(seconds: number, max: number, now: () => number): ExpiringMap<T> {
  const entries = new Map<string, { value: T; until: number }>()

  // All entries live equally long, so the first of the map is always the next to expire.
  const sweep = () => {
    for (const [key, entry] of entries) {
      if (entry.until > now() && entries.size <= max) return
      entries.delete(key)
    }
  }
  const get = (key: string) => {
    const entry = entries.get(key)
    return entry && entry.until > now() ? entry.value : undefined
  }
  return {
    get,
    put(key, value) {
      entries.delete(key)
      entries.set(key, { value, until: now() + seconds * 1000 })
      sweep()
    },
    take(key) {
      const value = get(key)
      entries.delete(key)
      return value
    },
  }
}
