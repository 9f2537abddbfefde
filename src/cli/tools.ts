/** `gatehouse tools`. */
import type { Command } from 'commander'
import { addCallerOptions, CALLER_HELP, type CallerOptions } from './agent_options.ts'
import { readEnvironment } from './env.ts'

const HELP = `${CALLER_HELP}

Examples:
  gatehouse tools --env-file .env.agent                                    all servers that the registry shows
  gatehouse tools --env-file .env.agent --server currenttime
  gatehouse tools --mcp-registry-url https://mcp.example.com/fininfo/mcp --use-session-cookie --json`

interface ToolsOptions extends CallerOptions {
  server?: string
  json?: true
}

export function addTools(program: Command): void {
  const command = program.command('tools').description('list the tools of MCP servers behind the gateway')
  addCallerOptions(command, 'list the tools of the MCP server at this URL; with --server, only where the gateway is')
    .option('--server <name>', 'a server by its name at the gateway')
    .option('--json', 'print JSON: {"tools":[{"server","name","description","inputSchema"}]}')
    .addHelpText('after', HELP)
    .action(tools)
}

async function tools(options: ToolsOptions): Promise<void> {
  const env = readEnvironment(options.envFile, process.env)
  const [{ readCaller }, { listOfServer, listOfAll }, { toolsInWords }, { interruptible }, { whileWaiting }, { jsonLine }] =
    await Promise.all([
      import('./agent_caller.ts'),
      import('./tools_list.ts'),
      import('./tools_text.ts'),
      import('./interrupt.ts'),
      import('./waiting.ts'),
      import('./lines.ts'),
    ])
  const caller = readCaller(options, env)
  const listing = interruptible((signal) => {
    if (options.server !== undefined) return listOfServer(caller, options.server, signal)
    return options.mcpRegistryUrl !== undefined ? listOfServer(caller, caller.registry.url, signal) : listOfAll(caller, signal)
  })
  const found = await whileWaiting('Asking for tools', listing)
  process.stdout.write(options.json ? `${jsonLine({ tools: found.tools })}\n` : toolsInWords(found))
}
