/**
 * Refresh tokens as MCP clients hold them: Cognito's own, sealed together with the client that it was given to. To Cognito all MCP clients
 * are one app client, so the binding (RFC 6749 section 10.4) is for the gateway to keep.
 */
import type { OAuthService } from './service.ts'

export interface RefreshToken {
  /** Cognito's own. */
  token: string
  clientId: string
  /** `origin_jti` of the access tokens that come of it; null where Cognito names none. */
  signIn: string | null
}

export const sealRefreshToken = ({ sealer }: OAuthService, token: RefreshToken): Promise<string> =>
  sealer.seal('client_refresh', { ...token })

/**
 * @param given what the client sends
 * @returns what it holds, or why the client may not use it: it is none of this gateway's, or another client's
 */
export async function openRefreshToken(
  service: OAuthService,
  given: string,
  clientId: string,
): Promise<RefreshToken | 'unknown' | 'foreign'> {
  const held = (await service.sealer.open('client_refresh', given)) as Partial<RefreshToken> | null
  const why = typeof held?.token !== 'string' ? 'unknown' : held.clientId === clientId ? null : 'foreign'
  if (why === null) return held as RefreshToken
  service.log.warn({ reason: why, client: clientId.slice(0, 64) }, 'refresh token refused')
  return why
}
