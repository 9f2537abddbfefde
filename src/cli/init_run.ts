/** One run of `gatehouse init`. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newFiles, problemsWith, type Shipped } from '../init/files.ts'
import { nextSteps, type Step } from '../init/next.ts'
import { type NamedServer, readServers } from '../init/server.ts'
import { stackFiles } from '../init/stack_files.ts'
import { type NewFile, writeNewFiles } from '../init/write.ts'
import { ConfigError, SettingsReader } from '../settings.ts'
import { CommandError, EXIT } from './exit.ts'
import type { InitOptions } from './init.ts'
import { type Answered, askForRest, fromOptions } from './init_answers.ts'
import { type FromStack, readFromStack } from './init_stack.ts'
import { shellWord } from './words.ts'

/** @param root where the shipped files are @throws {CommandError} or {ConfigError} */
export async function runInit(options: InitOptions, root: URL): Promise<void> {
  const reader = new SettingsReader(process.env)
  const secret = reader.text('COGNITO_CLIENT_SECRET')
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  const made = options.fromStack === undefined ? null : await readFromStack(options.fromStack, secret, options.agent)
  const answered = await answer(made === null ? options : { ...options, ...made.options }, made?.secret ?? secret)
  const { answers } = answered
  const servers = checked(answered, made !== null)
  const files = newFiles(answers, servers, randomBytes(32).toString('hex'), readShipped(root))
  if (made !== null) files.push(...filesOf(made, answers.COGNITO_ISSUER, servers, root))
  write(options.dir, files)
  const here = relative('.', options.dir)
  const hasUpstreams = files.some(({ path }) => path.endsWith('gatehouse-upstreams.conf'))
  const steps = nextSteps(answers, here === '' ? null : shellWord(here), hasUpstreams, made === null ? null : made.agentSecret !== null)
  process.stdout.write(options.json ? asJson(options.dir, files, steps) : asText(here, files, steps))
}

function answer(options: InitOptions, secret: string | undefined): Promise<Answered> | Answered {
  const mayAsk = process.stdin.isTTY === true && process.stderr.isTTY === true && !options.yes && options.fromStack !== '-'
  return mayAsk ? askForRest(options, secret) : complete(fromOptions(options, secret))
}

const OPTIONS: Readonly<Record<string, string>> = {
  REGISTRY_URL: '--url',
  COGNITO_USER_POOL_ID: '--pool',
  COGNITO_ISSUER: '--issuer',
  COGNITO_DOMAIN: '--domain',
  COGNITO_CLIENT_ID: '--client',
  ALLOWED_CLIENT_IDS: '--client or --agent',
}

/** @throws {ConfigError} with all that is wrong, by the options that were typed where no stack has given the answers */
function checked({ answers, servers }: Answered, fromStack: boolean): NamedServer[] {
  const read = readServers(servers)
  const { COGNITO_CLIENT_ID: client, ALLOWED_CLIENT_IDS: allowed, ...rest } = answers
  // One client is one mistake.
  const problems = problemsWith({ ...rest, COGNITO_CLIENT_ID: client, ...(allowed !== client && { ALLOWED_CLIENT_IDS: allowed }) })
  const typed = problems.map((problem) => problem.replace(/^[A-Z_]+\b/, (name) => (OPTIONS[name] ? `${OPTIONS[name]} (${name})` : name)))
  const all = [...(fromStack ? problems : typed), ...('problems' in read ? read.problems : [])]
  if ('problems' in read || all.length > 0) throw new ConfigError(all)
  return read.servers
}

function filesOf({ stack, agentSecret }: FromStack, issuer: string | null, servers: readonly NamedServer[], root: URL): NewFile[] {
  const template = (name: string): string => readFileSync(new URL(`.env.${name}.template`, root), 'utf8')
  return stackFiles(stack, agentSecret, issuer, servers, { agent: template('agent'), user: template('user') })
}

/** Without a person to ask, what has no default must be named. */
function complete(answered: Answered): Answered {
  const { REGISTRY_URL, COGNITO_USER_POOL_ID, ALLOWED_CLIENT_IDS } = answered.answers
  const missing = [
    REGISTRY_URL === null && '--url is missing: the public URL of the gateway',
    COGNITO_USER_POOL_ID === null && '--pool is missing: the Cognito user pool, such as us-east-1_AbCdEfGhI',
    ALLOWED_CLIENT_IDS === null && '--client or --agent is missing: the app client by which users log in, or that of an agent',
    answered.servers.length === 0 && '--server is missing: an MCP server, such as currenttime=http://127.0.0.1:9001',
  ].filter((problem) => problem !== false)
  if (missing.length > 0) throw new ConfigError(missing)
  return answered
}

function readShipped(root: URL): Shipped {
  const folder = fileURLToPath(new URL('nginx/', root))
  const filesOf = (name: string): string[] => readdirSync(join(folder, name)).sort()
  const paths = ['gatehouse', 'gatehouse-dict'].flatMap((name) => filesOf(name).map((file) => `${name}/${file}`))
  const shipped = paths.filter((path) => /\.(?:conf|js)$/.test(path))
  return {
    template: readFileSync(new URL('.env.template', root), 'utf8'),
    includes: new Map(shipped.map((path) => [path, readFileSync(join(folder, path), 'utf8')])),
  }
}

function write(folder: string, files: readonly NewFile[]): void {
  const written = writeNewFiles(resolve(folder), files)
  if (written.ok) return
  if ('failed' in written && ['EEXIST', 'ENOTDIR'].includes(written.code))
    throw new CommandError(
      EXIT.failed,
      `${dirname(join(folder, written.failed))} cannot be made: a file stands where a folder must be. No file was left behind.`,
    )
  if ('failed' in written)
    throw new CommandError(EXIT.failed, `${join(folder, written.failed)} cannot be written: ${written.code}. No file was left behind.`)
  const list = written.existing.map((path) => `  ${join(folder, path)}`).join('\n')
  throw new CommandError(
    EXIT.failed,
    `These exist already, and nothing was written:\n${list}\nMove them away, or choose another folder with --dir.`,
  )
}

const asJson = (folder: string, files: readonly NewFile[], steps: readonly Step[]): string =>
  `${JSON.stringify({ dir: resolve(folder), files: files.map(({ path }) => path), next: steps })}\n`

const WHAT: Readonly<Record<string, string>> = {
  '.env': 'settings of the validator; SECRET_KEY is in it, so only you may read it',
  '.env.agent': 'settings of the agent, with its secret; take it to where the agent runs',
  '.env.user': 'settings of gatehouse login; take it to where users are',
  'scopes.yml': 'who may call what',
  'nginx/gatehouse/': 'the gate, for NGINX; only validator.conf, cache.conf, limits.conf and limited.conf are to be changed',
  'nginx/gatehouse-dict/': 'with njs 0.8.5 or newer, to be copied over the gate: decisions stay in memory',
  'nginx/gatehouse-servers.conf': 'the locations of your MCP servers',
  'nginx/gatehouse-upstreams.conf': 'where those with a host name run',
}

function asText(here: string, files: readonly NewFile[], steps: readonly Step[]): string {
  const paths = [...new Set(files.map(({ path }) => path.replace(/^(nginx\/gatehouse(?:-dict)?\/).*/, '$1')))]
  const width = Math.max(...paths.map((path) => join(here, path).length))
  const written = paths.map((path) => `  ${join(here, path).padEnd(width)}  ${WHAT[path] ?? ''}`)
  const next = steps.map(({ say, code }, index) => [`${index + 1}. ${say}`, ...code.map((line) => `     ${line}`)].join('\n'))
  return `Written:\n${written.join('\n')}\n\nNext:\n${next.join('\n')}\n`
}
