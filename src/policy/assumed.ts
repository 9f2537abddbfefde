/** Callers that are assumed: the gate is told a verified credential instead of verifying one. */
import { EVERY_SCOPE } from '../gate/challenge.ts'
import type { Gate, Question } from '../gate/decide.ts'
import type { Policy } from '../gate/policy.ts'
import { isServer } from '../scopes/schema.ts'

/** Which credential somebody has, and what is in it. */
export type Caller =
  | { kind: 'session'; user: string; groups: readonly string[] }
  | { kind: 'user_token'; user: string; groups: readonly string[]; scopes: readonly string[] }
  | { kind: 'agent'; client: string; scopes: readonly string[] }

export interface Assumed {
  gate: Gate
  credential: Pick<Question, 'authorization' | 'cookie'>
}

/** Stands for an app client that nobody named. */
export const SOME_CLIENT = 'an-app-client'
const COOKIE = 'session'
/** An hour from 1970, where the clock of these gates stands still. */
const LATER = 3600

/** @param gateway public URL of the gateway, without a final slash */
export function assume(caller: Caller, policy: Policy, gateway: string): Assumed {
  const gate: Gate = {
    policy,
    verifyToken: async () => {
      if (caller.kind === 'session') return { ok: false, reason: 'token_malformed' }
      const { scopes } = caller
      const who =
        caller.kind === 'agent'
          ? { clientId: caller.client, username: null, groups: [] }
          : { clientId: SOME_CLIENT, username: caller.user, groups: caller.groups }
      return { ok: true, value: { ...who, scopes, audience: null, expiresAt: LATER } }
    },
    openSession: async () => {
      if (caller.kind !== 'session') return { ok: false, reason: 'session_malformed' }
      const { user, groups } = caller
      return { ok: true, value: { id: '', username: user, clientId: SOME_CLIENT, groups, issuedAt: 0, expiresAt: LATER } }
    },
    isServer,
    now: () => 0,
    cookieName: COOKIE,
    gateway,
    allowedOrigins: new Set(),
    challengeScopes: EVERY_SCOPE,
    decisionCacheSeconds: 0,
  }
  const credential =
    caller.kind === 'session' ? { authorization: undefined, cookie: `${COOKIE}=x` } : { authorization: 'Bearer x', cookie: undefined }
  return { gate, credential }
}
