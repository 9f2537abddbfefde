/** `gatehouse serve`. */
import type { Command } from 'commander'
import { prepareEngine } from '../engine.ts'
import { readEnvironment } from './env.ts'
import { envFileOption } from './options.ts'

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the validator that NGINX asks')
    .addOption(envFileOption())
    .addHelpText('after', '\nExample:\n  gatehouse serve --env-file .env\n\nEvery setting is described in .env.template.')
    .action(async ({ envFile }: { envFile: string[] }) => {
      const { runValidator } = await import('../main.ts')
      prepareEngine()
      await runValidator(readEnvironment(envFile, process.env))
    })
}
