/** `gatehouse init`. */
import type { Command } from 'commander'

export interface InitOptions {
  dir: string
  server: string[]
  url?: string
  pool?: string
  issuer?: string
  domain?: string
  client?: string
  agent: string[]
  yes?: true
  json?: true
}

const HELP = `
Asks for what no option names; without a terminal, or with --yes, what has a default is left to it. The secret of the login's app client comes
from COGNITO_CLIENT_SECRET or is asked for. SECRET_KEY is made here, of 32 random bytes. Nothing that exists is overwritten.

Writes: .env, scopes.yml, nginx/gatehouse/, nginx/gatehouse-dict/, nginx/gatehouse-servers.conf

Examples:
  gatehouse init
  gatehouse init --dir gate --yes --url https://mcp.example.com --pool us-east-1_AbCdEfGhI --client 1example23456789 \\
    --server currenttime=http://127.0.0.1:9001 --server fininfo=http://127.0.0.1:9002`

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
    .option('--yes', 'ask nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (options: InitOptions) => {
      const { runInit } = await import('./init_run.ts')
      await runInit(options, new URL('..', import.meta.url))
    })
}
