/** A gate that verifies tokens and opens sessions as the validator does. */
import type { Gate } from '../gate/decide.ts'
import type { Policy } from '../gate/policy.ts'
import { isServer } from '../scopes/schema.ts'
import type { Environment } from '../settings.ts'
import type { Surroundings } from './explain_caller.ts'
import { readPoolSettings, readSecretKeySettings } from './settings.ts'

const now = (): number => Date.now() / 1000

/**
 * @param kind what will be shown to the gate; only that one can be judged
 * @throws {ConfigError} when a setting is missing
 */
export async function realGate(kind: 'token' | 'session', policy: Policy, around: Surroundings, env: Environment): Promise<Gate> {
  const clientIds = around.clientIds ?? null
  return {
    policy,
    verifyToken: kind === 'token' ? await tokenVerifier(clientIds, env) : async () => ({ ok: false, reason: 'token_malformed' }),
    openSession:
      kind === 'session' ? await sessionOpener(clientIds, policy, env) : async () => ({ ok: false, reason: 'session_malformed' }),
    isServer,
    now,
    cookieName: 'session',
    gateway: around.gateway,
    allowedOrigins: new Set(),
    challengeScopes: around.challengeScopes,
    decisionCacheSeconds: 0,
  }
}

async function tokenVerifier(clientIds: ReadonlySet<string> | null, env: Environment): Promise<Gate['verifyToken']> {
  const pools = readPoolSettings(env)
  const { poolTokenVerifier } = await import('./pool_keys.ts')
  return poolTokenVerifier(pools, clientIds)
}

async function sessionOpener(clientIds: ReadonlySet<string> | null, policy: Policy, env: Environment): Promise<Gate['openSession']> {
  const keys = readSecretKeySettings(env)
  const [{ createMemoryStore }, { createSealer }, { createSessionOpener }] = await Promise.all([
    import('../session/ended.ts'),
    import('../session/seal.ts'),
    import('../session/session.ts'),
  ])
  const ended = createMemoryStore(now)
  return createSessionOpener({ sealer: createSealer(keys), ended, whenUnknown: 'open', clientIds, knownGroups: () => policy.groups, now })
}
