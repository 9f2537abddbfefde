/** Secrets by file: `NAME_FILE` instead of `NAME`, as official container images have it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRevokeSettings, readSecretKeySettings } from '../src/cli/settings.ts'
import { readAgentSettings } from '../src/cognito/client_credentials.ts'
import { readConfig } from '../src/config.ts'
import { roleOf } from '../src/doctor/profile.ts'
import { ConfigError, type Environment, SECRETS } from '../src/settings.ts'
import * as assert from './support/assert.ts'
import { root } from './support/gateway.ts'
import { suite } from './support/suite.ts'

const secrets = suite('secrets in files')

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-secrets-'))
secrets.after(() => rmSync(folder, { recursive: true, force: true }))
const KEY = '5f1d7a0c93be4826d1f0a7c4e8b29360'
const NEWER = 'b09c7be1d2f34a5687c9d0e1f2a3b4c5'
const GOOD: Environment = {
  COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
  COGNITO_CLIENT_ID: '1client',
  ALLOWED_CLIENT_IDS: '1client',
  REGISTRY_URL: 'https://mcp.example.com',
}

let written = 0
/** The path of a new file with this content. */
function file(content: string | Uint8Array): string {
  const path = join(folder, `secret${written++}`)
  writeFileSync(path, content)
  return path
}

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

secrets('each is the same from a file as from the environment, one final newline or none', () => {
  const values = {
    SECRET_KEY: KEY,
    COGNITO_CLIENT_SECRET: 'web+/=',
    COGNITO_MCP_CLIENT_SECRET: 'mcp',
    SESSION_STORE_URL: 'rediss://u:hidden@store.test:6379/0',
  }
  assert.equal(Object.keys(values), [...SECRETS])
  const expected = readConfig({ ...GOOD, COGNITO_MCP_CLIENT_ID: '2client', ...values })
  for (const end of ['', '\n', '\r\n']) {
    const files = Object.fromEntries(Object.entries(values).map(([name, value]) => [`${name}_FILE`, file(`${value}${end}`)]))
    assert.equal(readConfig({ ...GOOD, COGNITO_MCP_CLIENT_ID: '2client', ...files }), expected)
  }
})

secrets('several keys stand in one file, on a line each too', () => {
  for (const text of [`${NEWER},${KEY}\n`, `${NEWER}\n${KEY}\n`]) {
    assert.equal(readConfig({ ...GOOD, SECRET_KEY_FILE: file(text) }).secretKeys, [NEWER, KEY])
  }
})

secrets('an empty variable is as good as none, on either side', () => {
  assert.equal(readConfig({ ...GOOD, SECRET_KEY: '', SECRET_KEY_FILE: file(KEY) }).secretKeys, [KEY])
  assert.equal(readConfig({ ...GOOD, SECRET_KEY: KEY, SECRET_KEY_FILE: ' ' }).secretKeys, [KEY])
})

secrets('a file behind a link is read, as Kubernetes lays secrets out', () => {
  mkdirSync(join(folder, '..data'))
  writeFileSync(join(folder, '..data/secret_key'), KEY)
  symlinkSync('..data/secret_key', join(folder, 'secret_key'))
  assert.equal(readConfig({ ...GOOD, SECRET_KEY_FILE: join(folder, 'secret_key') }).secretKeys, [KEY])
})

const EXAMPLE = 'Example: SECRET_KEY_FILE=/run/secrets/secret_key'
for (const [what, changes, problem] of [
  ['both are set', { SECRET_KEY: KEY, SECRET_KEY_FILE: file(KEY) }, 'and SECRET_KEY are both set; one of them has to go'],
  ['there is no file', { SECRET_KEY_FILE: join(folder, 'absent') }, 'names a file that cannot be read: ENOENT'],
  ['it is a folder', { SECRET_KEY_FILE: folder }, 'names a file that cannot be read: EISDIR'],
  ['the secret itself stands where its file should', { SECRET_KEY_FILE: KEY }, 'names a file that cannot be read: ENOENT'],
  ['the file is empty', { SECRET_KEY_FILE: file('\n') }, 'names a file that is empty'],
  [
    'it is not text',
    { SECRET_KEY_FILE: file(Uint8Array.of(0xff, 0xfe)) },
    'names a file that cannot be read: ERR_ENCODING_INVALID_ENCODED_DATA',
  ],
] as [string, Environment, string][]) {
  secrets(`${what}: one problem, which names the variable and neither path nor content`, () => {
    assert.equal(
      problemsOf(() => readConfig({ ...GOOD, ...changes })),
      [`SECRET_KEY_FILE ${problem}. ${EXAMPLE}`],
    )
  })
}

secrets('what is wrong with them is told with all that is wrong besides', () => {
  const files = Object.fromEntries(SECRETS.map((name) => [`${name}_FILE`, join(folder, 'absent')]))
  const problems = problemsOf(() => readConfig({ ...GOOD, COGNITO_MCP_CLIENT_ID: '2client', REGISTRY_URL: 'x', ...files }))
  assert.equal(
    problems.map((problem) => problem.split(' ', 1)[0]).sort(),
    ['REGISTRY_URL', ...SECRETS.map((name) => `${name}_FILE`)].sort(),
  )
})

secrets('a content that cannot be used is told like that of the variable, and not repeated', () => {
  const weak = file('hidden-and-short')
  const store = file('http://u:hidden@store.test')
  const problems = problemsOf(() => readConfig({ ...GOOD, SECRET_KEY_FILE: weak, SESSION_STORE_URL_FILE: store }))
  assert.equal(problems.map((problem) => problem.split(' ', 1)[0]).sort(), ['SECRET_KEY', 'SESSION_STORE_URL'])
  assert.not.match(problems.join('\n'), /hidden/)
})

secrets('only secrets are read from files', () => {
  assert.is(readConfig({ ...GOOD, SECRET_KEY: KEY, LOG_LEVEL_FILE: file('debug') }).logLevel, 'info')
})

secrets('the commands around sessions read them too', () => {
  assert.equal(readSecretKeySettings({ SECRET_KEY_FILE: file(KEY) }), [KEY])
  const url = 'redis://store.test:6379'
  assert.equal(readRevokeSettings({ SESSION_STORE_URL_FILE: file(url) }), { kind: 'store', url })
  const problems = problemsOf(() => readRevokeSettings({ SESSION_STORE_URL_FILE: join(folder, 'absent') }))
  assert.equal(
    problems.map((problem) => problem.split(' ', 1)[0]),
    ['SESSION_STORE_URL_FILE'],
  )
})

secrets('an agent reads its own too', () => {
  const { COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID } = GOOD
  const agent = { COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, COGNITO_DOMAIN: 'my-company' }
  const expected = readAgentSettings({ ...agent, COGNITO_CLIENT_SECRET: 'web+/=' })
  assert.is(expected.clientSecret, 'web+/=')
  assert.equal(readAgentSettings({ ...agent, COGNITO_CLIENT_SECRET_FILE: file('web+/=\n') }), expected)
  for (const [changes, problem] of [
    [{}, 'COGNITO_CLIENT_SECRET is missing. Example: COGNITO_CLIENT_SECRET=the secret of that app client'],
    [
      { COGNITO_CLIENT_SECRET_FILE: join(folder, 'absent') },
      'COGNITO_CLIENT_SECRET_FILE names a file that cannot be read: ENOENT. Example: COGNITO_CLIENT_SECRET_FILE=/run/secrets/cognito_client_secret',
    ],
  ] as [Environment, string][])
    assert.equal(
      problemsOf(() => readAgentSettings({ ...agent, ...changes })),
      [problem],
    )
})

secrets('a file of settings with nothing but such a secret is taken for an agent', () => {
  assert.is(roleOf({ COGNITO_CLIENT_ID: '1client', COGNITO_CLIENT_SECRET_FILE: '/run/secrets/x' }, 'settings'), 'agent')
  const gateway = { COGNITO_CLIENT_ID: '1client', COGNITO_CLIENT_SECRET_FILE: '/run/secrets/x', SECRET_KEY_FILE: '/run/secrets/y' }
  assert.is(roleOf(gateway, 'settings'), 'gateway')
})

secrets("the image's program and gatehouse serve tell the same, and end with 2", () => {
  const env = { PATH: process.env.PATH, ...GOOD, SECRET_KEY_FILE: join(folder, 'absent') }
  const runs = [['dist/validator.js'], ['bin/gatehouse', 'serve']].map((args) =>
    spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' }),
  )
  for (const { status, stderr, stdout } of runs) {
    assert.equal([status, stdout], [2, ''])
    assert.match(stderr, /^gatehouse: .*\n {2}- SECRET_KEY_FILE names a file that cannot be read: ENOENT\./)
  }
  assert.is(runs[0]?.stderr, runs[1]?.stderr)
})

secrets.run()
