/** Where an agent's token comes from: memory, then the cache, then Cognito. */
import { type AgentSettings, type AgentToken, requestAgentToken, tokenEndpointOf } from './client_credentials.ts'
import { type Circumstances, type Outcome, persist } from './retry.ts'
import type { CachedToken, TokenCache } from './token_cache.ts'
import { patienceFor, type TokenFailure, TokenRequestError } from './token_failure.ts'

/** Where a token is used, a token for the rest of its life may be too short: three quarters of it count. */
const USED_PART = 0.75

export interface HeldToken {
  accessToken: string
  /** Seconds since 1970. */
  expiresAt: number
  /** It is older than this process. */
  cached: boolean
}

export interface TokenSource {
  /**
   * A token with a quarter of its life left at least.
   * @throws {TokenRequestError}
   */
  token(): Promise<HeldToken>
  /** Forgets the token, here and in the cache, so that the next one is Cognito's newest. */
  forget(): void
}

export interface TokenSourceOptions {
  settings: AgentSettings
  scopes: readonly string[]
  /** Null: ask Cognito each time. */
  cache: TokenCache | null
  /** Told of waits and of a cache that cannot be used, in one sentence. */
  say(sentence: string): void
  request?: (settings: AgentSettings, scopes: readonly string[]) => Promise<Outcome<AgentToken, TokenFailure>>
  circumstances?: Circumstances
  /** Seconds since 1970. */
  now?: () => number
}

const HERE: Circumstances = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  random: Math.random,
}

export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { settings, scopes, cache, say, request = requestAgentToken, circumstances = HERE, now = () => Date.now() / 1000 } = options
  const owner = { settings, scopes }
  let held: (CachedToken & HeldToken) | null = null

  async function ask(): Promise<CachedToken> {
    const outcome = await persist(
      () => request(settings, scopes),
      patienceFor,
      circumstances,
      (failure, milliseconds) => say(`No token yet (${causeInWords(failure)}); trying again in ${(milliseconds / 1000).toFixed(1)} s.`),
    )
    if (!outcome.ok) throw new TokenRequestError(outcome.failure, tokenEndpointOf(settings))
    const { accessToken, expiresIn } = outcome.value
    return { accessToken, obtainedAt: now(), useUntil: now() + expiresIn * USED_PART, expiresAt: now() + expiresIn }
  }

  async function renew(): Promise<CachedToken> {
    const token = await ask()
    const trouble = cache?.write(owner, token)
    if (trouble) say(`The token was not kept for the next time (${trouble}).`)
    return token
  }

  return {
    async token() {
      if (held !== null && now() < held.useUntil) return held
      const kept = cache?.read(owner, now())
      held = kept ? { ...kept, cached: true } : { ...(await renew()), cached: false }
      return held
    },
    forget() {
      held = null
      cache?.remove(owner)
    },
  }
}

function causeInWords(failure: TokenFailure): string {
  switch (failure.kind) {
    case 'busy':
      return failure.status === 429 ? 'Cognito says: too many requests' : `Cognito answers with status ${failure.status}`
    case 'unreachable':
      return `Cognito cannot be reached: ${failure.code}`
    default:
      return failure.kind
  }
}
