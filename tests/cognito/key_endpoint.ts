/** A pool's key document behind a network of its own, and a clock that stands still until it is moved. */

import { setImmediate } from 'node:timers/promises'
import { createKeyStore, type KeyStore } from '../../src/cognito/keys.ts'
import type { Bounds, Document, GetDocument } from '../../src/document.ts'
import { jwks } from '../support/documents.ts'
import type { Json } from './forge.ts'

export const URLS = ['https://one.test/jwks.json', 'https://two.test/jwks.json']
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

export interface Fetched {
  url: string
  at: number
  bounds: Bounds
}

export interface Endpoint {
  store: KeyStore
  clock: { time: number }
  fetched: Fetched[]
  /** What `onFetch` was told. */
  told: Json[]
  /** How a fetch is answered; replace it to break the endpoint. */
  answer(url: string): Document | Promise<Document>
  publish(...keys: readonly Json[]): void
  fail(): void
}

export function createEndpoint(keys: readonly Json[] = [], urls: readonly string[] = URLS.slice(0, 1)): Endpoint {
  const clock = { time: 7 * HOUR }
  const fetched: Fetched[] = []
  const told: Json[] = []
  const get: GetDocument = async (url, bounds) => {
    fetched.push({ url, at: clock.time, bounds })
    return self.answer(url)
  }
  const onFetch = (result: object) => told.push({ ...result })
  const self: Endpoint = {
    store: createKeyStore({ urls, get, now: () => clock.time, onFetch }),
    clock,
    fetched,
    told,
    answer: () => jwks(keys),
    publish: (...published) => {
      self.answer = () => jwks(published)
    },
    fail: () => {
      self.answer = () => Promise.reject(new Error('no route'))
    },
  }
  return self
}

/** Waits for the end of a fetch that was begun without waiting for it. */
export async function settled(endpoint: Endpoint): Promise<void> {
  const started = performance.now()
  while (endpoint.told.length < endpoint.fetched.length) {
    if (performance.now() - started > 10_000) throw new Error('the fetch does not end')
    await setImmediate()
  }
}

/** What a kid comes to: `key`, `none` for one that is not published, `unknown` where that cannot be said. */
export async function look({ store }: Endpoint, kid: string): Promise<'key' | 'none' | 'unknown'> {
  const key = await store.find(kid)
  return key === undefined ? 'unknown' : key === null ? 'none' : 'key'
}
