/** docs/doctor.md and docs/cognito.md say what the doctor looks for, and their commands for Cognito do what they say. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CHECKS } from '../../src/doctor/finding.ts'
import { CALLBACK_PATHS, MCP_SETTINGS } from '../../src/doctor/mcp_face.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const docs = suite('docs on Cognito and the doctor')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const cognito = read('docs/cognito.md')
/** The commands that change a user pool. */
const scripts = [...cognito.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = '']) => code).filter((code) => code.includes('aws '))

/** What the AWS CLI would say, and a list of what it was asked. */
const AWS = `#!/usr/bin/env node
const { appendFileSync, readFileSync } = require('node:fs')
const args = process.argv.slice(2)
appendFileSync('asked', JSON.stringify(args) + '\\n')
if (args[1] === 'describe-user-pool-client') process.stdout.write(readFileSync('described'))
if (args[1] === 'create-user-pool-client') console.log('3example45678901')
`

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cognito-'))
docs.before(() => writeFileSync(join(folder, 'aws'), AWS, { mode: 0o755 }))
docs.before.each(() => rmSync(join(folder, 'asked'), { force: true }))
docs.after(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a block as it stands there, and gives the arguments of each call of the AWS CLI. */
function asked(script: string): string[][] {
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
  const { status, stderr } = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd: folder, env, encoding: 'utf8' })
  assert.equal([status, stderr], [0, ''])
  return readFileSync(join(folder, 'asked'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[])
}

docs('docs/doctor.md explains every check, and no other', () => {
  const table = read('docs/doctor.md').split('| check |')[1]?.split('\n\n')[0] ?? ''
  const explained = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name)
  assert.equal(explained, [...CHECKS])
})
docs('docs/cognito.md names every callback, and the settings that Cognito has a part in', () => {
  for (const path of Object.values(CALLBACK_PATHS)) assert.match(cognito, `\`https://mcp.example.com${path}\``)
  for (const name of MCP_SETTINGS.filter((one) => /^COGNITO|SCOPES$|URIS$/.test(one) && one !== 'CHALLENGE_SCOPES'))
    assert.match(cognito, name)
})
docs('the callback and the scopes are added to the app client, and nothing else of it changes', () => {
  const old = {
    UserPoolId: 'us-east-1_AbCdEfGhI',
    ClientId: '1example23456789',
    AllowedOAuthFlows: ['code'],
    CallbackURLs: ['https://mcp.example.com/oauth2/callback/cognito'],
    AllowedOAuthScopes: ['openid', 'mcp-servers-restricted/read'],
    TokenValidityUnits: { AccessToken: 'minutes' },
  }
  const secret = { ClientSecret: 'never-to-be-written', CreationDate: 1, LastModifiedDate: 2 }
  writeFileSync(join(folder, 'described'), JSON.stringify({ UserPoolClient: { ...old, ...secret } }))
  const calls = asked(scripts[0] as string)
  assert.equal(
    calls.map(([, command]) => command),
    ['create-resource-server', 'create-resource-server', 'describe-user-pool-client', 'update-user-pool-client'],
  )
  const custom = ['mcp-servers-restricted', 'mcp-servers-unrestricted'].flatMap((name) => [`${name}/execute`, `${name}/read`])
  assert.equal(JSON.parse(readFileSync(join(folder, 'client.json'), 'utf8')), {
    ...old,
    CallbackURLs: [...old.CallbackURLs, 'https://mcp.example.com/oauth2/callback/mcp'],
    AllowedOAuthScopes: [...custom, 'openid'],
  })
})
docs('an app client for MCP clients alone: one callback, custom scopes, rotation, a style', () => {
  const [create = [], style = [], ...more] = asked(scripts[1] as string)
  assert.equal([create[1], style[1], more], ['create-user-pool-client', 'create-managed-login-branding', []])
  assert.match(create.join(' '), '--cli-input-json file://mcp.json')
  const made = JSON.parse(readFileSync(join(folder, 'mcp.json'), 'utf8')) as Record<string, string[]>
  assert.equal([made.CallbackURLs, made.AllowedOAuthFlows], [['https://mcp.example.com/oauth2/callback/mcp'], ['code']])
  assert.ok(made.AllowedOAuthScopes?.length === 4 && made.AllowedOAuthScopes.every((scope) => scope.includes('/')))
  assert.match(JSON.stringify(made.RefreshTokenRotation), '"Feature":"ENABLED"')
  assert.not.ok(made.ExplicitAuthFlows?.includes('ALLOW_REFRESH_TOKEN_AUTH'))
  assert.ok(style.includes('3example45678901'))
})
docs('there are no other commands of the AWS CLI', () => assert.is(scripts.length, 2))
docs.run()
