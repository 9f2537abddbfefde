/** The settings files beside `.env` that a stack of deploy/cognito has all values for. Nothing is read or written here. */
import { envText } from './env_text.ts'
import type { NamedServer } from './server.ts'
import type { Stack } from './stack.ts'
import type { NewFile } from './write.ts'

export interface StackTemplates {
  agent: string
  user: string
}

/**
 * @param agentSecret null when it is not known: then there is no file for the agent
 * @param issuer of the pool, where it must be named
 */
export function stackFiles(
  stack: Stack,
  agentSecret: string | null,
  issuer: string | null,
  servers: readonly NamedServer[],
  templates: StackTemplates,
): NewFile[] {
  const pool = { COGNITO_USER_POOL_ID: stack.UserPoolId, COGNITO_DOMAIN: stack.Domain }
  const agent = { COGNITO_CLIENT_ID: stack.AgentClientId, COGNITO_CLIENT_SECRET: agentSecret, MCP_REGISTRY_URL: entrance(stack, servers) }
  const user = { COGNITO_CLIENT_ID: stack.CliClientId, COGNITO_ISSUER: issuer, REGISTRY_URL: stack.RegistryUrl }
  return [
    ...(agentSecret === null ? [] : [{ path: '.env.agent', text: envText(templates.agent, { ...pool, ...agent }), isSecret: true }]),
    // Without a secret yet: SECRET_KEY may come to be in it.
    { path: '.env.user', text: envText(templates.user, { ...pool, ...user }), isSecret: true },
  ]
}

/** An agent begins at the server that finds the others. */
function entrance({ RegistryUrl }: Stack, servers: readonly NamedServer[]): string | null {
  const server = servers.find(({ name }) => name === 'mcpgw') ?? servers[0]
  return server === undefined ? null : `${RegistryUrl}/${server.name}/mcp`
}
