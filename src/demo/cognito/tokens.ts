/** The claims of Cognito's tokens, and the answer of the token endpoint that carries them. */
import { createHash, randomUUID } from 'node:crypto'
import type { JWTPayload } from 'jose'
import type { PoolClient, PoolUser } from './pool.ts'
import { type Grant, type Service, seconds } from './service.ts'

const DEFAULT_SECONDS = 3600

export interface TokenAnswer {
  id_token?: string
  access_token: string
  refresh_token?: string
  expires_in: number
  token_type: 'Bearer'
}

/**
 * Tokens for a signed-in user: the ID token only when `openid` was granted.
 * @param nonce from the authorize request; absent on a refresh (OpenID Connect Core 12.2)
 */
export async function issueUserTokens(service: Service, client: PoolClient, grant: Grant, nonce?: string): Promise<TokenAnswer> {
  const lifetime = client.accessTokenSeconds ?? DEFAULT_SECONDS
  const event = randomUUID()
  const access = await service.keys.sign('access', accessClaims(service, grant, event, lifetime))
  const answer: TokenAnswer = { access_token: access, expires_in: lifetime, token_type: 'Bearer' }
  if (!grant.scopes.includes('openid')) return answer
  return { id_token: await service.keys.sign('id', idClaims(service, grant, event, access, nonce)), ...answer }
}

/** A machine's token: no user, so no username, no groups, and never an `aud` (resource binding is for users only). */
export async function issueMachineToken(service: Service, client: PoolClient, scopes: string[]): Promise<TokenAnswer> {
  const lifetime = client.accessTokenSeconds ?? DEFAULT_SECONDS
  const now = seconds(service)
  const access = await service.keys.sign('access', {
    sub: client.id,
    token_use: 'access',
    scope: scopes.join(' '),
    auth_time: now,
    iss: service.issuer,
    exp: now + lifetime,
    iat: now,
    version: 2,
    jti: randomUUID(),
    client_id: client.id,
  })
  return { access_token: access, expires_in: lifetime, token_type: 'Bearer' }
}

/** Developer guide, "Understanding the access token". */
function accessClaims(service: Service, grant: Grant, event: string, lifetime: number): JWTPayload {
  const now = seconds(service)
  return {
    sub: subjectOf(service, grant.user),
    ...groupsOf(grant.user),
    iss: service.issuer,
    version: 2,
    client_id: grant.clientId,
    ...(grant.resource === undefined ? {} : { aud: grant.resource }),
    origin_jti: grant.originJti,
    event_id: event,
    token_use: 'access',
    scope: grant.scopes.join(' '),
    auth_time: grant.authTime,
    exp: now + lifetime,
    iat: now,
    jti: randomUUID(),
    username: grant.user.username,
  }
}

/** Developer guide, "Understanding the identity (ID) token". */
function idClaims(service: Service, grant: Grant, event: string, access: string, nonce: string | undefined): JWTPayload {
  const now = seconds(service)
  return {
    at_hash: halfHash(access),
    sub: subjectOf(service, grant.user),
    ...groupsOf(grant.user),
    ...attributesOf(grant.user, grant.scopes),
    iss: service.issuer,
    'cognito:username': grant.user.username,
    ...(nonce === undefined ? {} : { nonce }),
    origin_jti: grant.originJti,
    aud: grant.clientId,
    event_id: event,
    token_use: 'id',
    auth_time: grant.authTime,
    exp: now + DEFAULT_SECONDS,
    iat: now,
    jti: randomUUID(),
  }
}

/**
 * The attributes that a set of scopes opens: `openid` alone opens all of them, `email`, `phone` and `profile` narrow
 * (developer guide, authorization endpoint, `scope`).
 */
export function attributesOf(user: PoolUser, scopes: string[]): { email?: string; email_verified?: boolean } {
  const narrowed = ['email', 'phone', 'profile'].some((scope) => scopes.includes(scope))
  return narrowed && !scopes.includes('email') ? {} : { email: user.email, email_verified: true }
}

/** A UUID for each user that survives a restart, as a real user's does. */
function subjectOf(service: Service, user: PoolUser): string {
  const hex = createHash('sha256').update(`${service.pool.poolId}/${user.username}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}

function groupsOf(user: PoolUser): { 'cognito:groups'?: string[] } {
  return user.groups.length > 0 ? { 'cognito:groups': user.groups } : {}
}

/** OpenID Connect Core 3.1.3.6. */
function halfHash(token: string): string {
  return createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url')
}
