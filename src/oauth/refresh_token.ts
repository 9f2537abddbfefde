/**
 * Refresh tokens as MCP clients hold them: Cognito's own, sealed together with the client that it was given to. To Cognito all MCP clients
 * are one app client, so the binding (RFC 6749 section 10.4) is for the gateway to keep.
 */
import type { Sealer } from '../session/seal.ts'

export const sealRefreshToken = (sealer: Sealer, token: string, clientId: string): Promise<string> =>
  sealer.seal('client_refresh', { token, clientId })

/**
 * @param given what the client sends
 * @returns Cognito's token, or why the client may not use this one
 */
export async function openRefreshToken(
  sealer: Sealer,
  given: string,
  clientId: string,
): Promise<{ token: string } | 'unknown' | 'foreign'> {
  const held = await sealer.open('client_refresh', given)
  if (typeof held?.token !== 'string') return 'unknown'
  return held.clientId === clientId ? { token: held.token } : 'foreign'
}
