/** `gatehouse explain`, for operators. */
import { type Command, Option } from 'commander'
import { scopesFileOf } from '../settings.ts'
import { readEnvironment } from './env.ts'
import type { CallerOptions } from './explain_caller.ts'
import { envFileOption } from './options.ts'

interface ExplainOptions extends CallerOptions {
  envFile: string[]
  scopesFile?: string
  json?: true
}

const HELP = `
Decides by the validator's own code, and says why: groups, scopes, the entry that opened the call; or the nearest one, and what to add.
Without METHOD the question is whether the server may be used at all. NAME is that of a tool or a prompt, or a resource's URI.
Of the settings it uses SCOPES_FILE, REGISTRY_URL, ALLOWED_CLIENT_IDS, MCP_SCOPES and CHALLENGE_SCOPES where they are set; for
--token-file COGNITO_USER_POOL_ID, for --cookie-file SECRET_KEY. Exit code 0 when the call is allowed, 3 when it is refused.

Examples:
  gatehouse explain --user rosa --groups mcp-registry-user currenttime tools/call current_time_by_timezone
  gatehouse explain --agent 1example23456789 --scopes mcp-servers-unrestricted/read currenttime tools/list
  gatehouse token --env-file .env.agent | gatehouse explain --env-file .env --token-file - mcpgw tools/call list_servers
  gatehouse explain --env-file .env --cookie-file ~/.mcp/session_cookie mcpgw`

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('say whether a call would be allowed, and why')
    .argument('<server>', 'the name in scopes.yml')
    .argument('[method]', 'MCP method')
    .argument('[name]', 'tool, prompt or resource')
    .addOption(envFileOption())
    .addOption(new Option('--user <name>', 'a user, assumed').conflicts(['agent', 'tokenFile', 'cookieFile']))
    .addOption(
      new Option('--groups <groups>', "the user's Cognito groups, separated by commas").conflicts(['agent', 'tokenFile', 'cookieFile']),
    )
    .addOption(new Option('--agent <client>', 'an agent, assumed, by its app client').conflicts(['tokenFile', 'cookieFile']))
    .addOption(
      new Option('--scopes <scopes>', "the agent's scopes, or those of the user's token, separated by commas").conflicts([
        'tokenFile',
        'cookieFile',
      ]),
    )
    .addOption(new Option('--token-file <file>', 'an access token; - reads it from standard input').conflicts('cookieFile'))
    .option('--cookie-file <file>', 'a session, as gatehouse login saves it')
    .option('--scopes-file <file>', 'the policy; default: $SCOPES_FILE or scopes.yml')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(run)
}

async function run(server: string, method: string | undefined, name: string | undefined, options: ExplainOptions): Promise<void> {
  const env = readEnvironment(options.envFile, process.env)
  const [{ answer }, { explanationText }, { EXIT }] = await Promise.all([
    import('./explain_caller.ts'),
    import('./explain_text.ts'),
    import('./exit.ts'),
  ])
  const file = options.scopesFile ?? scopesFileOf(env)
  const answered = await answer({ server, method, name }, options, file, env)
  const { explanation, notes } = answered
  process.stdout.write(options.json ? `${JSON.stringify({ ...explanation, notes })}\n` : explanationText(explanation, notes, file))
  if (!explanation.allowed) process.exitCode = EXIT.refused
}
