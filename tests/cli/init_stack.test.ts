/** `gatehouse init --from-stack`: with a stand-in for `aws`, and with files. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { Command } from 'commander'
import { CommandError } from '../../src/cli/exit.ts'
import { addInit } from '../../src/cli/init.ts'
import { readFromStack } from '../../src/cli/init_stack.ts'
import { OUTPUT_NAMES, readStack } from '../../src/init/stack.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { type Ended, makeHome } from './command.ts'

const STACK = {
  UserPoolId: 'us-east-1_AbCdEfGhI',
  Domain: 'my-company-mcp',
  RegistryUrl: 'https://mcp.example.com',
  WebClientId: '1web456789',
  CliClientId: '2cli456789',
  AgentClientId: '3agent789',
}
type Outputs = Record<string, string>
const cloudFormation = (outputs: Outputs = STACK, status = 'CREATE_COMPLETE'): string => {
  const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }))
  return JSON.stringify({ Stacks: [{ StackName: 'gatehouse', StackStatus: status, Outputs }] })
}
const terraform = (outputs: Outputs = STACK): string =>
  JSON.stringify(Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { sensitive: false, type: 'string', value }])))
const without = (name: keyof typeof STACK): Outputs => Object.fromEntries(Object.entries(STACK).filter(([key]) => key !== name))

const reading = suite('outputs of a stack')
for (const [what, text] of [
  ['CloudFormation', cloudFormation()],
  ['CloudFormation, an update taken back', cloudFormation(STACK, 'UPDATE_ROLLBACK_COMPLETE')],
  ['CloudFormation, with more outputs than these', cloudFormation({ ...STACK, Other: 'x' })],
  ['Terraform', terraform()],
  ['a file with a byte order mark', `\uFEFF${terraform()}`],
] as const) {
  reading(`read: ${what}`, () => assert.equal(readStack(text), { stack: STACK }))
}
for (const [what, text, problem] of [
  ['no JSON', 'WebClientId = "x"', /^is not what .*no JSON object$/],
  ['a list', '[]', /no JSON object$/],
  ['no stack', '{"Stacks":[]}', /^holds 0 stacks; name one/],
  ['two stacks', '{"Stacks":[{},{}]}', /^holds 2 stacks; name one/],
  ['a stack that is no object', '{"Stacks":[null]}', /^holds 1 stacks/],
  ['no status', '{"Stacks":[{"StackStatus":"\\u001b[31m"}]}', /^has failed \(without a status\)/],
  ['a stack being made', cloudFormation(STACK, 'CREATE_IN_PROGRESS'), /^is not finished \(CREATE_IN_PROGRESS\): try again/],
  ['a change set to be looked at', cloudFormation({}, 'REVIEW_IN_PROGRESS'), /^is not finished/],
  ['a stack taken back', cloudFormation(STACK, 'ROLLBACK_COMPLETE'), /^has failed \(ROLLBACK_COMPLETE\): its events say why/],
  ['a stack being taken back', cloudFormation(STACK, 'ROLLBACK_IN_PROGRESS'), /^has failed/],
  ['a stack that is deleted', cloudFormation(STACK, 'DELETE_COMPLETE'), /^is deleted/],
  [
    'a stack without outputs',
    '{"Stacks":[{"StackStatus":"CREATE_COMPLETE"}]}',
    /^lacks the outputs UserPoolId, Domain, .*AgentClientId; those/,
  ],
  ['a module without outputs', '{}', /^lacks the outputs UserPoolId/],
  ['a value that is no text', '{"UserPoolId":{"value":7}}', /^lacks the outputs UserPoolId/],
  [
    'an id that would be an option',
    cloudFormation({ ...STACK, WebClientId: '--debug' }),
    /^has an output that cannot be right: WebClientId$/,
  ],
  ['a pool that is none', terraform({ ...STACK, UserPoolId: 'AbC' }), /^has an output that cannot be right: UserPoolId$/],
  ...OUTPUT_NAMES.map((name) => [`no ${name}`, terraform(without(name)), new RegExp(`^lacks the output ${name};`)] as const),
] as const) {
  reading(`refused: ${what}`, () => {
    const read = readStack(text)
    assert.match('problem' in read ? read.problem : 'read', problem)
  })
}

const init = suite('gatehouse init --from-stack')
const home = makeHome()
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-stack-'))
const bin = join(folder, 'bin')
const at = (name: string): string => join(folder, name)
/** Node, and nothing else. */
const bare = join(folder, 'bare')
for (const path of [bin, bare]) mkdirSync(path)
symlinkSync(process.execPath, join(bare, 'node'))
init.after(() => {
  home.remove()
  rmSync(folder, { recursive: true, force: true })
})

const SECRETS: Outputs = { '1web456789': 'websecret0123456789', '3agent789': 'agentsecret0123456789' }
/** Answers from files, by operation and client, and notes how it was called. A file `…fails` goes to standard error. */
const FAKE = `#!/bin/sh
printf '%s\\n' "$* [$AWS_DEFAULT_REGION] [$COGNITO_CLIENT_SECRET$SECRET_KEY]" >> "$FAKE/calls"
answer="$FAKE/$2"
[ "$2" = describe-user-pool-client ] && answer="$answer.$6"
if [ -e "$answer.fails" ]; then cat "$answer.fails" >&2; exit 255; fi
cat "$answer"
`
writeFileSync(join(bin, 'aws'), FAKE)
chmodSync(join(bin, 'aws'), 0o755)

interface World {
  stack?: string
  fails?: string
  secretFails?: string
  secrets?: Record<string, unknown>
}
let count = 0
/** The environment of a stand-in that answers so. */
function fakeAws(world: World): Outputs & { FAKE: string } {
  const fake = at(`aws${count++}`)
  mkdirSync(fake)
  writeFileSync(join(fake, 'calls'), '')
  writeFileSync(join(fake, 'describe-stacks'), world.stack ?? cloudFormation())
  if (world.fails !== undefined) writeFileSync(join(fake, 'describe-stacks.fails'), world.fails)
  for (const [client, ClientSecret] of Object.entries(world.secrets ?? SECRETS)) {
    writeFileSync(join(fake, `describe-user-pool-client.${client}`), JSON.stringify({ UserPoolClient: { ClientSecret } }))
    if (world.secretFails) writeFileSync(join(fake, `describe-user-pool-client.${client}.fails`), world.secretFails)
  }
  return { PATH: `${bin}:${process.env.PATH}`, FAKE: fake }
}

async function run(source: string, world: World, more: { args?: string[]; env?: Outputs; input?: string } = {}) {
  const name = `run${count}`
  const fake = fakeAws(world)
  const args = ['init', '--dir', at(name), '--from-stack', source, '--server', 'currenttime=http://127.0.0.1:9001', ...(more.args ?? [])]
  const ended: Ended = await home.gatehouse(args, { ...fake, ...more.env }, more.input)
  const read = (file: string): Outputs | null =>
    existsSync(join(at(name), file)) ? { ...(parseEnv(readFileSync(join(at(name), file), 'utf8')) as Outputs) } : null
  const all = ended.stdout + ended.stderr
  for (const secret of [...Object.values(SECRETS), read('.env')?.SECRET_KEY ?? '(no key)']) assert.not.match(all, secret)
  assert.not.match(all, /\n {4}at /)
  return { ...ended, folder: at(name), read, calls: readFileSync(join(fake.FAKE, 'calls'), 'utf8') }
}

init('writes three settings files for their owner alone, with the secrets that AWS tells', async () => {
  const made = await run('gatehouse', {}, { args: ['--agent', '4other', '--server', 'mcpgw=http://127.0.0.1:9002'] })
  assert.equal([made.code, made.stderr], [0, ''])
  const { SECRET_KEY, ...env } = made.read('.env') as Outputs
  assert.match(SECRET_KEY ?? '', /^[0-9a-f]{64}$/)
  assert.equal(env, {
    COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
    ALLOWED_CLIENT_IDS: '1web456789,2cli456789,3agent789,4other',
    REGISTRY_URL: 'https://mcp.example.com',
    COGNITO_CLIENT_ID: '1web456789',
    COGNITO_CLIENT_SECRET: 'websecret0123456789',
    COGNITO_DOMAIN: 'my-company-mcp',
  })
  assert.equal(made.read('.env.agent'), {
    COGNITO_CLIENT_ID: '3agent789',
    COGNITO_CLIENT_SECRET: 'agentsecret0123456789',
    COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
    COGNITO_DOMAIN: 'my-company-mcp',
    MCP_REGISTRY_URL: 'https://mcp.example.com/mcpgw/mcp',
  })
  assert.equal(made.read('.env.user'), {
    REGISTRY_URL: 'https://mcp.example.com',
    COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
    COGNITO_CLIENT_ID: '2cli456789',
    COGNITO_DOMAIN: 'my-company-mcp',
  })
  for (const name of ['.env', '.env.agent', '.env.user']) {
    assert.is(statSync(join(made.folder, name)).mode & 0o777, 0o600, name)
    assert.not.match(readFileSync(join(made.folder, name), 'utf8'), 'Copy this file')
  }
  const pool = '--user-pool-id us-east-1_AbCdEfGhI --client-id'
  assert.is(
    made.calls,
    `cloudformation describe-stacks --stack-name gatehouse --output json [] []
cognito-idp describe-user-pool-client ${pool} 1web456789 --region us-east-1 --output json [] []
cognito-idp describe-user-pool-client ${pool} 3agent789 --region us-east-1 --output json [] []
`,
  )
  assert.not.match(made.stdout, /In Cognito, give the app client|Make the scopes/)
  assert.match(made.stdout, 'sudo gatehouse doctor --env-file .env --env-file .env.agent')
})
init('an ARN names the region; AWS_REGION holds for version 1 of aws too, and secrets of ours do not reach it', async () => {
  const arn = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/gatehouse/8afcdc59-086b-455c-b729-433a1756a492'
  const env = { AWS_REGION: 'eu-north-1', COGNITO_CLIENT_SECRET: 'given0123456789', SECRET_KEY: 'k'.repeat(32) }
  const made = await run(arn, {}, { env })
  assert.is(made.code, 0, made.stderr)
  assert.match(made.calls, `--stack-name ${arn} --region eu-west-1 --output json [eu-north-1] []\n`)
  assert.equal([made.read('.env')?.COGNITO_CLIENT_SECRET, made.calls.split('\n').length - 1], ['given0123456789', 2])
})
init('a file of Terraform, by standard input', async () => {
  const made = await run('-', {}, { input: terraform() })
  assert.is(made.code, 0, made.stderr)
  assert.equal(
    [made.read('.env')?.COGNITO_CLIENT_SECRET, made.read('.env.agent')?.COGNITO_CLIENT_SECRET],
    ['websecret0123456789', 'agentsecret0123456789'],
  )
  assert.not.match(made.calls, 'describe-stacks')
})
init('with a file and the secret at hand AWS is not asked, and there is no file for the agent', async () => {
  writeFileSync(at('saved.json'), cloudFormation())
  const made = await run(at('saved.json'), {}, { env: { COGNITO_CLIENT_SECRET: 'given0123456789', PATH: bare } })
  assert.is(made.code, 0, made.stderr)
  assert.equal([made.calls, made.read('.env')?.COGNITO_CLIENT_SECRET, made.read('.env.agent')], ['', 'given0123456789', null])
  assert.match(made.stdout, 'sudo gatehouse doctor --env-file .env\n')
})
init('overwrites nothing, and leaves nothing behind, when .env.agent is there', async () => {
  const next = at(`run${count}`)
  mkdirSync(next)
  writeFileSync(join(next, '.env.agent'), 'mine')
  const made = await run('gatehouse', {})
  assert.equal([made.code, made.stdout, made.read('.env')], [1, '', null])
  assert.match(made.stderr, /exist already, and nothing was written:\n {2}\S+\.env\.agent\n/)
  assert.is(readFileSync(join(next, '.env.agent'), 'utf8'), 'mine')
})

const error = (code: string, text: string): string => `\nAn error occurred (${code}) when calling the Describe operation: ${text}\n`
for (const [what, source, world, code, message] of [
  ['no such stack', 'nosuch', { fails: error('ValidationError', 'Stack with id nosuch does not exist') }, 1, /There is no such stack/],
  [
    'nobody logged in',
    'gatehouse',
    { fails: 'Unable to locate credentials. You can configure credentials by running "aws configure".\n' },
    1,
    /describe-stacks: Unable to locate credentials.*\nYou are not logged in at AWS/,
  ],
  ['a login that is over', 'gatehouse', { fails: error('ExpiredToken', 'The security token is expired') }, 1, /or no longer\. Log in/],
  ['no region', 'gatehouse', { fails: 'You must specify a region.\n' }, 1, /Set AWS_REGION/],
  ['no right to see it', 'gatehouse', { fails: error('AccessDenied', 'no') }, 1, /It takes cloudformation:DescribeStacks/],
  ['an error without words, with an escape sequence', 'gatehouse', { fails: '\x1b[31mbroken\n' }, 1, /describe-stacks: \[31mbroken$/],
  ['silence', 'gatehouse', { fails: '' }, 1, /it ended with 255 and said nothing/],
  ['no right to read secrets', 'gatehouse', { secretFails: error('AccessDeniedException', 'no') }, 1, /user-pool-client: .*\nIt takes/],
  [
    'a stack that is not finished',
    'gatehouse',
    { stack: cloudFormation(STACK, 'UPDATE_IN_PROGRESS') },
    1,
    /The stack gatehouse is not finished/,
  ],
  ['an output missing', 'gatehouse', { stack: cloudFormation(without('Domain')) }, 1, /The stack gatehouse lacks the output Domain;/],
  ['aws prints no JSON', 'gatehouse', { stack: 'websecret0123456789' }, 1, /The stack gatehouse is not what/],
  [
    'a client without a secret',
    'gatehouse',
    { secrets: { '1web456789': undefined } },
    1,
    /1web456789 of us-east-1_AbCdEfGhI has no secret/,
  ],
  ['a secret that is none', 'gatehouse', { secrets: { '1web456789': 'websecret0123456789\nX=1' } }, 1, /has no secret that could be read/],
  ['no such file', './none.json', {}, 2, /\.\/none\.json cannot be read: ENOENT/],
] as [string, string, World, number, RegExp][]) {
  init(`refused before anything is written: ${what}`, async () => {
    const { PATH } = process.env
    Object.assign(process.env, fakeAws(world))
    try {
      await readFromStack(source, undefined, [])
      assert.unreachable('it was read')
    } catch (thrown) {
      assert.instance(thrown, CommandError)
      const { exitCode, message: told } = thrown as CommandError
      assert.is(exitCode, code)
      assert.match(told, message)
      for (const secret of Object.values(SECRETS)) assert.not.match(told, secret)
    } finally {
      process.env.PATH = PATH
    }
  })
}
for (const [what, world, more, exitCode, message] of [
  ['a gateway that is none', { stack: cloudFormation({ ...STACK, RegistryUrl: 'mcp.example.com' }) }, {}, 2, /REGISTRY_URL must be/],
  ['a domain that is none', { stack: cloudFormation({ ...STACK, Domain: 'a b"' }) }, {}, 2, /COGNITO_DOMAIN must be/],
  [
    'a stack that is not finished',
    { stack: cloudFormation(STACK, 'UPDATE_IN_PROGRESS') },
    {},
    1,
    /^gatehouse: The stack gatehouse is not f/,
  ],
  ['aws is missing', {}, { env: { PATH: bare } }, 1, /there is no aws here\. Install the AWS CLI, or save .*\n.*COGNITO_CLIENT_SECRET/],
] as [string, World, { env?: Outputs }, number, RegExp][]) {
  init(`nothing is written: ${what}`, async () => {
    const made = await run('gatehouse', world, more)
    assert.equal([made.code, made.stdout, existsSync(made.folder)], [exitCode, '', false], made.stderr)
    assert.match(made.stderr, message)
  })
}
for (const option of ['--url', '--pool', '--domain', '--client']) {
  init(`${option} beside it is a second answer, and refused`, async () => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} })
    addInit(program)
    for (const one of program.commands) one.exitOverride().configureOutput({ writeErr: () => {} })
    const taken = program.parseAsync(['init', '--from-stack', 'gatehouse', option, 'x'], { from: 'user' })
    const thrown = await taken.then(() => null).catch((error) => error as { code?: string; message: string })
    assert.is(thrown?.code, 'commander.conflictingOption')
    assert.match(thrown?.message ?? '', `'--from-stack <stack>' cannot be used with option '${option} `)
  })
}

reading.run()
init.run()
