/** The executable `gatehouse`: commands, help, exit codes. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { readAgentSettings, requestAgentToken, TokenRequestError } from '../cognito/client_credentials.ts'
import { ConfigError } from '../settings.ts'
import { StartError } from '../start_error.ts'
import { readEnvironment } from './env.ts'

/** Stable: scripts may rely on them. */
const EXIT = { failed: 1, usage: 2, refused: 3 } as const

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const collect = (value: string, previous: string[]): string[] => [...previous, value]

const program = new Command('gatehouse')
  .description('Authentication gate for MCP servers behind NGINX, with Amazon Cognito identities.')
  .version(version)
  .showHelpAfterError('(see --help)')
  .exitOverride()
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 refused by Cognito')

program
  .command('serve')
  .description('run the validator that NGINX asks')
  .option('--env-file <file>', 'read settings from a file; the environment goes before it (repeatable)', collect, [])
  .addHelpText('after', '\nExample:\n  gatehouse serve --env-file .env\n\nEvery setting is described in .env.template.')
  .action(async ({ envFile }: { envFile: string[] }) => {
    const { runValidator } = await import('../main.ts')
    await runValidator(readEnvironment(envFile, process.env))
  })

program
  .command('token')
  .description('print an access token for an agent (client credentials)')
  .option('--env-file <file>', 'read settings from a file; the environment goes before it (repeatable)', collect, [])
  .option('--scopes <scopes>', 'scopes to ask for, separated by spaces or commas; default: all that the app client has', '')
  .addHelpText(
    'after',
    '\nReads COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET, COGNITO_USER_POOL_ID and COGNITO_DOMAIN. Prints the token and nothing else.' +
      '\n\nExample:\n  curl -H "Authorization: Bearer $(gatehouse token --env-file .env.agent)" https://mcp.example.com/currenttime/mcp',
  )
  .action(async ({ envFile, scopes }: { envFile: string[]; scopes: string }) => {
    const settings = readAgentSettings(readEnvironment(envFile, process.env))
    const { accessToken } = await requestAgentToken(
      settings,
      scopes.split(/[\s,]+/).filter((scope) => scope !== ''),
    )
    process.stdout.write(`${accessToken}\n`)
  })

/** A message that a person can act on, without a stack; a stack only for what is our fault. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage
  const known = error instanceof ConfigError || error instanceof TokenRequestError || error instanceof StartError
  process.stderr.write(`gatehouse: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  if (error instanceof ConfigError) return EXIT.usage
  return error instanceof TokenRequestError ? EXIT.refused : EXIT.failed
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}
