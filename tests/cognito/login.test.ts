import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createKeyStore } from '../../src/cognito/keys.ts'
import type { BegunLogin, Login, LoginResult } from '../../src/cognito/login.ts'
import { poolWithIssuer } from '../../src/cognito/pool.ts'
import { createPoolLogin } from '../../src/cognito/pool_login.ts'
import { type Document, getDocument } from '../../src/document.ts'
import { CALLBACK, type Fields, SAMPLE, signIn, startSample } from '../demo/sample_pool.ts'
import * as assert from '../support/assert.ts'
import { jwks, textDocument } from '../support/documents.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { ISSUER, type Json, makeKey, POOL, token } from './forge.ts'

const login = suite('a login at Cognito')

const CLIENT = '1testclient23456789'
const GATEWAY_CALLBACK = 'https://mcp.example.com/oauth2/callback/cognito'
const SCOPES = 'openid email profile'
const KEY = makeKey('k1')
const STRANGER = { ...makeKey('k1'), kid: 'k1' }
const now = (): number => Math.floor(Date.now() / 1000)

interface Asked {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  form: Fields
}

/** A token endpoint that answers as it is told, and writes down what it is asked. */
const asked: Asked[] = []
let answer: (response: ServerResponse) => unknown = () => {}
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    asked.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, form })
    answer(response)
  })
})
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
const domain = `http://localhost:${(server.address() as AddressInfo).port}`
login.after(() => {
  server.close()
  server.closeAllConnections()
})
login.before.each(() => {
  asked.length = 0
})

interface Setup {
  clientSecret?: string | null
  scopes?: string
  domain?: string
  /** What the pool publishes. */
  keys?: Json[] | null
}

function createIt({ clientSecret = 'S3cret', scopes = SCOPES, domain: at = domain, keys = [KEY.jwk] }: Setup = {}): Login {
  const get = async (): Promise<Document> => (keys === null ? textDocument('', '', 500) : jwks(keys))
  const store = createKeyStore({ urls: POOL.jwksUrls, get, now: () => 0 })
  return createPoolLogin({ clientId: CLIENT, clientSecret, domain: at, scopes }, POOL, store, now)
}

const accessToken = (changes: Json = {}): string =>
  token(KEY, {
    sub: 's',
    token_use: 'access',
    scope: SCOPES,
    iss: ISSUER,
    exp: now() + 3600,
    iat: now(),
    client_id: CLIENT,
    username: 'rosa',
    ...changes,
  })
const idToken = ({ nonce }: BegunLogin, changes: Json = {}, key = KEY): string =>
  token(key, {
    sub: 's',
    token_use: 'id',
    aud: CLIENT,
    nonce,
    iss: ISSUER,
    exp: now() + 3600,
    iat: now(),
    'cognito:username': 'rosa',
    ...changes,
  })

const json =
  (status: number, body: unknown, headers: Fields = {}) =>
  (response: ServerResponse): unknown =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
const text =
  (status: number, type: string, body: string) =>
  (response: ServerResponse): unknown =>
    response.writeHead(status, { 'content-type': type }).end(body)
const tokens = (access_token: string | undefined, id_token: string | undefined, more: Json = {}) =>
  json(200, { access_token, id_token, token_type: 'Bearer', expires_in: 3600, ...more })

type Answer = (begun: BegunLogin) => typeof answer

/** Begins a login and ends it with this answer of the token endpoint. */
async function run(how: Answer, setup: Setup = {}, parameters: Fields = {}): Promise<LoginResult> {
  const it = createIt(setup)
  const { begun } = await it.begin(GATEWAY_CALLBACK)
  answer = how(begun)
  return it.finish(new URL(`${GATEWAY_CALLBACK}?${new URLSearchParams({ code: 'c0de', state: begun.state, ...parameters })}`), begun)
}
const outcome = (result: LoginResult): string =>
  result.ok ? `${result.user.username} of ${result.user.groups.join(' ')}` : result.failure.reason

login('begins with exactly these parameters, and with others each time', async () => {
  const it = createIt()
  const [{ url, begun }, other] = [await it.begin(GATEWAY_CALLBACK), await it.begin(GATEWAY_CALLBACK)]
  const { origin, pathname, searchParams } = new URL(url)
  assert.is(origin + pathname, `${domain}/oauth2/authorize`)
  assert.equal(Object.fromEntries(searchParams), {
    redirect_uri: GATEWAY_CALLBACK,
    scope: SCOPES,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: createHash('sha256').update(begun.verifier).digest('base64url'),
    code_challenge_method: 'S256',
    client_id: CLIENT,
    response_type: 'code',
  })
  const all = [begun, other.begun].flatMap(({ state, nonce, verifier }) => [state, nonce, verifier])
  assert.is(new Set(all).size, 6)
  for (const value of all) assert.match(value, /^[A-Za-z0-9_-]{43}$/)
  assert.not.match(url, begun.verifier)
  assert.is(asked.length, 0)
})

login('asks for the scopes that are configured', async () => {
  const { url } = await createIt({ scopes: 'openid tools/read' }).begin(GATEWAY_CALLBACK)
  assert.is(new URL(url).searchParams.get('scope'), 'openid tools/read')
})

for (const [kind, clientSecret] of [
  ['confidential', 'S3cret'],
  ['public', null],
] as const) {
  login(`sends the code as a ${kind} client, with the verifier, once`, async () => {
    const it = createIt({ clientSecret })
    const { begun } = await it.begin(GATEWAY_CALLBACK)
    answer = tokens(accessToken(), idToken(begun))
    const result = await it.finish(new URL(`${GATEWAY_CALLBACK}?code=c0de&state=${begun.state}`), begun)
    assert.equal(result, { ok: true, user: { username: 'rosa', clientId: CLIENT, groups: [] } })
    assert.is(asked.length, 1)
    const [{ method, path, headers, form }] = asked as [Asked]
    assert.is(`${method} ${path}`, 'POST /oauth2/token')
    assert.match(String(headers['content-type']), /^application\/x-www-form-urlencoded/)
    assert.is(headers.authorization, undefined)
    assert.equal(form, {
      grant_type: 'authorization_code',
      code: 'c0de',
      redirect_uri: GATEWAY_CALLBACK,
      code_verifier: begun.verifier,
      client_id: CLIENT,
      ...(clientSecret === null ? {} : { client_secret: clientSecret }),
    })
  })
}

const OTHER = POOL.issuers[1] as string
const GOOD: [string, Json, Json, string][] = [
  ['groups in the ID token', {}, { 'cognito:groups': ['a', 'b'] }, 'rosa of a b'],
  ['groups in the access token alone', { 'cognito:groups': ['a'] }, {}, 'rosa of a'],
  ['groups in both', { 'cognito:groups': ['a'] }, { 'cognito:groups': ['b'] }, 'rosa of b'],
  ['no groups in the ID token, which says so', { 'cognito:groups': ['a'] }, { 'cognito:groups': [] }, 'rosa of '],
  ['the newer issuer', { iss: OTHER }, { iss: OTHER }, 'rosa of '],
  ['both issuers', { iss: ISSUER }, { iss: OTHER }, 'rosa of '],
  ['an aud in a resource binding', { aud: 'https://mcp.example.com' }, {}, 'rosa of '],
  [
    'a hundred groups of 128 characters',
    {},
    { 'cognito:groups': Array(100).fill('g'.repeat(128)) },
    `rosa of ${Array(100).fill('g'.repeat(128)).join(' ')}`,
  ],
]
for (const [what, access, id, expected] of GOOD) {
  login(`understands ${what.slice(0, 60)}, by one question to the token endpoint`, async () => {
    assert.is(outcome(await run((begun) => tokens(accessToken(access), idToken(begun, id)))), expected)
    assert.is(asked.length, 1)
  })
}

const both =
  (access: Json, id: Json, key = KEY): Answer =>
  (begun) =>
    tokens(accessToken(access), idToken(begun, id, key))
const always =
  (how: typeof answer): Answer =>
  () =>
    how
const NO_SIGNATURE: Answer = (begun) => tokens(accessToken(), `${idToken(begun).split('.').slice(0, 2).join('.')}.AAAA`)

const BAD: [string, Answer, string][] = [
  ['invalid_grant', always(json(400, { error: 'invalid_grant' })), 'invalid_grant'],
  ['invalid_client', always(json(400, { error: 'invalid_client', error_description: 'invalid_client_secret' })), 'invalid_client'],
  ['invalid_client with 401', always(json(401, { error: 'invalid_client' })), 'invalid_client'],
  [
    'unauthorized_client',
    always(json(400, { error: 'unauthorized_client', error_description: 'invalid_redirect' })),
    'unauthorized_client',
  ],
  ['invalid_request', always(json(400, { error: 'invalid_request' })), 'login_refused'],
  ['server_error', always(json(400, { error: 'server_error' })), 'cognito_failed'],
  ['an error out of the prototype', always(json(400, { error: '__proto__' })), 'login_refused'],
  ['an error that is no text', always(json(400, { error: 7 })), 'cognito_unreachable'],
  ['an error without a name', always(json(400, {})), 'cognito_unreachable'],
  ['a failure', always(text(500, 'text/html', '<h1>no</h1>')), 'cognito_unreachable'],
  ['a failure in JSON', always(json(503, { error: 'server_error' })), 'cognito_unreachable'],
  ['a page', always(text(200, 'text/html', '<h1>no</h1>')), 'cognito_unreachable'],
  ['nothing', always(text(200, 'application/json', '')), 'cognito_unreachable'],
  ['half of an answer', always(text(200, 'application/json', '{"access_token":')), 'cognito_unreachable'],
  ['a list', always(json(200, [])), 'answer_invalid'],
  ['a redirect', always((response) => response.writeHead(302, { location: `${domain}/oauth2/token` }).end()), 'cognito_unreachable'],
  ['405 without a body', always((response) => response.writeHead(405).end()), 'cognito_unreachable'],
  ['an end without an answer', always((response) => response.destroy()), 'cognito_unreachable'],
  [
    'an end within the answer',
    always((response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' }).write('{', () => response.destroy()),
    ),
    'cognito_unreachable',
  ],
  ['no token type', always(json(200, { access_token: 'x', id_token: 'y' })), 'answer_invalid'],
  ['another token type', () => tokens('x', 'y', { token_type: 'mac' }), 'answer_invalid'],
  ['no access token', (begun) => tokens(undefined, idToken(begun)), 'answer_invalid'],
  ['no ID token', () => tokens(accessToken(), undefined), 'answer_invalid'],
  ['an ID token that is none', () => tokens(accessToken(), 'x'), 'answer_invalid'],
  ['an access token that is none', (begun) => tokens('x', idToken(begun)), 'token_invalid'],
  ['another nonce', both({}, { nonce: 'x'.repeat(43) }), 'answer_invalid'],
  ['no nonce', both({}, { nonce: undefined }), 'answer_invalid'],
  ['a nonce in a list', (begun) => tokens(accessToken(), idToken(begun, { nonce: [begun.nonce] })), 'answer_invalid'],
  ['another client in aud', both({}, { aud: '9other' }), 'token_invalid'],
  ['two clients in aud', both({}, { aud: [CLIENT, '9other'] }), 'token_invalid'],
  ['another issuer', both({}, { iss: 'https://evil.example' }), 'token_invalid'],
  ['another issuer of the access token', both({ iss: 'https://evil.example' }, {}), 'token_invalid'],
  ['a pool of the neighbours', both({}, { iss: ISSUER.replace('TestPool1', 'TestPool2') }), 'token_invalid'],
  ['an ID token of another key', both({}, {}, STRANGER), 'token_invalid'],
  ['an ID token with another signature', NO_SIGNATURE, 'token_invalid'],
  ['an access token for an ID token', (begun) => tokens(accessToken(), accessToken({ nonce: begun.nonce, aud: CLIENT })), 'token_invalid'],
  ['an ID token for an access token', (begun) => tokens(idToken(begun), idToken(begun)), 'token_invalid'],
  ['an access token of another client', both({ client_id: '9other' }, {}), 'token_invalid'],
  ['an access token of another user', both({ username: 'admin' }, {}), 'token_invalid'],
  ['an access token of an agent', both({ username: undefined }, {}), 'token_invalid'],
  ['an ID token without a user', both({}, { 'cognito:username': undefined }), 'token_invalid'],
  ['groups that are a text', both({}, { 'cognito:groups': 'admins' }), 'token_invalid'],
  ['an ID token that has expired', both({}, { exp: now() - 100 }), 'clock'],
  ['an access token that has expired', both({ exp: now() - 1 }, {}), 'clock'],
  ['an ID token of tomorrow', both({}, { iat: now() + 3600, exp: now() + 7200 }), 'clock'],
  ['an access token of tomorrow', both({ iat: now() + 3600, exp: now() + 7200 }, {}), 'clock'],
]
for (const [what, how, expected] of BAD) {
  login(`ends as ${expected} when the token endpoint answers ${what}, and asks it once`, async () => {
    assert.is(outcome(await run(how)), expected)
    assert.is(asked.length, 1)
  })
}

const AT_CALLBACK: [string, Fields, string][] = [
  ['access_denied', { error: 'access_denied' }, 'access_denied'],
  ['invalid_scope', { error: 'invalid_scope' }, 'invalid_scope'],
  ['invalid_scope in the description', { error: 'invalid_request', error_description: 'invalid_scope' }, 'invalid_scope'],
  ['unauthorized_client in the description', { error: 'invalid_request', error_description: 'unauthorized_client' }, 'unauthorized_client'],
  ['server_error', { error: 'server_error' }, 'cognito_failed'],
  ['another error', { error: 'login_required' }, 'login_refused'],
  ['another state', { state: 'x'.repeat(43) }, 'answer_invalid'],
  ['an empty code', { code: '' }, 'answer_invalid'],
  ['another iss', { iss: 'https://evil.example' }, 'answer_invalid'],
  ['an ID token in the address', { id_token: 'x' }, 'answer_invalid'],
  ['a whole answer in the address', { response: 'x' }, 'answer_invalid'],
]
for (const [what, parameters, expected] of AT_CALLBACK) {
  login(`ends as ${expected} when it comes back with ${what}, and asks the token endpoint nothing`, async () => {
    assert.is(outcome(await run(always(json(500, {})), {}, parameters)), expected)
    assert.is(asked.length, 0)
  })
}

for (const iss of [ISSUER, OTHER]) {
  login(`takes ${iss} for an iss of the pool, whichever the tokens bear`, async () => {
    assert.is(outcome(await run((begun) => tokens(accessToken({ iss }), idToken(begun, { iss })), {}, { iss })), 'rosa of ')
    assert.is(asked.length, 1)
  })
}

login('says what Cognito said, and for the log why', async () => {
  const result = await run(always(json(500, {})), {}, { error: 'access_denied', error_description: 'No <b>way</b>.' })
  assert.equal(result, { ok: false, failure: { reason: 'access_denied', said: 'No <b>way</b>.', detail: 'access_denied' } })
})

login('ends as keys_unavailable without keys', async () => {
  assert.is(outcome(await run((begun) => tokens(accessToken(), idToken(begun)), { keys: null })), 'keys_unavailable')
})

login('ends as cognito_unreachable where nobody listens', async () => {
  assert.is(
    outcome(
      await run(
        always(() => {}),
        { domain: `http://localhost:${await freePort()}` },
      ),
    ),
    'cognito_unreachable',
  )
})

login('waits for less than ten seconds, which NGINX does, when the token endpoint does not answer or does not end', async () => {
  const started = performance.now()
  const begin = (response: ServerResponse): unknown => response.writeHead(200, { 'content-type': 'application/json' }).write('{')
  const silence: Answer = () => (response) => (asked.length === 1 ? undefined : begin(response))
  const results = await Promise.all([run(silence), run(silence)])
  assert.equal(results.map(outcome), ['cognito_unreachable', 'cognito_unreachable'])
  assert.is(asked.length, 2)
  assert.ok(performance.now() - started < 9500)
})

for (const [id, secret] of [
  ['webclient', 'web-secret'],
  ['publicclient', null],
] as const) {
  login(`works with the stand-in as ${id}`, async () => {
    const cognito = await startSample()
    try {
      const pool = poolWithIssuer(SAMPLE.poolId, cognito.issuer, undefined)
      const keys = createKeyStore({ urls: pool.jwksUrls, get: getDocument, now: () => performance.now() })
      const it = createPoolLogin({ clientId: id, clientSecret: secret, domain: cognito.origin, scopes: 'openid' }, pool, keys, now)
      const { url, begun } = await it.begin(CALLBACK)
      const back = new URL((await signIn(cognito, new URL(url).searchParams, 'rosa', 'rosa-pw')).headers.get('location') ?? '')
      assert.is(outcome(await it.finish(new URL(back), { ...begun, verifier: 'x'.repeat(43) })), 'invalid_grant')
      const again = new URL((await signIn(cognito, new URL(url).searchParams, 'rosa', 'rosa-pw')).headers.get('location') ?? '')
      assert.equal(await it.finish(again, begun), { ok: true, user: { username: 'rosa', clientId: id, groups: ['ops', 'a,b'] } })
      assert.is(outcome(await it.finish(again, begun)), 'invalid_grant', 'a code works once')
    } finally {
      await cognito.close()
    }
  })
}

login.run()
