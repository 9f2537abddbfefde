/** `gatehouse token`. */
import type { Command } from 'commander'
import { noCacheOption } from './agent_options.ts'
import { readEnvironment } from './env.ts'
import { envFileOption } from './options.ts'

const HELP = `
Reads COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET (or the file that COGNITO_CLIENT_SECRET_FILE names), COGNITO_USER_POOL_ID and
COGNITO_DOMAIN. Prints the token and nothing else.

Cognito bills each token and limits how many it gives out, so a token is kept in ~/.cache/gatehouse, readable by its owner alone, and given
again until three quarters of its life are over. After a change of the app client's scopes ask for a new one with --no-cache. While Cognito
is busy or the connection breaks it is asked again for up to 20 seconds; where there is
no such host, or nobody listens, for a second and a half.

Examples:
  curl -H "Authorization: Bearer $(gatehouse token --env-file .env.agent)" https://mcp.example.com/currenttime/mcp
  gatehouse token --env-file .env.agent --scopes mcp-servers-unrestricted/read --no-cache`

interface TokenOptions {
  envFile: string[]
  scopes: string
  cache: boolean
  json?: true
}

export function addToken(program: Command): void {
  program
    .command('token')
    .description('print an access token for an agent (client credentials)')
    .addOption(envFileOption())
    .option('--scopes <scopes>', 'scopes to ask for, separated by spaces or commas; default: all that the app client has', '')
    .addOption(noCacheOption())
    .option('--json', 'print JSON: access_token, token_type, expires_at, cached')
    .addHelpText('after', HELP)
    .action(token)
}

async function token({ envFile, scopes, cache, json }: TokenOptions): Promise<void> {
  const env = readEnvironment(envFile, process.env)
  const { agentTokens, tokenOf } = await import('./agent_token.ts')
  const wanted = scopes.split(/[\s,]+/).filter((scope) => scope !== '')
  const { accessToken, expiresAt, cached } = await tokenOf(agentTokens(env, wanted, cache))
  const shown = { access_token: accessToken, token_type: 'Bearer', expires_at: Math.floor(expiresAt), cached }
  process.stdout.write(`${json ? JSON.stringify(shown) : accessToken}\n`)
}
