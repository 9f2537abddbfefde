/** Who a credential is, by the gateway's word. */
import type { Environment } from '../settings.ts'
import { askGateway, GatewayAway, gatewayRefusal, isListOfTexts, isText, isTime } from './ask_gateway.ts'
import { cookieHeader } from './cookie_header.ts'
import { readGatewaySettings } from './settings.ts'
import type { Credential } from './whoami_credential.ts'
import type { Identity } from './whoami_identity.ts'

/** @throws {CommandError} or {ConfigError} */
export async function identify(credential: Credential, env: Environment): Promise<Identity> {
  const settings = readGatewaySettings(env)
  const { gateway } = settings
  const headers: Record<string, string> =
    credential.kind === 'token' ? { authorization: `Bearer ${credential.token}` } : { cookie: cookieHeader(credential.cookie, settings) }
  const answer = await askGateway(gateway, '/oauth2/whoami', { headers: { accept: 'application/json', ...headers } })
  if (answer.status !== 200) throw gatewayRefusal(gateway, answer)
  const { user, client_id, auth_method, groups, scopes, servers, expires_at } = answer.body
  const known = auth_method === 'jwt' || auth_method === 'session_cookie'
  const lists = isListOfTexts(groups) && isListOfTexts(scopes) && isListOfTexts(servers)
  if (!known || !isText(user) || !isText(client_id) || !lists || !isTime(expires_at)) throw new GatewayAway(gateway, 'not an identity')
  return { user, client_id, auth_method, groups, scopes, servers, expires_at }
}
