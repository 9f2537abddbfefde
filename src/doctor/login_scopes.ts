/** Whether the app client may have the scopes that a login asks for, and which one it may not. */

import type { World } from './ask.ts'
import { type AuthorizeAnswer, askAuthorize } from './authorize.ts'
import { type Finding, failure, ok, skipped } from './finding.ts'
import type { AppClient, Profile } from './profile.ts'

/** @param registered a callback URL of the client: to any other Cognito says nothing about scopes */
export async function checkLoginScopes(profile: Profile, client: AppClient, registered: string | null, world: World): Promise<Finding> {
  const asked = profile.loginScopes.join(' ')
  if (registered === null) return skipped('login-scopes', 'cannot be tried before a callback URL is registered')
  const isRefused = async (scopes: readonly string[]): Promise<boolean | null> =>
    refusesScope(await askAuthorize({ domain: profile.domain as string, clientId: client.id, redirectUri: registered, scopes }, world))
  const refused = await isRefused(profile.loginScopes)
  if (refused === null) return skipped('login-scopes', `Cognito's answer does not tell whether ${client.id} may have ${asked}`)
  if (!refused) return ok('login-scopes', `${client.id} may have ${asked}`)
  const alone = await Promise.all(
    profile.loginScopes.map(async (scope) => ((await isRefused([...new Set(['openid', scope])])) ? [scope] : [])),
  )
  const culprits = alone.flat().join(', ') || asked
  const remedy = `In Cognito, app client, Login pages, OpenID Connect scopes: allow ${culprits}. Or leave it out of LOGIN_SCOPES in ${profile.name}.`
  return failure('login-scopes', `${client.id} may not have ${culprits} (invalid_scope)`, remedy)
}

/** Cognito was seen to say it in the description, and documents it as the error. */
function refusesScope(answer: AuthorizeAnswer): boolean | null {
  if (answer.kind === 'login') return false
  if (answer.kind === 'callback') return [answer.error, answer.description].includes('invalid_scope') ? true : null
  return answer.kind === 'error_page' ? /invalid.scope/i.test(answer.error) || null : null
}
