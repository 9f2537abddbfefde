/** `gatehouse token`. */
import type { Command } from 'commander'
import { readEnvironment } from './env.ts'
import { CommandError, EXIT } from './exit.ts'
import { envFileOption } from './options.ts'

const HELP = `
Reads COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET, COGNITO_USER_POOL_ID and COGNITO_DOMAIN. Prints the token and nothing else.

Example:
  curl -H "Authorization: Bearer $(gatehouse token --env-file .env.agent)" https://mcp.example.com/currenttime/mcp`

export function addToken(program: Command): void {
  program
    .command('token')
    .description('print an access token for an agent (client credentials)')
    .addOption(envFileOption())
    .option('--scopes <scopes>', 'scopes to ask for, separated by spaces or commas; default: all that the app client has', '')
    .addHelpText('after', HELP)
    .action(async ({ envFile, scopes }: { envFile: string[]; scopes: string }) => {
      const wanted = scopes.split(/[\s,]+/).filter((scope) => scope !== '')
      process.stdout.write(`${await requestToken(envFile, wanted)}\n`)
    })
}

async function requestToken(envFile: string[], scopes: string[]): Promise<string> {
  const { readAgentSettings, requestAgentToken, TokenRequestError } = await import('../cognito/client_credentials.ts')
  const settings = readAgentSettings(readEnvironment(envFile, process.env))
  try {
    return (await requestAgentToken(settings, scopes)).accessToken
  } catch (error) {
    if (!(error instanceof TokenRequestError)) throw error
    throw new CommandError(error.error === 'invalid_client' ? EXIT.client : EXIT.refused, error.message)
  }
}
