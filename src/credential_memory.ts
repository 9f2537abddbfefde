/** What was found out about credentials, remembered without them: by SHA-256 digest, and no more than has room. */
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** A digest; nobody finds another credential that has it. */
export type CredentialKey = string & { readonly credentialKey: unique symbol }

export interface CredentialMemory<V> {
  get(key: CredentialKey): V | undefined
  /** @param size of what is remembered, in characters or more; those that were not asked for the longest make room */
  set(key: CredentialKey, value: V, size: number): void
  delete(key: CredentialKey): void
}

/** Entries, and characters in all of them together: a few megabytes. */
const MOST = 10_000
const MOST_CHARACTERS = 10_000_000

export const keyOf = (credential: string): CredentialKey => hash('sha256', credential, 'base64url') as CredentialKey

export function createCredentialMemory<V extends object>(most = MOST): CredentialMemory<V> {
  const entries = new LRUCache<CredentialKey, V>({ max: most, maxSize: MOST_CHARACTERS })
  return {
    get: (key) => entries.get(key),
    set: (key, value, size) => {
      entries.set(key, value, { size })
    },
    delete: (key) => {
      entries.delete(key)
    },
  }
}
