/** Who asks for tokens: an MCP client, by the id that it was given here or by a document of its own. */
import { isDocumentUrl } from './client_document.ts'
import { cleanClientName } from './client_name.ts'
import { knownClient } from './known_clients.ts'
import { isLoopback, isRedirectUri, isSameRedirect } from './redirect_uri.ts'
import type { OAuthService } from './service.ts'

export interface McpClient {
  id: string
  /** What it calls itself; null when it has not said. */
  name: string | null
  /** The host that vouches for it by a document; null for one that was registered. */
  host: string | null
  allows(redirectUri: string): boolean
}

export type FoundClient = { ok: true; client: McpClient } | { ok: false; reason: 'client_unknown' | 'client_document'; detail: string }

/** Characters of a name that travel in a client id. */
const LONGEST_NAME = 64

/**
 * The id of the one app client, followed by what the client calls itself: there is no other place to keep that. Whoever makes up an id
 * says no more than they could have registered.
 */
export function clientIdFor(appClient: string, name: string | null): string {
  if (name === null) return appClient
  return `${appClient}.${Buffer.from([...name].slice(0, LONGEST_NAME).join('')).toString('base64url')}`
}

/** @param id as the client sent it */
export async function findClient(id: string, service: OAuthService): Promise<FoundClient> {
  if (service.documents !== null && isDocumentUrl(id)) return findDocument(id, service)
  const appClient = service.mcp?.clientId ?? ''
  const name = nameIn(id, appClient)
  if (name === undefined) return { ok: false, reason: 'client_unknown', detail: id.slice(0, 100) }
  return { ok: true, client: { id, name, host: null, allows: (uri) => isAllowed(uri, service) } }
}

/**
 * Whether it can be the id of a client at all. Enough where a code is bound to the id already, and where a document that cannot be fetched
 * just now must not end what was begun with it.
 */
export const isClientId = (id: string, { documents, mcp }: OAuthService): boolean =>
  (documents !== null && isDocumentUrl(id)) || nameIn(id, mcp?.clientId ?? '') !== undefined

/** Undefined when the id is not of this app client. */
function nameIn(id: string, appClient: string): string | null | undefined {
  if (id === appClient) return null
  const encoded = id.startsWith(`${appClient}.`) ? id.slice(appClient.length + 1) : ''
  const name = Buffer.from(encoded, 'base64url').toString()
  return encoded !== '' && id.length <= 512 && cleanClientName(name) === name && clientIdFor(appClient, name) === id ? name : undefined
}

async function findDocument(id: string, service: OAuthService): Promise<FoundClient> {
  const found = await service.documents?.get(id)
  if (!found?.ok) return { ok: false, reason: 'client_document', detail: `${found?.reason}: ${found?.detail}` }
  const { name, redirectUris } = found.value
  const { host } = new URL(id)
  const allows = (uri: string): boolean =>
    redirectUris.some((registered) => isSameRedirect(registered, uri)) && (isAllowed(uri, service) || isOfHost(uri, host, service))
  return { ok: true, client: { id, name, host, allows } }
}

/** A document proves that its host wants the code. */
const isOfHost = (uri: string, host: string, service: OAuthService): boolean =>
  isRedirectUri(uri) && uri.startsWith('https:') && new URL(uri).host === host && !isOwn(uri, service)

/** What was registered is not remembered, so that any validator can answer: the policy alone says where codes may go. */
export function isAllowed(uri: string, service: OAuthService): boolean {
  const { redirects } = service.mcp ?? {}
  if (redirects === undefined || !isRedirectUri(uri) || isOwn(uri, service)) return false
  if (redirects.exact.has(uri)) return true
  return (redirects.loopback && isLoopback(uri)) || (redirects.known && knownClient(uri) !== null)
}

/** The gateway's own address leads to MCP servers, which must not get codes. On a user's computer it has several names. */
function isOwn(uri: string, { gateway }: OAuthService): boolean {
  const [asked, own] = [new URL(uri), new URL(gateway)]
  return asked.origin === own.origin || (isLoopback(uri) && isLoopback(`${gateway}/`) && asked.port === own.port)
}
