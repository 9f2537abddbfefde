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

export interface CountedMemory<V> extends CredentialMemory<V> {
  /** How often something was found, how often something was added, and how many are held now. */
  readonly hits: number
  readonly added: number
  readonly size: number
}

/** Entries, and characters in all of them together: a few megabytes. */
const MOST = 10_000
const MOST_CHARACTERS = 10_000_000

export const keyOf = (credential: string): CredentialKey => hash('sha256', credential, 'base64url') as CredentialKey

export function createCredentialMemory<V extends object>(most = MOST): CountedMemory<V> {
  const entries = new LRUCache<CredentialKey, V>({ max: most, maxSize: MOST_CHARACTERS })
  let hits = 0
  let added = 0
  return {
    get: (key) => {
      const found = entries.get(key)
      if (found !== undefined) hits += 1
      return found
    },
    set: (key, value, size) => {
      added += 1
      entries.set(key, value, { size })
    },
    delete: (key) => {
      entries.delete(key)
    },
    get hits() {
      return hits
    },
    get added() {
      return added
    },
    get size() {
      return entries.size
    },
  }
}
