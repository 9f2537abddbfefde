/** Who the gateway takes somebody for: an agent by its token, a user by the saved session. */
import { type Answer, isTrouble, objectOf, type World } from './ask.ts'
import { type Check, type Finding, failure, ok, skipped, warning } from './finding.ts'
import { isSafe, noAnswer, READY } from './gateway.ts'
import type { UsablePolicy } from './policy.ts'
import type { Profile } from './profile.ts'

/** The session that `gatehouse login` has saved. */
export interface SavedSession {
  path: string
  value: string
  /** Of the cookie; null when only the settings tell. */
  name: string | null
  /** That it is for; null when nothing tells. */
  host: string | null
  /** Whether it was named; one that happens to lie there is looked at for those who act for a user. */
  isAsked: boolean
}

const REMEDIES: Readonly<Record<string, string>> = {
  token_client: 'Add the app client to ALLOWED_CLIENT_IDS of the gateway, and restart it.',
  token_issuer: 'The gateway trusts another pool. Compare COGNITO_USER_POOL_ID and COGNITO_ISSUER, and restart it.',
  token_key: 'The gateway has the keys of another pool. Compare COGNITO_USER_POOL_ID and COGNITO_JWKS_URL.',
  token_not_yet_valid: 'The clock of the gateway is behind. Set it by NTP.',
  token_expired: 'The clock of the gateway is ahead. Set it by NTP.',
  keys_unavailable: `The gateway cannot fetch the keys of the pool. ${READY}`,
  session_expired: 'Log in again: gatehouse login. SESSION_TTL_SECONDS of the gateway says how long a session lasts.',
  session_ended: 'It was ended by signing out or by an operator. Log in again: gatehouse login',
  session_malformed:
    'SECRET_KEY differs between what sealed it and the gateway. Use the same one, or none: then the gateway seals. Log in again.',
  session_store_unavailable: 'The gateway does not reach SESSION_STORE_URL. Start the store, or see SESSION_STORE_FAILURE.',
  policy_unavailable: 'The gateway has no policy. Look at its log, and at SCOPES_FILE.',
}

/** Whether the gateway takes an agent's token, and what it then may use. */
export async function checkAgentAccess({ name }: Profile, gateway: string, token: string, { ask }: World): Promise<Finding> {
  if (!isSafe(gateway)) return skipped('agent-access', `${gateway} is not https, so the token of ${name} was not sent there`)
  const answer = await ask({
    origin: gateway,
    path: '/oauth2/whoami',
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
  })
  const refused = refusalOf('agent-access', `the token of ${name}`, gateway, answer)
  if (refused !== null) return refused
  const { user, scopes, servers } = objectOf(answer as Answer)
  if (list(servers).length > 0) return ok('agent-access', `the gateway knows ${String(user)}, who may use ${list(servers).join(', ')}`)
  const evidence = `the gateway knows ${String(user)} of ${name}, and no scope of its policy is granted to it (${list(scopes).join(', ') || 'none'})`
  return failure(
    'agent-access',
    evidence,
    'Assign a custom scope that the policy names to the app client, or name in the policy what it has.',
  )
}

/** Whether the saved session is good, and whether the user's groups are mapped to anything. */
export async function checkSession(
  session: SavedSession,
  { cookieName }: Profile,
  gateway: string,
  policy: UsablePolicy | null,
  { ask }: World,
): Promise<Finding> {
  if (session.host !== null && session.host !== new URL(gateway).hostname.replace(/^\[|\]$/g, '')) {
    return skipped('session', `the session in ${session.path} is for ${session.host}, so ${gateway} was not sent it`, 'gatehouse login')
  }
  if (!isSafe(gateway)) return skipped('session', `${gateway} is not https, so the session was not sent there`)
  const headers = { cookie: `${session.name ?? cookieName}=${session.value}`, accept: 'application/json' }
  const answer = await ask({ origin: gateway, path: '/oauth2/whoami', headers })
  const refused = refusalOf('session', `the session in ${session.path}`, gateway, answer)
  if (refused !== null) return refused
  const { user, groups, servers } = objectOf(answer as Answer)
  return judgeGroups(String(user), list(groups), list(servers), policy)
}

function judgeGroups(user: string, groups: readonly string[], servers: readonly string[], policy: UsablePolicy | null): Finding {
  const mapped = policy === null ? 'group_mappings of the policy' : `group_mappings of ${policy.path}`
  if (groups.length === 0) {
    return failure(
      'session',
      `${user} is in no Cognito group, so nothing is open`,
      'In Cognito, add the user to a group, then log in again.',
    )
  }
  const unmapped = policy === null ? [] : groups.filter((group) => !policy.file.groups.has(group))
  if (servers.length === 0) {
    const which = unmapped.length > 0 ? unmapped : groups
    const evidence = `${user} is in ${groups.join(', ')}, and ${mapped} opens nothing to ${which.join(', ')}`
    return failure('session', evidence, `Map ${which.join(', ')} to scopes in ${mapped}; upper and lower case count.`)
  }
  if (unmapped.length > 0) {
    const evidence = `${user} may use ${servers.join(', ')}; the groups ${unmapped.join(', ')} are not in ${mapped}`
    return warning('session', evidence, 'Nothing to do if they are for something else. Names count to the letter.')
  }
  return ok('session', `the gateway knows ${user} of ${groups.join(', ')}, who may use ${servers.join(', ')}`)
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

function refusalOf(check: Check, what: string, gateway: string, answer: Awaited<ReturnType<World['ask']>>): Finding | null {
  if (isTrouble(answer)) return noAnswer(check, answer, gateway)
  if (answer.status === 200) return null
  const { reason, message } = objectOf(answer)
  if (typeof reason !== 'string') {
    return skipped(check, `${gateway}/oauth2/whoami answers ${answer.status}: NGINX lacks gatehouse/server.conf, or the gateway is away`)
  }
  const evidence = `the gateway refuses ${what} (${reason}): ${String(message)}`
  return failure(check, evidence, REMEDIES[reason] ?? 'The README says under Refusals what this reason means.')
}
