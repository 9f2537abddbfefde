/** What `gatehouse init --from-stack` knows by the stack: outputs from AWS or from a file, and the secrets of app clients from AWS alone. */
import { regionOfPool } from '../cognito/pool.ts'
import { readStack, type Stack } from '../init/stack.ts'
import { askAws } from './aws.ts'
import { CommandError, EXIT } from './exit.ts'
import type { InitOptions } from './init.ts'
import { nameOf, readText } from './policy_source.ts'
import { clean } from './words.ts'

export interface FromStack {
  stack: Stack
  /** Of the login's app client. */
  secret: string
  /** Null when AWS was not asked. */
  agentSecret: string | null
  /** As if they had been named. */
  options: Pick<InitOptions, 'url' | 'pool' | 'domain' | 'client' | 'agent'>
}

/** The forms of AWS API_DescribeStacks. Anything else is a file. */
const NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/
const ARN = /^arn:aws[a-z-]*:cloudformation:([a-z0-9-]{1,30}):\d{12}:stack\/[A-Za-z][A-Za-z0-9-]{0,127}\/[0-9a-f-]{1,60}$/

/**
 * @param source a stack by name or ARN, a path, or `-` for standard input
 * @param given the secret of the login's app client, where it is known; with a file AWS is not asked then
 * @throws {CommandError} for what cannot be used, without a secret in the message
 */
export async function readFromStack(source: string, given: string | undefined, agents: readonly string[]): Promise<FromStack> {
  const isStack = NAME.test(source) || ARN.test(source)
  const read = readStack(isStack ? await describeStack(source) : readText(source))
  if ('problem' in read) {
    if (!isStack) throw new CommandError(EXIT.usage, `${nameOf(source)} ${read.problem}`)
    throw new CommandError(EXIT.failed, `The stack ${source} ${read.problem}`)
  }
  const { stack } = read
  const { UserPoolId, WebClientId, CliClientId, AgentClientId } = stack
  const secret = given ?? (await secretOf(UserPoolId, WebClientId))
  const agentSecret = isStack || given === undefined ? await secretOf(UserPoolId, AgentClientId) : null
  const options = { url: stack.RegistryUrl, pool: UserPoolId, domain: stack.Domain, client: WebClientId }
  return { stack, secret, agentSecret, options: { ...options, agent: [CliClientId, AgentClientId, ...agents] } }
}

function describeStack(source: string): Promise<string> {
  const region = ARN.exec(source)?.[1]
  return askAws(['cloudformation', 'describe-stacks', '--stack-name', source, ...(region === undefined ? [] : ['--region', region])])
}

async function secretOf(pool: string, client: string): Promise<string> {
  const where = ['--user-pool-id', pool, '--client-id', client, '--region', regionOfPool(pool) as string]
  const secret = clientSecret(await askAws(['cognito-idp', 'describe-user-pool-client', ...where]))
  if (secret === null)
    throw new CommandError(EXIT.failed, `The app client ${clean(client)} of ${clean(pool)} has no secret that could be read.`)
  return secret
}

/** AWS API_UserPoolClientType: `[\w+]+`, at most 64 characters. Whatever can stand in a settings file as it is, is taken. */
function clientSecret(text: string): string | null {
  try {
    const { UserPoolClient } = JSON.parse(text) as { UserPoolClient?: { ClientSecret?: unknown } }
    const secret = UserPoolClient?.ClientSecret
    return typeof secret === 'string' && /^[\w+./=~-]{1,128}$/.test(secret) ? secret : null
  } catch {
    return null
  }
}
