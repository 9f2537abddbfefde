/** What every case of an attack needs at hand: the gate, callers with credentials, and a list of what must never be written down. */
import { type Gateway, type GatewayOptions, SECRET_KEY, sealFor, startGateway } from '../support/gateway.ts'

export interface World {
  gateway: Gateway
  /** `Authorization` line of the agent that may use `now` on currenttime, and nothing else. */
  agent: string
  /** `Authorization` line of the agent that may do everything. */
  admin: string
  /** Signs a token and remembers it as a secret. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
  /** Seals a session of the user `rosa` and remembers it as a secret; gives the bare seal. */
  seal(groups?: readonly string[], username?: string, ttlSeconds?: number): Promise<string>
  /** Remembers a secret made elsewhere and gives it back. */
  secret(text: string): string
  /** Texts of which none may show up in a log, an answer or at an MCP server. */
  secrets: ReadonlySet<string>
}

/** Starts the gate and makes the callers. */
export async function startWorld(options: GatewayOptions = {}): Promise<World> {
  const gateway = await startGateway(options)
  const secrets = new Set([SECRET_KEY])
  const secret = (text: string): string => {
    // What is shorter stands in every log.
    if (text.length > 4) secrets.add(text)
    // A token is as good as leaked when its signature is.
    const signature = text.split('.').at(-1) ?? ''
    if (signature.length > 40) secrets.add(signature)
    return text
  }
  const token: World['token'] = async (claims, header) => secret(await gateway.issuer.token(claims, header))
  return {
    gateway,
    agent: bearer(await token()),
    admin: bearer(await token({ scope: 'test/all' })),
    token,
    seal: async (groups = ['callers'], username = 'rosa', ttlSeconds = 3600) => secret(await sealFor(groups, username, ttlSeconds)),
    secret,
    secrets,
  }
}

export const COOKIE = 'mcp_gateway_session'
export const bearer = (token: string): string => `Authorization: Bearer ${token}`
export const cookie = (seal: string, name: string = COOKIE): string => `Cookie: ${name}=${seal}`
