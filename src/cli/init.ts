/** `gatehouse init`. */
import { type Command, Option } from 'commander'

export interface InitOptions {
  dir: string
  server: string[]
  url?: string
  pool?: string
  issuer?: string
  domain?: string
  client?: string
  agent: string[]
  fromStack?: string
  yes?: true
  json?: true
}

const HELP = `
Asks for what no option names; without a terminal, or with --yes, what has a default is left to it. The secret of the login's app client comes
from COGNITO_CLIENT_SECRET or is asked for. SECRET_KEY is made here, of 32 random bytes. Nothing that exists is overwritten.

With --from-stack all that concerns Cognito comes from what deploy/cognito has made. A name or an ARN is that of a CloudFormation stack; a path
with a slash or a dot in it, or - for standard input, holds what "aws cloudformation describe-stacks --stack-name NAME --output json" or
"terraform output -json" printed. The program aws must be installed and logged in: it is asked for the stack, and for the secrets of the app
clients, which are no outputs; they go into .env and .env.agent alone. With a file and COGNITO_CLIENT_SECRET set it is not run, and .env.agent
is left out.

Writes: .env, scopes.yml, nginx/gatehouse/, nginx/gatehouse-dict/, nginx/gatehouse-servers.conf; with --from-stack also .env.agent, .env.user

Examples:
  gatehouse init
  gatehouse init --dir gate --yes --url https://mcp.example.com --pool us-east-1_AbCdEfGhI --client 1example23456789 \\
    --server currenttime=http://127.0.0.1:9001 --server fininfo=http://127.0.0.1:9002
  gatehouse init --dir gate --from-stack gatehouse --server currenttime=http://127.0.0.1:9001
  terraform output -json | gatehouse init --dir gate --from-stack - --server currenttime=http://127.0.0.1:9001`

const collect = (value: string, previous: string[]): string[] => [...previous, value]

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write the settings, a policy and the NGINX configuration for a list of MCP servers')
    .option('--dir <folder>', 'where to', '.')
    .option('--server <name=url>', 'an MCP server and where it runs (repeatable)', collect, [])
    .option('--url <url>', 'public URL of the gateway')
    .option('--pool <id>', 'Cognito user pool')
    .option('--issuer <url>', 'issuer of the pool, where it cannot be derived: China, GovCloud, European sovereign cloud')
    .option('--domain <domain>', "the pool's domain: prefix, host or URL")
    .option('--client <id>', 'app client by which users log in')
    .option('--agent <id>', 'app client of an agent (repeatable)', collect, [])
    .addOption(
      new Option('--from-stack <stack>', 'take what concerns Cognito from a stack of deploy/cognito: its name, or a file with its outputs')
        // Two answers to one question, of which the stack's callback URLs fit one.
        .conflicts(['url', 'pool', 'domain', 'client']),
    )
    .option('--yes', 'ask nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (options: InitOptions) => {
      const { runInit } = await import('./init_run.ts')
      await runInit(options, new URL('..', import.meta.url))
    })
}
