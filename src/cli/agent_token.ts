/** An agent's token for a command: from the cache of this person, or from Cognito. */
import { readAgentSettings } from '../cognito/client_credentials.ts'
import { createTokenCache, defaultCacheFolder, type TokenCache, type TokenOwner } from '../cognito/token_cache.ts'
import { TokenRequestError } from '../cognito/token_failure.ts'
import { createTokenSource, type HeldToken, type TokenSource } from '../cognito/token_source.ts'
import type { Environment } from '../settings.ts'
import { CommandError, EXIT, type ExitCode } from './exit.ts'

const say = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`)
}

/**
 * @param useCache false: whatever is cached for these settings is removed, and nothing new is kept
 * @throws {ConfigError}
 */
export function agentTokens(env: Environment, scopes: readonly string[], useCache: boolean): TokenSource {
  const settings = readAgentSettings(env)
  const cache = openCache()
  if (!useCache) cache?.remove({ settings, scopes } satisfies TokenOwner)
  return createTokenSource({ settings, scopes, cache: useCache ? cache : null, say })
}

function openCache(): TokenCache | null {
  const folder = defaultCacheFolder(process.env)
  return folder === null ? null : createTokenCache(folder)
}

/** @throws {CommandError} for what Cognito, or the way to it, refuses */
export async function tokenOf(source: TokenSource): Promise<HeldToken> {
  try {
    return await source.token()
  } catch (error) {
    if (!(error instanceof TokenRequestError)) throw error
    throw new CommandError(exitCodeOf(error), error.message)
  }
}

function exitCodeOf({ error, failure }: TokenRequestError): ExitCode {
  if (error === 'invalid_client') return EXIT.client
  return failure.kind === 'refused' ? EXIT.refused : EXIT.failed
}
