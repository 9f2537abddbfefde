/** `gatehouse agent`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Provider } from '../agent/models/choose.ts'
import { addCallerOptions, CALLER_HELP, type CallerOptions } from './agent_options.ts'
import { readEnvironment } from './env.ts'
import { CommandError, EXIT } from './exit.ts'

const HELP = `
Finds tools by the registry, calls them on their servers through the gateway, and prints the answer. Calls, and what the gateway refuses, are
told on standard error as they happen. Exit code 3 when the last call before the answer was refused.

Model: Amazon Bedrock (BEDROCK_MODEL_ID, AWS_REGION and AWS credentials), Anthropic (ANTHROPIC_API_KEY, ANTHROPIC_MODEL), or any
OpenAI-compatible endpoint (OPENAI_BASE_URL, OPENAI_MODEL, OPENAI_API_KEY if it wants one). The first that is set, or --provider.
${CALLER_HELP}

Examples:
  gatehouse agent --message "What time is it in Tokyo?" --env-file .env.agent
  gatehouse agent --message "What MCP servers are available?" --use-session-cookie --mcp-registry-url http://localhost:8000/mcpgw/sse
  OPENAI_BASE_URL=http://localhost:11434/v1 gatehouse agent --model qwen3 --message "What MCP tools are available?" --env-file .env.agent`

export interface AgentOptions extends CallerOptions {
  message: string
  provider?: Provider
  model?: string
  timeout: number
  json?: true
}

export function addAgent(program: Command): void {
  const command = program
    .command('agent')
    .description('answer a question with the tools behind the gateway')
    .requiredOption('--message <text>', 'the question')
  addCallerOptions(command, 'MCP server of the registry, /mcp or /sse; default: MCP_REGISTRY_URL')
    .option('--model <id>', 'the model; default: BEDROCK_MODEL_ID, ANTHROPIC_MODEL or OPENAI_MODEL')
    .addOption(
      new Option('--provider <name>', 'who has the model; default: for whom a setting is there').choices([
        'bedrock',
        'anthropic',
        'openai',
      ]),
    )
    .option('--timeout <seconds>', 'how long it may take', seconds, 300)
    .option('--json', 'print JSON: answer, provider, model, turns, calls')
    .addHelpText('after', HELP)
    .action(agent)
}

/** @throws {InvalidArgumentError} which commander shows with the name of the option */
function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d{1,4}$/.test(text) || value < 1 || value > 3600) throw new InvalidArgumentError('A whole number from 1 to 3600.')
  return value
}

async function agent(options: AgentOptions): Promise<void> {
  if (options.message.trim() === '')
    throw new CommandError(EXIT.usage, '--message is empty. Example: --message "What time is it in Tokyo?"')
  const env = readEnvironment(options.envFile, process.env)
  const { runAgent } = await import('./agent_run.ts')
  await runAgent(options, env)
}
