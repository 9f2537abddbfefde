/** Whether the app client may have the scopes that a login asks for, and which one it may not. */
import type { World } from './ask.ts'
import { type Finding, failure, ok, skipped } from './finding.ts'
import type { AppClient, Profile } from './profile.ts'
import { refusedScopes } from './refused_scopes.ts'

/** @param registered a callback URL of the client: to any other Cognito says nothing about scopes */
export async function checkLoginScopes(profile: Profile, client: AppClient, registered: string | null, world: World): Promise<Finding> {
  const asked = profile.loginScopes.join(' ')
  if (registered === null) return skipped('login-scopes', 'cannot be tried before a callback URL is registered')
  const question = { domain: profile.domain as string, clientId: client.id, redirectUri: registered }
  const refused = await refusedScopes(question, profile.loginScopes, ['openid'], world)
  if (refused === null) return skipped('login-scopes', `Cognito's answer does not tell whether ${client.id} may have ${asked}`)
  if (refused.length === 0) return ok('login-scopes', `${client.id} may have ${asked}`)
  const culprits = refused.join(', ')
  const remedy = `In Cognito, app client, Login pages, OpenID Connect scopes: allow ${culprits}. Or leave it out of LOGIN_SCOPES in ${profile.name}.`
  return failure('login-scopes', `${client.id} may not have ${culprits} (invalid_scope)`, remedy)
}
