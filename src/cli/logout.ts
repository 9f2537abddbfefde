/** `gatehouse logout`. */
import type { Command } from 'commander'
import { readEnvironment } from './env.ts'
import { cookieFileOption, envFileOption } from './options.ts'

interface LogoutOptions {
  envFile: string[]
  cookieFile?: string
  local?: true
}

const HELP = `
Reads REGISTRY_URL. The files are kept while the gateway has not said that the session is over, because until then it is good for
whoever has a copy; the exit code is then not 0, also with --local.

Example:
  gatehouse logout --env-file .env.user`

export function addLogout(program: Command): void {
  program
    .command('logout')
    .description('end the saved session, for every holder of a copy')
    .addOption(envFileOption())
    .addOption(cookieFileOption())
    .option('--local', 'remove the files even when the gateway does not end the session')
    .addHelpText('after', HELP)
    .action(async ({ envFile, cookieFile, local }: LogoutOptions) => {
      const env = readEnvironment(envFile, process.env)
      const { logout } = await import('./logout_gateway.ts')
      process.stdout.write(await logout(env, cookieFile, local === true))
    })
}
