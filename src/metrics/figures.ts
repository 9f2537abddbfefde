/** What there is to tell of a running validator, as functions that are called when somebody asks. It names no caller and holds no credential. */
import type { KeyStore } from '../cognito/keys.ts'
import type { CountedMemory } from '../credential_memory.ts'
import type { Events } from './events.ts'
import type { Tally } from './tally.ts'

export interface Figures {
  tally: Tally
  events: Events
  /** What is remembered of credentials, by their kind. */
  memories: Readonly<Record<'token' | 'session', Pick<CountedMemory<object>, 'hits' | 'added' | 'size'>>>
  /** The keys of each pool, by its id. */
  keys: ReadonlyMap<string, Pick<KeyStore, 'state'>>
  /** Whether the policy file is refused and an older policy in force. */
  policyBroken(): boolean
  /** Notes of ended sessions in this process's memory; null where a store is shared. */
  ended(): number | null
}
