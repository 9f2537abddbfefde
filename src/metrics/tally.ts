/** Decisions, counted: plain numbers that cost next to nothing to add to, and are put into words when somebody asks. */
import type { Policy } from '../gate/policy.ts'
import { REFUSALS, type Reason } from '../gate/refusal.ts'
import type { Decision } from '../gate/reply.ts'

export type AuthMethod = 'none' | 'jwt' | 'session_cookie'

export interface Tally {
  /** Adds a decision. The server's name may be anything; only names that the policy has are kept. */
  decided(decision: Decision, server: string, policy: Policy, microseconds: number): void
  /** The kinds of decisions that there were, and all that are no caller's fault: from none to one is what an alert has to see. */
  outcomes(): { result: 'allow' | 'refuse'; reason: Reason | ''; authMethod: AuthMethod; count: number }[]
  servers(): { server: string; allowed: number; refused: number }[]
  /** How many decisions took no longer than each of {@link BOUNDS} and longer than the one before; last, those that took longer than all. */
  times(): { counts: readonly number[]; microseconds: number }
}

/** Microseconds. */
export const BOUNDS: readonly number[] = [
  20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 300_000, 500_000,
]
/** Servers that are counted by name; a policy may name thousands, and a name once counted stays. */
export const MOST_SERVERS = 200
/** What all others are counted as. It is no server's name. */
export const OTHER_SERVERS = '(other)'

const METHODS: readonly AuthMethod[] = ['none', 'jwt', 'session_cookie']
const OUTCOMES: readonly (Reason | '')[] = ['', ...(Object.keys(REFUSALS) as Reason[])]
/** Where the counts of an outcome begin, one for each method. */
const PLACES: ReadonlyMap<string, number> = new Map(OUTCOMES.map((outcome, index) => [outcome, index * METHODS.length]))

interface OfServer {
  allowed: number
  refused: number
}

export function createTally(): Tally {
  const counts = new Float64Array(OUTCOMES.length * METHODS.length)
  const times = new Float64Array(BOUNDS.length + 1)
  const others: OfServer = { allowed: 0, refused: 0 }
  const servers = new Map<string, OfServer>()
  const total = new Float64Array(1)

  const entryOf = (server: string, policy: Policy): OfServer => {
    const known = servers.get(server)
    if (known !== undefined) return known
    if (servers.size >= MOST_SERVERS || !policy.names(server)) return others
    const added = { allowed: 0, refused: 0 }
    servers.set(server, added)
    return added
  }

  return {
    decided: (decision, server, policy, microseconds) => {
      const { principal } = decision
      const method = principal === null ? 0 : principal.authMethod === 'jwt' ? 1 : 2
      const entry = entryOf(server, policy)
      if (decision.kind === 'allow') {
        add(counts, method)
        entry.allowed += 1
      } else {
        add(counts, (PLACES.get(decision.reason) as number) + method)
        entry.refused += 1
      }
      let bucket = 0
      while (bucket < BOUNDS.length && microseconds > (BOUNDS[bucket] as number)) bucket += 1
      add(times, bucket)
      total[0] = (total[0] as number) + microseconds
    },
    outcomes: () =>
      [...counts].flatMap((count, place) => {
        const reason = OUTCOMES[Math.floor(place / METHODS.length)] as Reason | ''
        const authMethod = METHODS[place % METHODS.length] as AuthMethod
        const told = count > 0 || (authMethod === 'none' && reason !== '' && REFUSALS[reason].status >= 500)
        return told ? [{ result: reason === '' ? ('allow' as const) : ('refuse' as const), reason, authMethod, count }] : []
      }),
    servers: () => [...servers, [OTHER_SERVERS, others] as const].map(([server, entry]) => ({ server, ...entry })),
    times: () => ({ counts: [...times], microseconds: total[0] as number }),
  }
}

const add = (numbers: Float64Array, place: number): void => {
  numbers[place] = (numbers[place] as number) + 1
}
