/** Settings of the commands around a user's identity, all problems at once. */
import type { Pool } from '../cognito/pool.ts'
import { readCookieName, readGateway, readSecretKeys, readStore } from '../config.ts'
import { type LoginClient, readLoginClient, readPools } from '../config_cognito.ts'
import { type Listen, readListen } from '../config_listen.ts'
import { ConfigError, type Environment, SettingsReader } from '../settings.ts'

export interface GatewaySettings {
  /** Public URL of the gateway, without a final slash. */
  gateway: string
  cookieName: string
}

export interface DirectSettings extends GatewaySettings {
  pool: Pool
  client: LoginClient
  secretKeys: [string, ...string[]]
  sessionSeconds: number
}

/** Where to order the end of sessions. */
export type RevokeSettings = { kind: 'store'; url: string } | { kind: 'validator'; listen: Listen; secretKeys: [string, ...string[]] }

function read<T>(env: Environment, readers: (reader: SettingsReader) => T): T {
  const reader = new SettingsReader(env)
  const settings = readers(reader)
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return settings
}

/** @throws {ConfigError} as do all of these */
export const readGatewaySettings = (env: Environment): GatewaySettings => read(env, gatewaySettings)

function gatewaySettings(reader: SettingsReader): GatewaySettings {
  const gateway = readGateway(reader)
  return { gateway, cookieName: readCookieName(reader, gateway) }
}

export const readDirectSettings = (env: Environment): DirectSettings =>
  read(env, (reader) => {
    const pools = readPools(reader)
    const client = readLoginClient(reader, pools[0]?.id ?? '')
    if (reader.list('COGNITO_CLIENT_ID').length === 0) reader.wrong('COGNITO_CLIENT_ID', 'is missing', '1example23456789')
    return {
      ...gatewaySettings(reader),
      secretKeys: readSecretKeys(reader),
      sessionSeconds: reader.seconds('SESSION_TTL_SECONDS', 8 * 3600, 60, 30 * 86_400),
      // What is missing was reported, so nobody gets to see these.
      pool: pools[0] as Pool,
      client: client as LoginClient,
    }
  })

export const readPoolSettings = (env: Environment): Pool[] => read(env, readPools)

export const readSecretKeySettings = (env: Environment): [string, ...string[]] => read(env, readSecretKeys)

export const readRevokeSettings = (env: Environment): RevokeSettings =>
  read(env, (reader) => {
    const url = readStore(reader)
    // An unreadable URL was reported: it must not send the order elsewhere.
    if (url !== null || reader.has('SESSION_STORE_URL')) return { kind: 'store', url: url ?? '' }
    return { kind: 'validator', listen: readListen(reader), secretKeys: readSecretKeys(reader) }
  })

export const hasSetting = (env: Environment, name: string): boolean => new SettingsReader(env).has(name)
