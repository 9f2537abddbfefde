/** The description of a user pool: plain data, the same in a test's options and in a JSON file. */
import type { JWK } from 'jose'

/** Cognito's own scopes; every other one belongs to a resource server. */
export const RESERVED_SCOPES = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin']

export interface PoolUser {
  username: string
  password: string
  email: string
  groups: string[]
}

/** The implicit flow is left out on purpose: nothing here needs tokens in a URL. */
export type Flow = 'code' | 'client_credentials'

export interface PoolClient {
  id: string
  /** Left out for a public client. */
  secret?: string | undefined
  flows: Flow[]
  /** Full names: reserved ones, or `RESOURCE_SERVER/SCOPE`. */
  scopes: string[]
  callbackUrls: string[]
  logoutUrls: string[]
  /** Default 3600. Amazon allows 300 to 86400; less is allowed here so that expiry can be watched. */
  accessTokenSeconds?: number | undefined
}

export interface ResourceServer {
  identifier: string
  /** Bare scope names: `read`, not `tools/read`. */
  scopes: string[]
}

export interface Pool {
  /** `REGION_NAME`, for example `us-east-1_GatehouseDemo`. */
  poolId: string
  users: PoolUser[]
  clients: PoolClient[]
  resourceServers: ResourceServer[]
}

export interface CognitoOptions extends Pool {
  /** Loopback only. Default 127.0.0.1. */
  host?: string | undefined
  /** 0 for any free one. */
  port: number
  /** Private RSA keys with a `kid`, so that tokens outlive a restart. Default: a new pair at each start. */
  keys?: { id: JWK; access: JWK } | undefined
  /** The clock in milliseconds. Default Date.now. */
  now?: (() => number) | undefined
}

/** The client with this id, if the pool has one. */
export function findClient(pool: Pool, id: string | undefined): PoolClient | undefined {
  return pool.clients.find((client) => client.id === id)
}
