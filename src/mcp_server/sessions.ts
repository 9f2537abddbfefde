/** The sessions of one transport: limited in number, closed when nobody uses them. */
export interface Sessions<T> {
  add(id: string, transport: T): void
  get(id: string): T | undefined
  remove(id: string): void
  /** Marks a session as in use until the function given back is called: an open stream keeps its session alive. */
  hold(id: string): () => void
  size(): number
  closeAll(): Promise<void>
}

interface Entry<T> {
  transport: T
  inUse: number
  lastUsed: number
}

/**
 * @param max when one more arrives, the session unused for longest is closed
 * @param idleMs an unused session is closed after this long; Infinity for never
 */
export function createSessions<T extends { close(): Promise<void> }>(max: number, idleMs: number): Sessions<T> {
  const entries = new Map<string, Entry<T>>()
  const close = async (id: string) => {
    const entry = entries.get(id)
    entries.delete(id)
    await entry?.transport.close()
  }
  const closeIdle = () => {
    for (const [id, entry] of entries) {
      if (entry.inUse === 0 && Date.now() - entry.lastUsed >= idleMs) close(id)
    }
  }
  const timer = setInterval(closeIdle, Math.min(60_000, Math.max(10, idleMs / 4))).unref()
  return {
    add(id, transport) {
      if (entries.size >= max) close(leastUsed(entries))
      entries.set(id, { transport, inUse: 0, lastUsed: Date.now() })
    },
    get: (id) => entries.get(id)?.transport,
    remove: (id) => void entries.delete(id),
    hold(id) {
      const entry = entries.get(id)
      if (!entry) return () => {}
      entry.inUse += 1
      return () => {
        entry.inUse -= 1
        entry.lastUsed = Date.now()
      }
    },
    size: () => entries.size,
    async closeAll() {
      clearInterval(timer)
      await Promise.all([...entries.keys()].map(close))
    },
  }
}

/** Idle ones first, and among them the one that has been so for longest. */
function leastUsed<T>(entries: Map<string, Entry<T>>): string {
  const order = [...entries].sort(([, a], [, b]) => Math.min(a.inUse, 1) - Math.min(b.inUse, 1) || a.lastUsed - b.lastUsed)
  return order[0]?.[0] ?? ''
}
