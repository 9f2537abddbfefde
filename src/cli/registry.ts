/** `gatehouse registry`. */
import type { Command } from 'commander'
import { readEnvironment } from './env.ts'
import { envFileOption } from './options.ts'

const HELP = `
Examples:
  gatehouse registry --env-file .env
  REGISTRY_LISTEN=127.0.0.1:9002 gatehouse registry --env-file .env --config /etc/gatehouse/servers.yml

Settings: REGISTRY_URL, SCOPES_FILE (scopes.yml), SERVERS_FILE (servers.yml), REGISTRY_LISTEN (127.0.0.1:9002), LOG_LEVEL (info).
NGINX alone may reach it: whoever else does can say of himself what he likes.`

export function addRegistry(program: Command): void {
  program
    .command('registry')
    .description('run the MCP server mcpgw, which finds servers and tools for agents')
    .option('--config <file>', 'the MCP servers that there are; default: SERVERS_FILE, or servers.yml')
    .addOption(envFileOption())
    .addHelpText('after', HELP)
    .action(async ({ envFile, config }: { envFile: string[]; config?: string }) => {
      const { runRegistry } = await import('../registry/main.ts')
      const env = readEnvironment(envFile, process.env)
      await runRegistry(config === undefined ? env : { ...env, SERVERS_FILE: config })
    })
}
