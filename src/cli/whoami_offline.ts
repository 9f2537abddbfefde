/** Who a credential is, found out here. */
import type { Reason } from '../gate/refusal.ts'
import { refusal } from '../gate/refusal.ts'
import { createMemoryStore } from '../session/ended.ts'
import { createSealer } from '../session/seal.ts'
import { createSessionOpener } from '../session/session.ts'
import type { Environment } from '../settings.ts'
import { CommandError, EXIT, type ExitCode } from './exit.ts'
import { poolTokenVerifier } from './pool_keys.ts'
import { readPoolSettings, readSecretKeySettings } from './settings.ts'
import type { Credential } from './whoami_credential.ts'
import type { Identity } from './whoami_identity.ts'

const now = (): number => Date.now() / 1000

const CODES: Partial<Record<Reason, ExitCode>> = { keys_unavailable: EXIT.failed, token_not_yet_valid: EXIT.clock }

const refused = (reason: Reason): CommandError => new CommandError(CODES[reason] ?? EXIT.refused, refusal(reason).message)

/** @throws {CommandError} or {ConfigError} */
export function identify(credential: Credential, env: Environment): Promise<Identity> {
  return credential.kind === 'token' ? verify(credential.token, env) : open(credential.cookie.value, env)
}

/** Tokens of every app client of the pools count: which ones the gateway accepts is its own affair. */
async function verify(token: string, env: Environment): Promise<Identity> {
  const verified = await (await poolTokenVerifier(readPoolSettings(env), null))(token)
  if (!verified.ok) throw refused(verified.reason)
  const { clientId, username, groups, scopes, expiresAt } = verified.value
  return { user: username ?? clientId, client_id: clientId, auth_method: 'jwt', groups, scopes, expires_at: expiresAt }
}

async function open(seal: string, env: Environment): Promise<Identity> {
  const sealer = createSealer(readSecretKeySettings(env))
  const openSession = createSessionOpener({
    sealer,
    ended: createMemoryStore(now),
    whenUnknown: 'open',
    clientIds: null,
    knownGroups: () => [],
    now,
  })
  const opened = await openSession(seal)
  if (!opened.ok) throw refused(opened.reason)
  const { username, clientId, groups, expiresAt } = opened.value
  const packed = !Array.isArray((await sealer.open('session', seal))?.groups)
  return {
    user: username,
    client_id: clientId,
    auth_method: 'session_cookie',
    groups: packed ? null : groups,
    expires_at: Math.floor(expiresAt),
  }
}
