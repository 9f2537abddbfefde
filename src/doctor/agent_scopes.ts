/** What an agent's token opens: the scopes that Cognito has granted against the names in `scopes.yml`. */
import type { KeyStore } from '../cognito/keys.ts'
import { createTokenVerifier } from '../cognito/verifier.ts'
import { refusal } from '../gate/refusal.ts'
import { type Finding, failure, ok, skipped, warning } from './finding.ts'
import type { UsablePolicy } from './policy.ts'
import type { Profile } from './profile.ts'

export interface Grants {
  findings: Finding[]
  /** Null when the token could not be read. */
  scopes: readonly string[] | null
}

/**
 * Verifies the token as the gateway does, and compares.
 * @param now milliseconds since 1970
 */
export async function examineAgentScopes(
  profile: Profile,
  token: string,
  keys: KeyStore | null,
  policy: UsablePolicy | null,
  now: () => number,
): Promise<Grants> {
  const keysOf = new Map(keys === null ? [] : profile.pools.flatMap(({ issuers }) => issuers.map((issuer) => [issuer, keys] as const)))
  if (keysOf.size === 0) return { findings: [skipped('agent-scopes', 'cannot be judged without the keys of the pool')], scopes: null }
  const verified = await createTokenVerifier({ keysOf, clientIds: null, now: () => now() / 1000 })(token)
  if (!verified.ok) {
    const evidence = `the token of ${profile.name} would be refused (${verified.reason}): ${refusal(verified.reason).message}`
    return {
      findings: [failure('agent-scopes', evidence, REMEDIES[verified.reason] ?? 'Check COGNITO_USER_POOL_ID and COGNITO_DOMAIN.')],
      scopes: null,
    }
  }
  const { scopes, clientId } = verified.value
  return { findings: policy === null ? [] : compare(`${clientId} of ${profile.name}`, scopes, policy), scopes }
}

const REMEDIES: Readonly<Record<string, string>> = {
  token_issuer: 'The domain is that of another pool than COGNITO_USER_POOL_ID. Name pool and domain of the same pool.',
  token_key: 'The domain is that of another pool than COGNITO_USER_POOL_ID. Name pool and domain of the same pool.',
  token_not_yet_valid: 'The clock here is behind. Set it by NTP.',
  token_expired: 'The clock here is ahead. Set it by NTP.',
}

const isCustom = (scope: string): boolean => scope.includes('/')

function compare(who: string, scopes: readonly string[], { path, policy, file }: UsablePolicy): Finding[] {
  const known = scopes.filter((scope) => policy.knows(scope))
  const unknown = scopes.filter((scope) => !policy.knows(scope))
  if (known.length === 0) {
    const names = file.scopes.filter(isCustom)
    const held = scopes.length === 0 ? 'no scope' : scopes.join(', ')
    const remedy =
      names.length === 0
        ? `Name one of its scopes in ${path} as a key: RESOURCE_SERVER/SCOPE.`
        : `In Cognito, app client, Login pages, Custom scopes: assign one of ${names.join(', ')}. Or name its own in ${path}.`
    return [failure('agent-scopes', `the token of ${who} carries ${held}, and ${path} knows none of it: it may call nothing`, remedy)]
  }
  const finding = ok('agent-scopes', `the token of ${who} carries ${known.join(', ')}`)
  if (unknown.length === 0) return [finding]
  const remedy = `Name them in ${path} as keys if they are to open something: upper and lower case count, and the resource server's identifier.`
  return [finding, warning('agent-scopes', `the token of ${who} also carries ${unknown.join(', ')}, which ${path} does not know`, remedy)]
}

/** Scopes in the form of Cognito's that nobody has who was asked, and that no group is mapped to: misspelt, perhaps. */
export function checkUnused({ path, file }: UsablePolicy, granted: readonly (readonly string[])[]): Finding[] {
  const held = new Set([...granted.flat(), ...[...file.groups.values()].flat()])
  const unused = file.scopes.filter((scope) => isCustom(scope) && !held.has(scope))
  if (granted.length === 0 || unused.length === 0) return []
  const remedy =
    'Compare with RESOURCE_SERVER/SCOPE in Cognito, to the letter; assign it to an app client or map a group to it. It may also be for an agent that was not asked.'
  return [
    warning('agent-scopes', `${path}: ${unused.join(', ')} is granted to no agent that was asked, and no group is mapped to it`, remedy),
  ]
}
