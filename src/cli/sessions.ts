/** `gatehouse sessions`, for operators. */
import { type Command, InvalidArgumentError } from 'commander'
import { readEnvironment } from './env.ts'
import { envFileOption } from './options.ts'

const HELP = `
With SESSION_STORE_URL the store is told, and with it every validator that uses it. Otherwise the validator at VALIDATOR_LISTEN is told, by
an order sealed with SECRET_KEY; with several validators and no store each must be told. The user may log in again.

Example:
  gatehouse sessions revoke rosa --env-file .env`

export function addSessions(program: Command): void {
  const sessions = program.command('sessions').description('end sessions of users, for operators')
  sessions
    .command('revoke')
    .description('end all sessions of a user')
    .argument('<user>', 'user name in Cognito', userName)
    .addOption(envFileOption())
    .addHelpText('after', HELP)
    .action(async (user: string, { envFile }: { envFile: string[] }) => {
      const env = readEnvironment(envFile, process.env)
      const { readRevokeSettings } = await import('./settings.ts')
      const { revoke } = await import('./sessions_revoke.ts')
      process.stdout.write(`${await revoke(user, readRevokeSettings(env))}\n`)
    })
}

/** AWS API_AdminGetUser: `Username`. */
function userName(text: string): string {
  if (!/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u.test(text)) throw new InvalidArgumentError('A user name has 1 to 128 characters, no spaces.')
  return text
}
