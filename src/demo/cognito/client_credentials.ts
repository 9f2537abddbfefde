/** Which app client sends a request to the token or the revocation endpoint. */
import type { OAuthError } from './form.ts'
import { findClient, type Pool, type PoolClient } from './pool.ts'
import { sameSecret } from './secret.ts'

const WRONG_SECRET: OAuthError = { error: 'invalid_client', error_description: 'invalid_client_secret' }

/**
 * client_secret_basic, client_secret_post, or client_id alone for a public client. A Basic header decides when both are sent.
 * @param authorization the header, if there was one
 */
export function authenticateClient(
  pool: Pool,
  authorization: string | undefined,
  form: URLSearchParams,
): { client: PoolClient } | { refused: OAuthError } {
  const given = authorization === undefined ? { id: form.get('client_id'), secret: form.get('client_secret') } : fromBasic(authorization)
  if (!given) return { refused: { error: 'invalid_client' } }
  if (!given.id) return { refused: { error: 'invalid_request' } }
  const client = findClient(pool, given.id)
  if (!client) return { refused: { error: 'invalid_client' } }
  // A secret from a public client is refused too; what Amazon says to that is not known.
  if (!sameSecret(given.secret ?? '', client.secret ?? '')) return { refused: WRONG_SECRET }
  return { client }
}

/** RFC 7617. Ids and secrets of Cognito are letters and digits, so the form-decoding of RFC 6749 section 2.3.1 changes nothing. */
function fromBasic(header: string): { id: string; secret: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? undefined : { id: text.slice(0, colon), secret: text.slice(colon + 1) }
}
