/** The keys of a user pool for one command, which waits for them instead of refusing what comes before they are there. */
import { createKeyStore, type KeyStore } from '../cognito/keys.ts'
import type { Pool } from '../cognito/pool.ts'

export interface PoolKeys {
  keys: KeyStore
  /** Resolves when the pool was asked once, whatever it answered. */
  fetched: Promise<void>
}

/** Begins to fetch the keys of a pool. */
export function fetchPoolKeys({ jwksUrls }: Pool): PoolKeys {
  let resolve = (): void => {}
  const fetched = new Promise<void>((done) => {
    resolve = done
  })
  const keys = createKeyStore({ urls: jwksUrls, fetch, now: () => performance.now(), onFetch: () => resolve() })
  keys.tick()
  return { keys, fetched }
}
