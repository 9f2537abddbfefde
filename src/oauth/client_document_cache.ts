/** Documents that were got and checked, for as long as their hosts allow and within our own bounds (the draft's section 5.2). */
import type { IncomingHttpHeaders } from 'node:http'
import type { ClientDocument } from './client_document.ts'

const MAX_DOCUMENTS = 256
/** Seconds. */
const SHORTEST = 300
const LONGEST = 24 * 3600
/** Seconds, for what should not be kept at all: one sign-in reads its document several times. */
const UNKEPT = 60

export interface DocumentCache {
  /** `fresh` false: it must be asked for again, and may stand in only when that is not possible for our own limits. */
  get(clientId: string): { document: ClientDocument; fresh: boolean } | null
  /** @param seconds for which it is fresh */
  set(document: ClientDocument, seconds: number): void
  delete(clientId: string): void
  readonly size: number
}

/**
 * Keeps the 256 documents that were used last, none longer than a day.
 * @param now seconds since 1970
 */
export function createDocumentCache(now: () => number): DocumentCache {
  const entries = new Map<string, { document: ClientDocument; at: number; seconds: number }>()
  return {
    get: (clientId) => {
      const entry = entries.get(clientId)
      if (entry === undefined) return null
      entries.delete(clientId)
      const age = now() - entry.at
      // A clock that was set back says nothing of the age.
      if (!(age >= 0 && age < LONGEST)) return null
      entries.set(clientId, entry)
      return { document: entry.document, fresh: age < entry.seconds }
    },
    set: (document, seconds) => {
      entries.delete(document.clientId)
      entries.set(document.clientId, { document, at: now(), seconds })
      for (const oldest of entries.keys()) {
        if (entries.size <= MAX_DOCUMENTS) break
        entries.delete(oldest)
      }
    },
    delete: (clientId) => {
      entries.delete(clientId)
    },
    get size() {
      return entries.size
    },
  }
}

/** Seconds for which an answer is fresh: RFC 9111 sections 4.2.1 (a shared cache) and 5.2.2, kept between 5 minutes and a day. */
export function freshFor(headers: IncomingHttpHeaders): number {
  const directives = (headers['cache-control'] ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())
  const seconds = (name: string): number | null => {
    const [, digits] = directives.map((part) => new RegExp(`^${name}="?(\\d{1,10})"?$`).exec(part)).find((found) => found !== null) ?? []
    return digits === undefined ? null : Number(digits)
  }
  const age = /^\d{1,10}$/.test(headers.age ?? '') ? Number(headers.age) : 0
  const told = seconds('s-maxage') ?? seconds('max-age')
  if (told === 0 || directives.some((part) => /^(?:no-store|no-cache|private)(?:=|$)/.test(part))) return UNKEPT
  return Math.max(SHORTEST, Math.min(LONGEST, (told ?? SHORTEST) - age))
}
