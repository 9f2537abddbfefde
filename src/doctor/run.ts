/** What a run of the doctor looks at, and what its steps leave for later ones. */
import type { Pool } from '../cognito/pool.ts'
import type { Environment } from '../settings.ts'
import type { World } from './ask.ts'
import type { SavedSession } from './identity.ts'
import type { NginxConfig } from './nginx_source.ts'
import type { UsablePolicy } from './policy.ts'
import type { PoolFacts } from './pool.ts'
import type { Profile, SettingsFile } from './profile.ts'

export interface Subject {
  files: readonly SettingsFile[]
  /** Of the process. */
  environment: Environment
  nginx: { config: NginxConfig; isAsked: boolean }
  session: SavedSession | null
}

export interface Run {
  world: World
  subject: Subject
  profiles: Profile[]
  policy: UsablePolicy | null
  pools: Map<string, PoolFacts>
  /** Domains that gave no answer. */
  away: Set<string>
  /** Agents' tokens. */
  tokens: Map<Profile, string>
  /** Servers behind the gate by the configuration of NGINX; null when it is not known. */
  gated: string[] | null
}

/** Two files may name one pool by different issuers. */
export const keyOf = ({ id, issuers, jwksUrls }: Pool): string => [id, ...issuers, ...jwksUrls].join(' ')
export const factsOf = ({ pools }: Run, { pools: [pool] }: Profile): PoolFacts | undefined =>
  pool === undefined ? undefined : pools.get(keyOf(pool))
export const tokenEndpointOf = (run: Run, profile: Profile): string | null => factsOf(run, profile)?.tokenEndpoint ?? null
