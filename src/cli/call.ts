/** `gatehouse call`. */
import { type Command, Option } from 'commander'
import { addCallerOptions, CALLER_HELP, type CallerOptions } from './agent_options.ts'
import { readEnvironment } from './env.ts'
import { CommandError, EXIT } from './exit.ts'
import { readStdin } from './stdin.ts'

const HELP = `${CALLER_HELP}

Each value becomes what the tool's schema says of its key: a number, true or false, JSON for lists and objects, else the text as it is.

Examples:
  gatehouse call currenttime current_time_by_timezone tz_name=Asia/Tokyo --env-file .env.agent
  gatehouse call currenttime current_time_by_timezone --json '{"tz_name":"Asia/Tokyo"}' --use-session-cookie --env-file .env.user
  gatehouse call mcpgw list_servers --env-file .env.agent --output json`

interface CallOptions extends CallerOptions {
  json?: string
  output: 'text' | 'json'
}

export function addCall(program: Command): void {
  const command = program
    .command('call')
    .description('call a tool of an MCP server behind the gateway')
    .argument('<server>', 'the name of the server at the gateway')
    .argument('<tool>', 'the name of the tool')
    .argument('[key=value...]', 'arguments of the tool')
  addCallerOptions(command, 'where the gateway is; default: MCP_REGISTRY_URL')
    .option('--json <object>', 'the arguments as one JSON object; - reads it from standard input')
    .addOption(
      new Option('--output <form>', 'text, or the whole result as JSON: content, structuredContent, isError')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', HELP)
    .action(call)
}

async function call(server: string, tool: string, pairs: string[], options: CallOptions): Promise<void> {
  const env = readEnvironment(options.envFile, process.env)
  const given = options.json === undefined ? { pairs } : { json: readJsonOption(options.json, pairs) }
  const [{ readCaller }, { callTool }, { textOf }, { cleanLines, jsonLine }, { interruptible }, { whileWaiting }] = await Promise.all([
    import('./agent_caller.ts'),
    import('./call_tool.ts'),
    import('../agent/result.ts'),
    import('./lines.ts'),
    import('./interrupt.ts'),
    import('./waiting.ts'),
  ])
  const caller = readCaller(options, env)
  const calling = interruptible((signal) => callTool(caller, { server, tool, ...given }, signal))
  const result = await whileWaiting(`Calling ${tool} of ${server}`, calling)
  const text = options.output === 'json' ? jsonLine(result) : cleanLines(textOf(result))
  if (result.isError !== true || options.output === 'json') process.stdout.write(`${text}\n`)
  if (result.isError === true)
    throw new CommandError(EXIT.failed, `"${tool}" says that it failed${options.output === 'json' ? '.' : `: ${text}`}`)
}

function readJsonOption(json: string, pairs: readonly string[]): string {
  if (pairs.length > 0) throw new CommandError(EXIT.usage, 'Give the arguments as key=value or by --json, not both.')
  if (json !== '-') return json
  try {
    return readStdin().toString()
  } catch (error) {
    throw new CommandError(EXIT.failed, `Standard input cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`)
  }
}
