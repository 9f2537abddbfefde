/** `gatehouse token`: the cache between commands, and patience with a Cognito that is busy. */
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { type Ended, type Home, makeHome } from './command.ts'

const token = suite('gatehouse token')
const SECRET = 'the-secret-of-the-agent'

interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

/** A token endpoint that says what it is told to say. */
let answers: Answer[] = []
let asked: URLSearchParams[] = []
let number = 0
const endpoint = createServer((request, response) => {
  let form = ''
  request.on('data', (chunk) => {
    form += chunk
  })
  request.on('end', () => {
    asked.push(new URLSearchParams(form))
    number += 1
    const given = { status: 200, body: { access_token: `token-${number}`, token_type: 'Bearer', expires_in: 3600 } }
    const { status, body, headers = {} }: Answer = answers.shift() ?? given
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  })
})
let env: Record<string, string> = {}
let home: Home

token.before(async () => {
  await new Promise<void>((done) => endpoint.listen(0, '127.0.0.1', done))
})
token.before.each(() => {
  home = makeHome()
  answers = []
  asked = []
  number = 0
  env = {
    COGNITO_CLIENT_ID: 'agent',
    COGNITO_CLIENT_SECRET: SECRET,
    COGNITO_USER_POOL_ID: 'us-east-1_CliTest',
    COGNITO_DOMAIN: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`,
  }
})
token.after.each(() => home.remove())
token.after(() => {
  endpoint.close()
  endpoint.closeAllConnections()
})

const folder = (): string => join(home.folder, '.cache/gatehouse')
const ask = async (args: string[] = [], changes: Record<string, string> = {}): Promise<Ended> => {
  const ended = await home.gatehouse(['token', ...args], { ...env, ...changes })
  assert.not.match(ended.stdout + ended.stderr, SECRET)
  return ended
}
const given = async (args: string[] = [], changes: Record<string, string> = {}): Promise<string> => {
  const { code, stdout, stderr } = await ask(args, changes)
  assert.equal([code, stderr], [0, ''])
  return stdout
}

token('a second command gets the same token without asking, and prints nothing else', async () => {
  assert.is(await given(), 'token-1\n')
  assert.is(await given(), 'token-1\n')
  assert.is(asked.length, 1)
  assert.is(statSync(folder()).mode & 0o777, 0o700)
  const [file = ''] = readdirSync(folder())
  assert.is(statSync(join(folder(), file)).mode & 0o777, 0o600)
  assert.not.match(readFileSync(join(folder(), file), 'utf8') + file, SECRET)
})

token('another scope, client, secret or domain is another token', async () => {
  await given()
  assert.is(await given(['--scopes', 'b,a']), 'token-2\n')
  assert.is(await given(['--scopes', 'a b']), 'token-2\n')
  assert.is(await given([], { COGNITO_CLIENT_ID: 'agent2' }), 'token-3\n')
  assert.is(await given([], { COGNITO_DOMAIN: env.COGNITO_DOMAIN?.replace('127.0.0.1', 'localhost') as string }), 'token-4\n')
  answers = [{ status: 400, body: { error: 'invalid_client', error_description: 'invalid_client_secret' } }]
  const { code, stderr } = await ask([], { COGNITO_CLIENT_SECRET: 'a-wrong-one' })
  assert.is(code, 5)
  assert.match(stderr, /COGNITO_CLIENT_SECRET is wrong for this COGNITO_CLIENT_ID/)
})

token('--no-cache asks, keeps nothing, and forgets what was kept', async () => {
  await given()
  assert.is(await given(['--no-cache']), 'token-2\n')
  assert.equal(readdirSync(folder()), [])
  assert.is(await given(), 'token-3\n')
})

token('XDG_CACHE_HOME says where', async () => {
  const elsewhere = join(home.folder, 'elsewhere')
  await given([], { XDG_CACHE_HOME: elsewhere })
  assert.is(readdirSync(join(elsewhere, 'gatehouse')).length, 1)
  assert.not(existsSync(folder()))
})

token('a token is used until three quarters of its life are over', async () => {
  answers = [{ status: 200, body: { access_token: 'short', token_type: 'Bearer', expires_in: 4 } }]
  assert.is(await given(), 'short\n')
  assert.is(await given(), 'short\n')
  await new Promise((done) => setTimeout(done, 3100))
  assert.is(await given(), 'token-2\n')
})

token('a file that others can read is not believed', async () => {
  await given()
  const [file = ''] = readdirSync(folder())
  chmodSync(join(folder(), file), 0o644)
  assert.is(await given(), 'token-2\n')
})

token('a cache that cannot be written costs a sentence, not the token', async () => {
  writeFileSync(join(home.folder, 'blocked'), '')
  const { code, stdout, stderr } = await ask([], { XDG_CACHE_HOME: join(home.folder, 'blocked') })
  assert.equal([code, stdout], [0, 'token-1\n'])
  assert.match(stderr, /^The token was not kept for the next time \(.*E[A-Z]+\)\.\n$/)
})

token('--json says more', async () => {
  const first = JSON.parse(await given(['--json']))
  assert.equal(Object.keys(first), ['access_token', 'token_type', 'expires_at', 'cached'])
  assert.equal([first.access_token, first.token_type, first.cached], ['token-1', 'Bearer', false])
  assert.ok(Math.abs(first.expires_at - Date.now() / 1000 - 3600) < 30)
  assert.equal(JSON.parse(await given(['--json'])), { ...first, cached: true })
})

token('Cognito that is busy is asked again, and the wait is told', async () => {
  answers = [
    { status: 429, body: '', headers: { 'retry-after': '1' } },
    { status: 503, body: '<html>' },
  ]
  const { code, stdout, stderr } = await ask()
  assert.equal([code, stdout, asked.length], [0, 'token-3\n', 3])
  const [first = '', second = ''] = stderr.trimEnd().split('\n')
  assert.match(first, /^No token yet \(Cognito says: too many requests\); trying again in (?:1\.\d) s\.$/)
  assert.match(second, /status 503\); trying again in (?:0\.\d|1\.0) s\.$/)
})

token('Cognito that asks for too much patience gets none, exit code 1', async () => {
  answers = [{ status: 429, body: '', headers: { 'retry-after': '120' } }]
  const { code, stdout, stderr } = await ask()
  assert.equal([code, stdout, asked.length], [1, '', 1])
  assert.match(stderr, /status 429\), and asks to come back in 120 s\. Too many tokens are asked for/)
})

for (const [error, exitCode, expected] of [
  ['invalid_client', 5, /is of another user pool/],
  ['invalid_scope', 3, /may not have one of these scopes/],
  ['invalid_grant', 3, /may not use this grant/],
  ['unauthorized_client', 3, /machine to machine/],
  ['unsupported_grant_type', 3, /does not offer client credentials/],
  ['invalid_request', 3, /without a secret/],
] as const) {
  token(`${error} is explained, exit code ${exitCode}, asked once, nothing kept`, async () => {
    answers = [{ status: 400, body: { error } }]
    const { code, stdout, stderr } = await ask()
    assert.equal([code, stdout, asked.length], [exitCode, '', 1])
    assert.match(stderr, `Cognito refused (${error}). `)
    assert.match(stderr, expected)
    assert.not(existsSync(folder()))
  })
}

token('an answer of something else is told as such, and nothing of it is repeated', async () => {
  for (const [status, body, expected] of [
    [404, '<h1>\u001b[2JNot found</h1>', /No user pool has this domain/],
    [200, '{"token":"x"}', /status 200\)\. Check COGNITO_DOMAIN/],
    [400, { error: 'bad\u001b[2J' }, /status 400/],
    [302, '', /status 302/],
  ] as const) {
    answers = [{ status, body, headers: status === 302 ? { location: 'http://127.0.0.1:1/' } : {} }]
    const { code, stdout, stderr } = await ask()
    assert.equal([code, stdout], [1, ''], String(status))
    assert.match(stderr, expected)
    assert.not.match(stderr, /\u001b|Not found/)
  }
})

token.run()
