/** Whether the sign-out URL is registered at the app client. */
import { explainTrouble, isTrouble, type World } from './ask.ts'
import { type Finding, failure, ok, skipped } from './finding.ts'
import type { AppClient, Profile } from './profile.ts'

/** Signs out nobody: it comes without a cookie (AWS developer guide, logout endpoint). */
export async function checkSignOutUrl({ domain, gateway, name }: Profile, client: AppClient, { ask }: World): Promise<Finding> {
  if (gateway === null) return skipped('sign-out-url', `${name} has no usable REGISTRY_URL`)
  const url = `${gateway}/oauth2/signed-out`
  const origin = domain as string
  const answer = await ask({ origin, path: `/logout?${new URLSearchParams({ client_id: client.id, logout_uri: url })}` })
  if (isTrouble(answer)) {
    const { evidence, remedy } = explainTrouble(answer.trouble, origin)
    return failure('sign-out-url', evidence, remedy)
  }
  const { location = '' } = answer.headers
  if ([302, 303].includes(answer.status) && location.split(/[?#]/)[0] === url)
    return ok('sign-out-url', `${url} is registered at ${client.id}`)
  const evidence = `${url} is not registered at ${client.id} of ${name}: Cognito answers ${answer.status}. Users who sign out see its error page`
  return failure('sign-out-url', evidence, `In Cognito, app client, Login pages, Allowed sign-out URLs: add ${url} to the letter.`)
}
