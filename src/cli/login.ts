/** `gatehouse login`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Environment } from '../settings.ts'
import { readEnvironment } from './env.ts'
import type { Attempt, SignedIn } from './login_attempt.ts'
import { cookieFileOption, envFileOption } from './options.ts'

interface LoginOptions {
  envFile: string[]
  browser: boolean
  cookieFile?: string
  port?: number
  direct?: true
  gateway?: true
  timeout: number
}

const HELP = `
With SECRET_KEY the login goes straight to Cognito, and the session is sealed here; http://localhost:8080/callback must be a callback URL
of the app client. It reads COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET, COGNITO_DOMAIN, SECRET_KEY and REGISTRY_URL.
Without SECRET_KEY the gateway does both, and REGISTRY_URL is all that is needed.

Example:
  gatehouse login --env-file .env.user`

/** @throws {InvalidArgumentError} which commander shows with the name of the option */
const numberWithin =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d{1,5}$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`)
    return value
  }

export function addLogin(program: Command): void {
  program
    .command('login')
    .description('log in as a user, in the browser')
    .addOption(envFileOption())
    .option('--no-browser', 'print the address instead of opening the browser')
    .addOption(cookieFileOption())
    .addOption(
      new Option('--port <port>', 'port on this machine for the way back; default: 8080, by way of the gateway any free one').argParser(
        numberWithin(1024, 65_535),
      ),
    )
    .addOption(new Option('--direct', 'straight at Cognito; the default with SECRET_KEY').conflicts('gateway'))
    .addOption(new Option('--gateway', 'by way of the gateway; the default without SECRET_KEY'))
    .addOption(new Option('--timeout <seconds>', 'how long to wait for the browser').argParser(numberWithin(1, 300)).default(300))
    .addHelpText('after', HELP)
    .action(login)
}

async function login(options: LoginOptions): Promise<void> {
  const env = readEnvironment(options.envFile, process.env)
  const [{ cookieFile }, { interruptible }, { seeThrough }, { showInBrowser }] = await Promise.all([
    import('./cookie_file.ts'),
    import('./interrupt.ts'),
    import('./login_attempt.ts'),
    import('./browser.ts'),
  ])
  const file = cookieFile(options.cookieFile)
  const session = await interruptible(async (signal) => {
    const circumstances = { file, seconds: options.timeout, signal, showInBrowser: (url: string) => showInBrowser(url, options.browser) }
    return seeThrough(await begin(options, env), circumstances)
  })
  await tell(session, file)
}

async function begin({ direct, gateway, port }: LoginOptions, env: Environment): Promise<Attempt> {
  const { hasSetting, readDirectSettings, readGatewaySettings } = await import('./settings.ts')
  if (direct || (!gateway && hasSetting(env, 'SECRET_KEY'))) {
    const { beginDirectLogin } = await import('./login_direct.ts')
    return beginDirectLogin(readDirectSettings(env), port)
  }
  const { beginGatewayLogin } = await import('./login_gateway.ts')
  return beginGatewayLogin(readGatewaySettings(env).gateway, port)
}

async function tell({ username, groups, expiresAt, gateway }: SignedIn, file: string): Promise<void> {
  const { clean, namesInWords, nowSeconds, shellWord, whenInWords } = await import('./words.ts')
  const { jarOf } = await import('./cookie_file.ts')
  const lines = [
    `Signed in as ${clean(username)}`,
    `Groups:  ${namesInWords(groups)}`,
    `Until:   ${whenInWords(expiresAt, nowSeconds())}`,
    `Saved:   ${file}, and ${jarOf(file)} for curl`,
    `Try:     curl --cookie ${shellWord(jarOf(file))} ${gateway}/oauth2/whoami`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
