/** The login by an app client of a user pool, with the pool's keys. */
import type { LoginClient } from '../config_cognito.ts'
import { createIdTokenVerifier } from './id_token.ts'
import type { KeyStore } from './keys.ts'
import { createLogin, type Login } from './login.ts'
import type { Pool } from './pool.ts'
import { createTokenVerifier } from './verifier.ts'

/** Characters: tokens that come straight from Cognito may hold more groups than a request header could. */
const MAX_LENGTH = 128 * 1024

/** @param now seconds since 1970 */
export function createPoolLogin(client: LoginClient, pool: Pool, keys: KeyStore, now: () => number): Login {
  const common = { keysOf: new Map(pool.issuers.map((issuer) => [issuer, keys])), now, maxLength: MAX_LENGTH }
  return createLogin({
    ...client,
    issuers: pool.issuers,
    verifyIdToken: createIdTokenVerifier({ ...common, clientId: client.clientId }),
    verifyAccessToken: createTokenVerifier({ ...common, clientIds: new Set([client.clientId]) }),
  })
}
