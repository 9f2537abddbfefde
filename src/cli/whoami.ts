/** `gatehouse whoami`. */
import type { Command } from 'commander'
import { readEnvironment } from './env.ts'
import { cookieFileOption, envFileOption } from './options.ts'
import type { Identity } from './whoami_identity.ts'

interface WhoamiOptions {
  envFile: string[]
  cookieFile?: string
  tokenFile?: string
  offline?: true
  json?: true
}

const HELP = `
The gateway at REGISTRY_URL is asked. Without one, or with --offline, the session is opened here with SECRET_KEY, or the token verified with
the keys of COGNITO_USER_POOL_ID; what it opens, and whether it was ended before its time, only the gateway knows.

Examples:
  gatehouse whoami --env-file .env.user
  gatehouse token --env-file .env.agent | gatehouse whoami --env-file .env.agent --offline --token-file -`

export function addWhoami(program: Command): void {
  program
    .command('whoami')
    .description('say who the saved session, or a token, is')
    .addOption(envFileOption())
    .addOption(cookieFileOption())
    .option('--token-file <file>', 'an access token instead of the session; - reads it from standard input')
    .option('--offline', 'do not ask the gateway')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(whoami)
}

async function whoami(options: WhoamiOptions): Promise<void> {
  const env = readEnvironment(options.envFile, process.env)
  const { readCredential } = await import('./whoami_credential.ts')
  const { hasSetting } = await import('./settings.ts')
  const credential = readCredential(options.tokenFile, options.cookieFile)
  const offline = options.offline || !hasSetting(env, 'REGISTRY_URL')
  const { identify } = offline ? await import('./whoami_offline.ts') : await import('./whoami_gateway.ts')
  const identity = await identify(credential, env)
  process.stdout.write(options.json ? `${asciiJson(identity)}\n` : await describe(identity))
}

/** Terminals obey controls that JSON leaves as they are, and names may turn the text around them. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

async function describe(identity: Identity): Promise<string> {
  const { clean, namesInWords, nowSeconds, whenInWords } = await import('./words.ts')
  const { user, client_id, auth_method, groups, scopes, servers, expires_at } = identity
  const means = auth_method === 'jwt' ? 'an access token' : 'a session'
  const lines = [
    `${clean(user)}, by ${means} of the app client ${clean(client_id)}`,
    `Groups:  ${groups === null ? 'too many to be named in the session' : namesInWords(groups)}`,
    scopes && `Scopes:  ${namesInWords(scopes)}`,
    servers && `Servers: ${servers.includes('*') ? 'all' : namesInWords(servers)}`,
    `Until:   ${whenInWords(expires_at, nowSeconds())}`,
  ]
  return `${lines.filter((line) => line !== undefined).join('\n')}\n`
}
