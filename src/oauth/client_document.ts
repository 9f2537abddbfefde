/**
 * Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document-02): MCP clients whose id is a URL, where they say who they are.
 * The MCP authorization spec asks for them since 2025-11-25. Everything here is on behalf of strangers.
 */
import { createDocumentCache, freshFor } from './client_document_cache.ts'
import { type Problem, readDocument } from './client_document_content.ts'
import { fetchDocument, INTERNET, type Network } from './client_document_fetch.ts'
import { createFetchLimits } from './client_document_limits.ts'
import { isDocumentUrl } from './client_document_url.ts'

export { isDocumentUrl }

/** What of a client's document was checked. */
export interface ClientDocument {
  /** The URL that it came from, to the letter. */
  clientId: string
  /** One line of at most 64 visible characters that nobody vouches for; null when there is none. */
  name: string | null
  /** Its home page, on the origin of the document; null when there is none there. */
  uri: string | null
  /** 1 to 20 absolute URIs in ASCII, of any scheme. Whether codes may go there is for others to say. */
  redirectUris: readonly string[]
}

export type DocumentFailure =
  | 'client_id_invalid'
  | 'host_not_allowed'
  | 'address_not_public'
  | 'unreachable'
  | 'too_large'
  | 'not_json'
  | 'client_id_mismatch'
  | 'document_invalid'
  | 'busy'

export type FoundDocument = { ok: true; value: ClientDocument } | { ok: false; reason: DocumentFailure; detail: string }

export interface ClientDocuments {
  /**
   * The document of a client, kept or got now. Never rejects. `detail` is a sentence for the log, without the URL's query and
   * without a word of the document.
   */
  get(clientId: string): Promise<FoundDocument>
}

export interface ClientDocumentOptions {
  /** Whose documents count. */
  hosts: '*' | ReadonlySet<string>
  /** Seconds since 1970. */
  now(): number
  /** Left out: the Internet. */
  network?: Network
}

/**
 * Gets documents and keeps them for 5 minutes to a day. No failure is kept (section 5.2 of the draft): that failures cannot be used to
 * make us ask and ask is for the limits. Where these forbid to look for a newer document, one of the last 24 hours does.
 */
export function createClientDocuments({ hosts, now, network = INTERNET }: ClientDocumentOptions): ClientDocuments {
  const cache = createDocumentCache(now)
  const limits = createFetchLimits(now)
  const underway = new Map<string, Promise<FoundDocument>>()

  const renew = async (clientId: string): Promise<FoundDocument> => {
    const leave = limits.enter(new URL(clientId).hostname)
    if (leave === null) return failure(clientId, { ok: false, reason: 'busy', detail: 'too many documents are being asked for' })
    try {
      const fetched = await fetchDocument(clientId, network, limits.mayReach)
      const found = fetched.ok ? readDocument(fetched.body, clientId) : fetched
      if (found.ok && fetched.ok) cache.set(found.value, freshFor(fetched.headers))
      else if (!found.ok && found.reason !== 'busy') cache.delete(clientId)
      return found.ok ? found : failure(clientId, found)
    } finally {
      leave()
    }
  }
  const renewOnce = (clientId: string): Promise<FoundDocument> => {
    const running = underway.get(clientId) ?? renew(clientId).finally(() => underway.delete(clientId))
    underway.set(clientId, running)
    return running
  }
  return {
    get: async (clientId) => {
      if (!isDocumentUrl(clientId))
        return { ok: false, reason: 'client_id_invalid', detail: 'the client id is not a URL that documents are got from' }
      if (hosts !== '*' && !hosts.has(new URL(clientId).hostname))
        return failure(clientId, { ok: false, reason: 'host_not_allowed', detail: 'documents of its host are not accepted' })
      const kept = cache.get(clientId)
      if (kept?.fresh) return { ok: true, value: kept.document }
      const found = await renewOnce(clientId)
      return !found.ok && found.reason === 'busy' && kept !== null ? { ok: true, value: kept.document } : found
    },
  }
}

/** Says which document, without the query: that may hold what is no business of a log. */
function failure(clientId: string, { reason, detail }: Problem): Problem {
  const { origin, pathname } = new URL(clientId)
  return { ok: false, reason, detail: `${origin}${pathname}: ${detail}` }
}
