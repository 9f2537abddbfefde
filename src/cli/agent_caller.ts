/** Who calls MCP servers from a terminal, and at which gateway. */
import { nameOf, type RegistryAddress, readRegistryUrl } from '../agent/address.ts'
import type { Identity } from '../agent/identity.ts'
import type { TokenSource } from '../cognito/token_source.ts'
import { readCookieName } from '../config.ts'
import { ConfigError, type Environment, SettingsReader } from '../settings.ts'
import type { CallerOptions } from './agent_options.ts'
import { agentTokens, tokenOf } from './agent_token.ts'
import { cookieFile, hostOf, readCookie } from './cookie_file.ts'
import { cookieHeader } from './cookie_header.ts'
import { CommandError, EXIT } from './exit.ts'
import { clean } from './words.ts'

export interface Caller {
  registry: RegistryAddress & { name: string }
  identity: Identity
}

/** @throws {CommandError} or {ConfigError} */
export function readCaller(options: CallerOptions, env: Environment): Caller {
  const address = (): RegistryAddress => readAddress(options.mcpRegistryUrl, env)
  const named = (registry: RegistryAddress): Caller['registry'] => ({ ...registry, name: nameOf(registry.url) })
  if (options.useSessionCookie || options.sessionCookieFile !== undefined) {
    const registry = address()
    return { registry: named(registry), identity: userIdentity(options.sessionCookieFile, registry.gateway, env) }
  }
  const [registry, tokens] = both(address, () => agentTokens(env, [], options.cache))
  return { registry: named(registry), identity: ownIdentity(tokens) }
}

/** @throws {ConfigError} with all that is wrong with the one and with the other */
function both<A, B>(one: () => A, other: () => B): [A, B] {
  const problems: string[] = []
  const tried = <T>(read: () => T): T => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
      return undefined as T
    }
  }
  const read: [A, B] = [tried(one), tried(other)]
  if (problems.length > 0) throw new ConfigError(problems)
  return read
}

function readAddress(asked: string | undefined, env: Environment): RegistryAddress {
  const reader = new SettingsReader(env)
  const example = 'https://mcp.example.com/mcpgw/mcp'
  const gateway = reader.text('REGISTRY_URL')?.replace(/\/$/, '')
  const text = asked ?? reader.text('MCP_REGISTRY_URL') ?? (gateway === undefined ? undefined : `${gateway}/mcpgw/mcp`)
  const address = text === undefined ? null : readRegistryUrl(text)
  if (address !== null) return address
  const problem = 'must be an http or https URL of an MCP server at the gateway, without user and password'
  if (asked !== undefined) throw new CommandError(EXIT.usage, `--mcp-registry-url ${problem}. Example: ${example}`)
  reader.wrong('MCP_REGISTRY_URL', text === undefined ? 'is missing' : problem, example)
  throw new ConfigError(reader.problems)
}

function ownIdentity(tokens: TokenSource): Identity {
  let cached = false
  return {
    kind: 'own',
    async headers() {
      const token = await tokenOf(tokens)
      cached = token.cached
      return { authorization: `Bearer ${token.accessToken}` }
    },
    // A kept token may be of a time before keys or the app client were changed. A new one that is refused stays refused.
    renew() {
      if (cached) tokens.forget()
      return cached
    },
  }
}

function userIdentity(givenFile: string | undefined, gateway: string, env: Environment): Identity {
  const file = cookieFile(givenFile)
  const saved = readCookie(file)
  if (saved === null) throw new CommandError(EXIT.failed, `Nobody is signed in: ${file} does not exist. Run: gatehouse login`)
  if (saved.host !== null && saved.host !== hostOf(gateway)) {
    const which = `The saved session is for ${clean(saved.host)}, and the gateway is ${gateway}, so it was not sent.`
    throw new CommandError(EXIT.failed, `${which} Run: gatehouse login`)
  }
  const reader = new SettingsReader(env)
  const cookieName = readCookieName(reader, gateway)
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  const cookie = cookieHeader(saved, { gateway, cookieName })
  return { kind: 'user', headers: async () => ({ cookie }), renew: () => false }
}
