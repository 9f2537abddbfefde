/** Whether the pool's domain is there, which is where tokens and logins are asked for: another host than the issuer's. */
import { explainTrouble, isTrouble, type World } from './ask.ts'
import { type Finding, failure, ok } from './finding.ts'
import type { Profile } from './profile.ts'

/** @param tokenEndpoint where the pool itself says that its token endpoint is, or null */
export async function checkDomain(
  { name, domain, domainIsDerived, gateway }: Profile,
  tokenEndpoint: string | null,
  { ask }: World,
): Promise<Finding> {
  const origin = domain as string
  const advice = hint(origin, tokenEndpoint)
  const source = domainIsDerived ? `derived from the pool id, as ${name} has no COGNITO_DOMAIN` : `COGNITO_DOMAIN of ${name}`
  const set = 'Set COGNITO_DOMAIN to what the Cognito console shows under Branding, Domain.'
  // It has endpoints of the same names, for MCP clients.
  if (origin === gateway) return failure('domain', `${origin} is the gateway itself; it is ${source}`, advice ?? set)
  const answer = await ask({ origin, path: '/oauth2/authorize' })
  if (isTrouble(answer)) {
    const { evidence, remedy } = explainTrouble(answer.trouble, origin)
    return failure(
      'domain',
      `${evidence}; it is ${source}`,
      advice ?? `${remedy} The Cognito console shows the domain under Branding, Domain.`,
    )
  }
  // Without parameters Cognito leads to its own error page, or answers 400.
  if (![302, 303, 400, 401, 403, 405].includes(answer.status)) {
    const evidence = `${origin}/oauth2/authorize answers ${answer.status}, which no Cognito domain does; it is ${source}`
    return failure('domain', evidence, advice ?? set)
  }
  const note = advice === null ? '' : `; the pool itself names ${new URL(tokenEndpoint as string).origin}`
  return ok('domain', `${origin} answers${note}`)
}

/** What the pool itself says of its domain, when that is something else. */
export function hint(domain: string, tokenEndpoint: string | null): string | null {
  if (tokenEndpoint === null || !URL.canParse(tokenEndpoint)) return null
  const { origin } = new URL(tokenEndpoint)
  return origin === domain ? null : `The pool itself names ${origin}: set COGNITO_DOMAIN=${origin}`
}
