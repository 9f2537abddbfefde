/** What happens now and then, counted from the start of the process. */
export interface Events {
  faults: number
  policyLoads: number
  policyFailures: number
  /** Seconds since 1970. */
  policyLoadedAt: number
  /** Fetches of keys, by pool id. */
  fetches: Map<string, { ok: number; failed: number }>
  /** Null where there is no shared store. */
  storeAnswers: boolean | null
}

export const createEvents = (pools: readonly string[]): Events => ({
  faults: 0,
  policyLoads: 0,
  policyFailures: 0,
  policyLoadedAt: 0,
  fetches: new Map(pools.map((pool) => [pool, { ok: 0, failed: 0 }])),
  storeAnswers: null,
})
