/** What all endpoints of one running stand-in share: the pool, its addresses, its keys and its memory. */
import { createExpiringMap, type ExpiringMap } from './expiring_map.ts'
import type { KeyRing } from './keys.ts'
import type { Pool, PoolUser } from './pool.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const MOST = 10_000

/** One sign-in: what the tokens of a code, and later of its refresh token, are made from. */
export interface Grant {
  clientId: string
  user: PoolUser
  scopes: string[]
  /** Seconds; stays the same over refreshes. */
  authTime: number
  /** Links every token of this sign-in, so that revoking reaches them all. */
  originJti: string
  /** Resource binding (RFC 8707): becomes the access token's `aud`, verbatim. */
  resource: string | undefined
}

export interface PendingCode {
  grant: Grant
  redirectUri: string
  challenge: string | undefined
  nonce: string | undefined
}

export interface Session {
  user: PoolUser
  authTime: number
}

export interface Service {
  pool: Pool
  origin: string
  issuer: string
  keys: KeyRing
  now: () => number
  codes: ExpiringMap<PendingCode>
  sessions: ExpiringMap<Session>
  refreshTokens: ExpiringMap<Grant>
  /** `origin_jti` values of revoked sign-ins, kept for as long as an access token can live. */
  revoked: ExpiringMap<true>
}

/** A service with empty memory. Codes live 5 minutes, sessions 1 hour, refresh tokens 30 days: Amazon's fixed or default values. */
export function createService(pool: Pool, origin: string, keys: KeyRing, now: () => number): Service {
  return {
    pool,
    origin,
    issuer: `${origin}/${pool.poolId}`,
    keys,
    now,
    codes: createExpiringMap(300, MOST, now),
    sessions: createExpiringMap(HOUR, MOST, now),
    refreshTokens: createExpiringMap(30 * DAY, MOST, now),
    revoked: createExpiringMap(DAY, MOST, now),
  }
}

/** The clock as the claims want it. */
export function seconds(service: Service): number {
  return Math.floor(service.now() / 1000)
}
