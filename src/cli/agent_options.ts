/** Options of the commands that speak to MCP servers at the gateway. */
import { type Command, Option } from 'commander'
import { envFileOption } from './options.ts'

export interface CallerOptions {
  envFile: string[]
  mcpRegistryUrl?: string
  useSessionCookie?: true
  sessionCookieFile?: string
  cache: boolean
}

export const noCacheOption = (): Option =>
  new Option('--no-cache', 'ask Cognito for a new token, forget the one that is kept, and keep none')

/** Who calls, and where. */
export function addCallerOptions(command: Command, registry: string): Command {
  return command
    .addOption(envFileOption())
    .option('--mcp-registry-url <url>', registry)
    .option('--use-session-cookie', "call as the user who has logged in, not with the agent's own identity")
    .option('--session-cookie-file <file>', 'the session of that user; default: ~/.mcp/session_cookie')
    .addOption(noCacheOption())
}

/** For the help of these commands. */
export const CALLER_HELP = `
Identity: the agent's own by default, by COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET, COGNITO_USER_POOL_ID and COGNITO_DOMAIN; with
--use-session-cookie the user's, who has run: gatehouse login
Gateway: that of MCP_REGISTRY_URL, or of REGISTRY_URL, whose registry is at /mcpgw/mcp then.`
