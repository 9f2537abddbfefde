/** The keys of a user pool for one command, which waits for them instead of refusing what comes before they are there. */
import { createKeyStore, type KeyStore } from '../cognito/keys.ts'
import type { Pool } from '../cognito/pool.ts'
import { createTokenVerifier } from '../cognito/verifier.ts'
import { getDocument } from '../document.ts'
import { whileWaiting } from './waiting.ts'

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
  const keys = createKeyStore({ urls: jwksUrls, get: getDocument, now: () => performance.now(), onFetch: () => resolve() })
  keys.tick()
  return { keys, fetched }
}

/**
 * A verifier of the access tokens of these pools, made when each was asked for its keys once.
 * @param clientIds as the validator's; null for every client of the pools
 */
export async function poolTokenVerifier(
  pools: readonly Pool[],
  clientIds: ReadonlySet<string> | null,
): Promise<ReturnType<typeof createTokenVerifier>> {
  const stores = pools.map((pool) => ({ pool, ...fetchPoolKeys(pool) }))
  await whileWaiting('Fetching the keys of the user pool', Promise.all(stores.map(({ fetched }) => fetched)))
  const keysOf = new Map(stores.flatMap(({ pool, keys }) => pool.issuers.map((issuer) => [issuer, keys] as const)))
  return createTokenVerifier({ keysOf, clientIds, now: () => Date.now() / 1000 })
}
