/** `gatehouse doctor`. */
import { type Command, InvalidArgumentError } from 'commander'
import { cookieFileOption, envFileOption } from './options.ts'

export interface DoctorOptions {
  envFile: string[]
  nginxConfig?: string
  nginx?: string | false
  cookieFile?: string
  json?: true
}

const HELP = `
Each --env-file is recognised by what it holds: the settings of the gateway (.env), of a user (.env.user), of an agent (.env.agent). Everything
that can be asked is asked: Cognito, NGINX, the gateway. An agent's token is asked for once, which Cognito counts. No secret is printed.

The exit code is the number of failures, 100 at most; warnings do not count. All checks: docs/doctor.md

Examples:
  gatehouse doctor --env-file .env
  gatehouse doctor --env-file .env --env-file .env.user --env-file .env.agent
  sudo nginx -T > nginx.txt && gatehouse doctor --env-file .env --nginx-config nginx.txt
  gatehouse doctor --env-file .env --nginx "docker compose exec -T gateway nginx"
  gatehouse doctor --env-file .env --json | jq '.findings[] | select(.status == "failure")'`

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('find what is misconfigured, with evidence and remedy')
    .addOption(envFileOption())
    .option('--nginx-config <file>', 'what nginx -T has printed, or the main configuration file')
    .option('--nginx <command>', 'the command that is run with -T; default: the nginx that is installed here', notEmpty)
    .option('--no-nginx', 'do not look at the configuration of NGINX')
    .addOption(cookieFileOption())
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (options: DoctorOptions) => {
      const { runDoctor } = await import('./doctor_run.ts')
      process.exitCode = await runDoctor(options)
    })
}

function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must be a command, such as "nginx -c /etc/nginx/nginx.conf".')
  return text
}
