/** How often documents are asked for: whoever may name URLs must not be able to make us a load on anybody. */
import { networkOf } from './public_address.ts'

/** Seconds that are counted together. */
const WINDOW = 60
const LIMITS = { host: 10, network: 60, all: 600 } as const
const AT_ONCE = { host: 2, all: 8 } as const

export interface FetchLimits {
  /** A place for one fetch from a host, to be given back by calling what it gives; null when there is none now. */
  enter(host: string): (() => void) | null
  /** Whether these addresses may be reached once more: many names can lead to one victim. */
  mayReach(addresses: readonly string[]): boolean
}

/**
 * At once 8 fetches, 2 of them from one host; a minute 600 fetches, 10 from one host and 60 to one network.
 * What is remembered for that is bounded by the 600.
 * @param now seconds since 1970
 */
export function createFetchLimits(now: () => number): FetchLimits {
  const running = new Map<string, number>()
  let counts = new Map<string, number>()
  let [all, atOnce, since] = [0, 0, now()]
  const turn = (): void => {
    const time = now()
    if (time >= since && time < since + WINDOW) return
    counts = new Map()
    all = 0
    since = time
  }
  const count = (key: string): number => counts.get(key) ?? 0
  return {
    enter: (host) => {
      turn()
      const ofHost = running.get(host) ?? 0
      if (atOnce >= AT_ONCE.all || ofHost >= AT_ONCE.host || all >= LIMITS.all || count(`host ${host}`) >= LIMITS.host) return null
      all += 1
      atOnce += 1
      running.set(host, ofHost + 1)
      counts.set(`host ${host}`, count(`host ${host}`) + 1)
      return () => {
        atOnce -= 1
        const left = (running.get(host) ?? 1) - 1
        if (left === 0) running.delete(host)
        else running.set(host, left)
      }
    },
    mayReach: (addresses) => {
      const networks = [...new Set(addresses.map((address) => `network ${networkOf(address)}`))]
      if (networks.some((network) => count(network) >= LIMITS.network)) return false
      for (const network of networks) counts.set(network, count(network) + 1)
      return true
    },
  }
}
