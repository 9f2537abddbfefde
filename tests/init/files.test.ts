/** What `gatehouse init` writes: texts that the gateway, its policy check and nginx take, and none that says more than was meant. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { readConfig } from '../../src/config.ts'
import { type Answers, newFiles, problemsWith, type Shipped } from '../../src/init/files.ts'
import { nextSteps } from '../../src/init/next.ts'
import { type NamedServer, readServer, readServers } from '../../src/init/server.ts'
import { type NewFile, writeNewFiles } from '../../src/init/write.ts'
import { warningsOf } from '../../src/policy/warnings.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import { ConfigError, type Environment } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const KEY = '5f1d7a0c93be4826d1f0a7c4e8b293605f1d7a0c93be4826d1f0a7c4e8b29360'
const gatehouse = join(root, 'nginx/gatehouse')
const SHIPPED: Shipped = {
  template: readFileSync(join(root, '.env.template'), 'utf8'),
  includes: new Map(readdirSync(gatehouse).map((name) => [`gatehouse/${name}`, readFileSync(join(gatehouse, name), 'utf8')])),
}
const ANSWERS: Answers = {
  REGISTRY_URL: 'https://mcp.example.com',
  COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
  COGNITO_ISSUER: null,
  COGNITO_DOMAIN: null,
  COGNITO_CLIENT_ID: '1example23456789',
  COGNITO_CLIENT_SECRET: null,
  ALLOWED_CLIENT_IDS: '1example23456789,2example34567890',
}
const servers = (...texts: string[]): NamedServer[] => {
  const read = readServers(texts)
  if ('problems' in read) throw new Error(read.problems.join())
  return read.servers
}
const made = (answers: Partial<Answers> = {}, list = servers('currenttime=http://127.0.0.1:9001')): Map<string, string> =>
  new Map(newFiles({ ...ANSWERS, ...answers }, list, KEY, SHIPPED).map(({ path, text }) => [path, text]))

const naming = suite('servers as somebody names them')
for (const [text, url, upstream] of [
  ['currenttime=http://127.0.0.1:9001', 'http://127.0.0.1:9001', null],
  ['a=http://localhost:9001', 'http://127.0.0.1:9001', null],
  ['a=http://LOCALHOST', 'http://127.0.0.1:80', null],
  ['a.b-c_d=http://10.0.0.1:80/base/path/', 'http://10.0.0.1:80/base/path', null],
  ['a=http://[::1]:9001', 'http://[::1]:9001', null],
  [' a = http://files.internal:9001/x ', 'http://mcp-a/x', 'files.internal:9001'],
] as [string, string, string | null][]) {
  naming(`taken: ${text}`, () => {
    const read = readServer(text) as NamedServer
    assert.equal([read.url, read.upstream?.address ?? null], [url, upstream])
  })
}
/** Attack row 32, and its family. */
const HOSTILE_NAMES = [
  'a;b',
  'a}b',
  'a{b',
  'a\nb',
  'a$b',
  'a b',
  'a"b',
  "a'b",
  'a/b',
  '../a',
  '.a',
  'a.',
  '-a',
  'a\\',
  'a#',
  '$uri',
  '',
  'ä',
  'a\0',
  '*',
  'x'.repeat(65),
]
const HOSTILE_URLS = [
  'http://x;return 200',
  'http://x}',
  'http://x{',
  'http://x\nserver',
  'http://$host',
  'http://x/$uri',
  'http://x/$' + '{a}',
  'http://x y',
  'http://"x"',
  "http://x'",
  'http://x#y',
  'http://x?y=1',
  'http://user:pw@x',
  'http://x/../y',
  'http://x/./y',
  'http://x//y',
  'http://x/%2e%2e',
  'http://x:0',
  'http://x:65536',
  'http://x:99999999',
  'http://x:9001x',
  'https://x',
  'ftp://x',
  'unix:/run/x',
  'x:9001',
  'http://',
  '',
  'http://-x',
  'http://x_y;',
  'http://[::1',
  'http://x\\',
]
for (const name of HOSTILE_NAMES) {
  naming(`no name: ${JSON.stringify(name).slice(0, 40)}`, () => assert.ok('problem' in readServer(`${name}=http://127.0.0.1:1`)))
}
for (const url of HOSTILE_URLS) {
  naming(`no place: ${JSON.stringify(url)}`, () => assert.ok('problem' in readServer(`a=${url}`)))
}
naming('every problem at once, a name twice, a path of the gateway, nothing', () => {
  const read = readServers(['a=http://x;', 'b', 'c=http://127.0.0.1', 'c=http://127.0.0.2', 'oauth2=http://127.0.0.1'])
  assert.ok('problems' in read && read.problems.length === 4, JSON.stringify(read))
  assert.ok('problems' in readServers([]))
})
naming('what is shown of a bad one is harmless and short', () => {
  const read = readServer(`a\x1b[31m${'x'.repeat(500)}=http://x`)
  assert.ok('problem' in read && read.problem.length < 220 && !read.problem.includes('\x1b'))
})
naming.run()

const texts = suite('the files')
texts('.env is the template filled in, and starts a gateway', () => {
  const text = made({ COGNITO_CLIENT_SECRET: 'abc123', COGNITO_DOMAIN: 'my-company' }).get('.env') as string
  const config = readConfig(parseEnv(text) as Environment)
  assert.equal(config.secretKeys, [KEY])
  assert.equal(
    [config.gateway, config.login?.clientSecret, config.login?.domain],
    ['https://mcp.example.com', 'abc123', 'https://my-company.auth.us-east-1.amazoncognito.com'],
  )
  assert.equal([...(config.clientIds ?? [])], ['1example23456789', '2example34567890'])
  assert.match(text, '# Format: ')
  assert.match(text, '\n#LOG_LEVEL=info\n')
})
for (const [what, answers, problem] of [
  ['a pool that is none', { COGNITO_USER_POOL_ID: 'AbC' }, /COGNITO_USER_POOL_ID must hold pool ids/],
  ['a pool whose issuer cannot be derived', { COGNITO_USER_POOL_ID: 'cn-north-1_AbC' }, /COGNITO_ISSUER is missing/],
  ['a gateway with a path', { REGISTRY_URL: 'https://x/y' }, /REGISTRY_URL must be/],
  ['a line of its own', { COGNITO_CLIENT_SECRET: 'a\nLOG_LEVEL=trace' }, /COGNITO_CLIENT_SECRET must be plain/],
  ['a quote', { COGNITO_CLIENT_SECRET: 'a"b' }, /must be plain/],
  ['a comment', { COGNITO_CLIENT_SECRET: 'a #b' }, /must be plain/],
  ['a variable', { COGNITO_CLIENT_SECRET: 'a$b' }, /must be plain/],
  ['nobody allowed', { ALLOWED_CLIENT_IDS: '' }, /ALLOWED_CLIENT_IDS is missing/],
] as [string, Partial<Answers>, RegExp][]) {
  texts(`answers by which no gateway would start: ${what}`, () => {
    const problems = problemsWith({ ...ANSWERS, ...answers })
    assert.match(problems.join('\n'), problem)
    assert.throws(
      () => made(answers),
      (error: Error) => error instanceof ConfigError,
    )
  })
}
texts('one answer may be judged by itself', () => {
  assert.equal(problemsWith({ COGNITO_DOMAIN: 'my-company' }), [])
  assert.is(problemsWith({ COGNITO_DOMAIN: 'my company' }).length, 1)
})
texts('scopes.yml has no problem and no warning, whatever the servers are called', () => {
  const names = ['currenttime', 'on', 'null', '1.10', '0x10', 'true', '1e3', 'a.b-c_d']
  const loaded = loadScopes(
    made({}, servers(...names.map((name, index) => `${name}=http://127.0.0.1:${9001 + index}`))).get('scopes.yml') as string,
  )
  if ('problems' in loaded) throw new Error(loaded.problems.join())
  assert.equal(warningsOf(loaded.file), [])
  const { policy } = loaded
  const [admin, user] = [policy.scopesOf(['mcp-registry-admin']), policy.scopesOf(['mcp-registry-user'])]
  for (const name of names) {
    const call = { method: 'tools/call', name: 'x' }
    assert.equal([policy.permits(admin, name, call), policy.permits(user, name, call)], [true, false], name)
    assert.ok(policy.permits(user, name, { method: 'tools/list', name: null }), name)
  }
  assert.not.ok(policy.opens(admin, 'another'))
})
texts('what to do next names the addresses and the scopes that Cognito must know', () => {
  const said = (answers: Partial<Answers>): string => JSON.stringify(nextSteps({ ...ANSWERS, ...answers }, null, false))
  for (const path of ['/oauth2/callback/cognito', '/oauth2/callback/mcp', '/oauth2/signed-out'])
    assert.match(said({}), `"https://mcp.example.com${path}"`)
  const loaded = loadScopes(made().get('scopes.yml') as string)
  if ('problems' in loaded) throw new Error(loaded.problems.join())
  assert.match(said({}), JSON.stringify(loaded.policy.scopes))
  assert.match(said({ COGNITO_CLIENT_ID: null }), 'no MCP client can sign its user in yet')
  assert.not.match(said({ COGNITO_CLIENT_ID: null }), '/oauth2/callback')
})
texts('.env speaks of MCP clients, and leaves them to the defaults', () => {
  const text = made().get('.env') as string
  for (const line of [
    '#COGNITO_MCP_CLIENT_ID=',
    '#MCP_SCOPES=*',
    '#MCP_REDIRECT_URIS=loopback,known',
    '#MCP_CLIENT_HOSTS=*',
    '#COGNITO_RESOURCE_BINDING=off',
  ])
    assert.match(text, `\n${line}\n`)
})
texts('the includes are the shipped ones to the byte', () => {
  const files = made()
  for (const [path, text] of SHIPPED.includes) assert.is(files.get(`nginx/${path}`), text)
  assert.equal(
    [...files.keys()].filter((path) => !path.startsWith('nginx/gatehouse/')),
    ['.env', 'scopes.yml', 'nginx/gatehouse-servers.conf'],
  )
})
texts('a host name becomes an upstream, an address stands as it is', () => {
  const files = made({}, servers('a=http://127.0.0.1:1', 'b=http://files.internal/base'))
  assert.match(files.get('nginx/gatehouse-upstreams.conf') ?? '', 'upstream mcp-b {\n    server files.internal:80;')
  const locations = files.get('nginx/gatehouse-servers.conf') ?? ''
  assert.match(
    locations,
    /location \^~ \/a\/ \{\n {4}set \$gatehouse_server {3}a;\n {4}set \$gatehouse_upstream http:\/\/127\.0\.0\.1:1;\n/,
  )
  assert.match(locations, 'set $gatehouse_upstream http://mcp-b/base;')
})
texts.run()

const writing = suite('writing them')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-init-'))
writing.after(() => rmSync(folder, { recursive: true, force: true }))
const file = (path: string, isSecret = false): NewFile => ({ path, text: `text of ${path}`, isSecret })
const listed = (at: string): string[] =>
  readdirSync(at, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(at, path), { throwIfNoEntry: false })?.isDirectory() !== true)
    .sort()
const fresh = (name: string): string => {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}

writing('all of them, the secret one for its owner alone', () => {
  const at = join(folder, 'new/deep')
  assert.equal(writeNewFiles(at, [file('.env', true), file('nginx/a.conf')]), { ok: true })
  assert.equal(listed(at), ['.env', 'nginx/a.conf'])
  assert.is(readFileSync(join(at, 'nginx/a.conf'), 'utf8'), 'text of nginx/a.conf')
  assert.is(statSync(join(at, '.env')).mode & 0o777, 0o600)
})
writing('none when one exists, and all that exist are named', () => {
  const at = fresh('some')
  writeFileSync(join(at, 'b'), 'mine')
  writeFileSync(join(at, 'd'), 'mine')
  assert.equal(writeNewFiles(at, [file('a'), file('b'), file('c'), file('d')]), { ok: false, existing: ['b', 'd'] })
  assert.equal([listed(at), readFileSync(join(at, 'b'), 'utf8')], [['b', 'd'], 'mine'])
})
writing('none when one comes to exist meanwhile', () => {
  const at = fresh('meanwhile')
  assert.equal(writeNewFiles(at, [file('a'), file('b'), file('a')]), { ok: false, existing: ['a'] })
  assert.equal(listed(at), [])
})
writing('a link that leads nowhere, or elsewhere, is not followed', () => {
  const at = fresh('links')
  symlinkSync(join(folder, 'nowhere'), join(at, 'a'))
  assert.equal(writeNewFiles(at, [file('a')]), { ok: false, existing: ['a'] })
  assert.not.ok(existsSync(join(folder, 'nowhere')))
})
writing('what cannot be written leaves no file behind', () => {
  const at = fresh('blocked')
  writeFileSync(join(at, 'nginx'), 'a file where a folder is to be')
  const written = writeNewFiles(at, [file('.env', true), file('nginx/a.conf')])
  assert.ok(!written.ok && 'failed' in written && written.failed === 'nginx/a.conf', JSON.stringify(written))
  assert.equal(listed(at), ['nginx'])
})
writing('a folder in the place of a file', () => {
  const at = fresh('folders')
  cpSync(gatehouse, join(at, 'scopes.yml'), { recursive: true })
  assert.equal(writeNewFiles(at, [file('.env'), file('scopes.yml')]), { ok: false, existing: ['scopes.yml'] })
  assert.not.ok(existsSync(join(at, '.env')))
})
writing.run()
