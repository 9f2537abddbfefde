/** Questions to AWS by its own command line, which knows how its user is logged in. What it answers is kept in memory alone. */
import { execFile } from 'node:child_process'
import { CommandError, EXIT } from './exit.ts'
import { clean } from './words.ts'

/** Milliseconds, bytes. It may ask for a code of a second factor. */
const TIMEOUT = 120_000
const MOST = 4 * 1024 * 1024

/** `aws` inherits the environment, and has no use for these. */
const SECRETS = ['SECRET_KEY', 'COGNITO_CLIENT_SECRET', 'SESSION_STORE_URL']

/**
 * Runs `aws`, without a shell.
 * @param args beginning with service and operation
 * @returns what it has printed, which may be secret
 * @throws {CommandError} with what it complained of
 */
export function askAws(args: readonly string[]): Promise<string> {
  const command = `aws ${args.slice(0, 2).join(' ')}`
  return new Promise((resolve, reject) => {
    const running = execFile(
      'aws',
      [...args, '--output', 'json'],
      { env: environment(), timeout: TIMEOUT, maxBuffer: MOST, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(new CommandError(EXIT.failed, explain(command, error, stderr)))
      },
    )
    running.stdin?.on('error', () => {}).end()
  })
}

/** Version 1 of `aws` does not know AWS_REGION, which version 2 and every SDK prefer. */
function environment(): NodeJS.ProcessEnv {
  const region = process.env.AWS_REGION
  const env = Object.entries(process.env).filter(([name]) => !SECRETS.includes(name))
  return { ...Object.fromEntries(env), ...(region && { AWS_DEFAULT_REGION: region }) }
}

function explain(command: string, error: { code?: string | number | null; killed?: boolean }, stderr: string): string {
  if (error.code === 'ENOENT') return `${command} cannot be run: there is no aws here. Install the AWS CLI, or ${ELSEWHERE}`
  if (error.killed) return `${command} has not ended within two minutes.`
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((one) => one.includes('An error occurred')) ?? lines.at(-1)
  const said = line === undefined ? `it ended with ${clean(String(error.code ?? 'a signal'))} and said nothing` : clean(line.trim())
  const hint = HINTS.find(([pattern]) => pattern.test(stderr))?.[1]
  return `${command}: ${said}${hint === undefined ? '' : `\n${hint}`}`
}

const ELSEWHERE = `save what aws cloudformation describe-stacks --stack-name NAME --output json prints elsewhere,
name that file here, and set COGNITO_CLIENT_SECRET to the secret of the app client WebClientId.`

/** It ends with 255 whatever happens, so its words must tell; they are shown in any case. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /\((?:ExpiredToken(?:Exception)?|InvalidClientTokenId|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch)\)/,
    'You are not logged in at AWS, or no longer. Log in, for example by aws sso login; AWS_PROFILE chooses the profile.',
  ],
  [
    /locate credentials|[Tt]oken has expired|SSO (?:session|Token)|config profile/,
    'You are not logged in at AWS. Log in, for example by aws sso login; AWS_PROFILE chooses the profile.',
  ],
  [/specify a region/, 'Set AWS_REGION to the region of the stack, or name the stack by its ARN.'],
  [
    /\(ValidationError\)[^\n]*does not exist/,
    'There is no such stack in this account and region. aws cloudformation list-stacks names those that are; AWS_PROFILE and AWS_REGION choose.\nA file is named by a path with a slash or a dot in it.',
  ],
  [/\((?:AccessDenied\w*|NotAuthorizedException)\)/, 'It takes cloudformation:DescribeStacks and cognito-idp:DescribeUserPoolClient.'],
]
