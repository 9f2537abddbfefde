import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import {
  AGENT,
  basic,
  CALLBACK,
  CHALLENGE,
  codeFor,
  type Fields,
  type Json,
  post,
  startSample,
  tokensFor,
  VERIFIER,
  WEB,
} from './sample_pool.ts'

const token = suite('Cognito stand-in: the token endpoint')
let cognito: Awaited<ReturnType<typeof startSample>>
token.before(async () => {
  cognito = await startSample()
})
token.after(() => cognito.close())

const CODE: Fields = { grant_type: 'authorization_code', redirect_uri: CALLBACK, code: 'unknown' }
const MACHINE: Fields = { grant_type: 'client_credentials' }
const BAD_SECRET = { error: 'invalid_client', error_description: 'invalid_client_secret' }
const ask = (fields: Fields | URLSearchParams, headers?: Fields) => post(cognito, '/oauth2/token', fields, headers)
const without = (fields: Fields, name: string) => Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name))

const REFUSALS: [string, Fields, Fields, Json][] = [
  ['a wrong secret', MACHINE, basic('agent', 'wrong'), BAD_SECRET],
  ['an empty secret', MACHINE, basic('agent', ''), BAD_SECRET],
  ['a wrong secret in the body', { ...MACHINE, client_id: 'agent', client_secret: 'wrong' }, {}, BAD_SECRET],
  ['a missing secret', { ...MACHINE, client_id: 'agent' }, {}, BAD_SECRET],
  ['a secret from a public client', { ...CODE, client_id: 'publicclient', client_secret: 'x' }, {}, BAD_SECRET],
  ['an unknown client', MACHINE, basic('nobody', 'x'), { error: 'invalid_client' }],
  ['a Basic header that is not base64', MACHINE, { authorization: 'Basic ???' }, { error: 'invalid_client' }],
  ['a Basic header without a colon', MACHINE, { authorization: 'Basic YWdlbnQ=' }, { error: 'invalid_client' }],
  ['a Bearer header', MACHINE, { authorization: 'Bearer x' }, { error: 'invalid_client' }],
  ['no client at all', MACHINE, {}, { error: 'invalid_request' }],
  ['a missing grant type', {}, AGENT, { error: 'invalid_request' }],
  ['an unsupported grant type', { grant_type: 'password' }, AGENT, { error: 'unsupported_grant_type' }],
  ['a grant type out of the prototype', { grant_type: 'constructor' }, AGENT, { error: 'unsupported_grant_type' }],
  ['an unknown code', CODE, WEB, { error: 'invalid_grant' }],
  ['a missing code', without(CODE, 'code'), WEB, { error: 'invalid_request' }],
  ['a missing redirect_uri', without(CODE, 'redirect_uri'), WEB, { error: 'invalid_request' }],
  ['a code from a machine client', CODE, AGENT, { error: 'unauthorized_client' }],
  ['client credentials from a web client', MACHINE, WEB, { error: 'unauthorized_client' }],
  ['a refresh by a machine client', { grant_type: 'refresh_token', refresh_token: 'x' }, AGENT, { error: 'unauthorized_client' }],
  ['an unknown refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, WEB, { error: 'invalid_grant' }],
  ['a missing refresh token', { grant_type: 'refresh_token' }, WEB, { error: 'invalid_request' }],
  ['an un-allowed scope', { ...MACHINE, scope: 'tools/read other/read' }, AGENT, { error: 'invalid_scope' }],
  ['openid for a machine', { ...MACHINE, scope: 'openid' }, AGENT, { error: 'invalid_scope' }],
]
for (const [what, fields, headers, expected] of REFUSALS) {
  token(`${what} is refused`, async () => {
    const response = await ask(fields, headers)
    assert.is(response.status, 400)
    assert.equal(await response.json(), expected)
    assert.is(response.headers.get('access-control-allow-origin'), '*')
    assert.match(response.headers.get('content-type') ?? '', 'application/json')
  })
}

token('a parameter given twice is refused', async () => {
  const response = await ask(new URLSearchParams('grant_type=client_credentials&scope=tools/read&scope=tools/write'), AGENT)
  assert.equal([response.status, await response.json()], [400, { error: 'invalid_request' }])
})

for (const [what, init] of [
  ['JSON', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }],
  ['a malformed content type', { method: 'POST', headers: { 'content-type': 'form' }, body: 'a=b' }],
  ['GET', { method: 'GET' }],
] as const) {
  token(`${what} gets an empty 405 with a cookie`, async () => {
    const response = await fetch(`${cognito.origin}/oauth2/token`, init)
    assert.equal([response.status, await response.text()], [405, ''])
    assert.match(response.headers.get('set-cookie') ?? '', 'XSRF-TOKEN=')
  })
}

token('a double slash is another path', async () => {
  assert.is((await post(cognito, '//oauth2/token', MACHINE, AGENT)).status, 404)
})

token('a body that is too long is cut off', async () => {
  assert.is((await ask({ ...MACHINE, scope: 'x'.repeat(100_000) }, AGENT)).status, 413)
})

token('a body without a declared length is read, and cut off as well', async () => {
  const chunked = (text: string) =>
    fetch(`${cognito.origin}/oauth2/token`, {
      method: 'POST',
      headers: { ...AGENT, 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
      body: new Blob([text]).stream(),
      duplex: 'half',
    } as RequestInit)
  assert.is((await chunked('grant_type=client_credentials')).status, 200)
  assert.is((await chunked(`grant_type=client_credentials&scope=${'x'.repeat(100_000)}`)).status, 413)
})

token('a machine gets a token alone, by header and by body, with all its scopes unless it asks for some', async () => {
  const byHeader = await (await ask({ ...MACHINE, resource: 'https://mcp.example.test' }, AGENT)).json()
  assert.equal(Object.keys(byHeader).sort(), ['access_token', 'expires_in', 'token_type'])
  assert.equal([byHeader.token_type, byHeader.expires_in], ['Bearer', 3600])
  const byBody = await ask({ ...MACHINE, scope: 'tools/write', client_id: 'agent', client_secret: 'agent-secret' })
  assert.is(byBody.status, 200)
})

token('a code gives all tokens once', async () => {
  const fields = { ...CODE, code: await codeFor(cognito) }
  const first = await ask(fields, WEB)
  assert.is(first.status, 200)
  assert.match(first.headers.get('cache-control') ?? '', 'no-store')
  assert.equal(Object.keys(await first.json()).sort(), ['access_token', 'expires_in', 'id_token', 'refresh_token', 'token_type'])
  const second = await ask(fields, WEB)
  assert.equal([second.status, await second.json()], [400, { error: 'invalid_grant' }])
})

token('a code lives five minutes', async () => {
  const own = await startSample()
  const [early, late] = [await codeFor(own), await codeFor(own)]
  own.wait(295)
  assert.is((await post(own, '/oauth2/token', { ...CODE, code: early }, WEB)).status, 200)
  own.wait(10)
  const refused = await post(own, '/oauth2/token', { ...CODE, code: late }, WEB)
  assert.equal([refused.status, await refused.json()], [400, { error: 'invalid_grant' }])
  await own.close()
})

token('a code with another redirect_uri is refused', async () => {
  const response = await ask({ ...CODE, code: await codeFor(cognito), redirect_uri: 'app://callback' }, WEB)
  assert.equal([response.status, await response.json()], [400, { error: 'unauthorized_client', error_description: 'invalid_redirect' }])
})

token("another client's code is refused", async () => {
  const response = await ask({ ...CODE, code: await codeFor(cognito), client_id: 'publicclient' })
  assert.equal([response.status, await response.json()], [400, { error: 'invalid_grant' }])
})

const PKCE = { code_challenge: CHALLENGE, code_challenge_method: 'S256', client_id: 'publicclient', scope: 'openid' }

for (const [what, verifier] of [
  ['a wrong verifier', { code_verifier: `${VERIFIER}x` }],
  ['a missing verifier', {}],
  ['the challenge as verifier', { code_verifier: CHALLENGE }],
] as const) {
  token(`${what} is refused and spends the code`, async () => {
    const fields = { ...CODE, code: await codeFor(cognito, PKCE), client_id: 'publicclient' }
    const refused = await ask({ ...fields, ...verifier })
    assert.equal([refused.status, await refused.json()], [400, { error: 'invalid_grant' }])
    assert.is((await ask({ ...fields, code_verifier: VERIFIER })).status, 400)
  })
}

token('a public client redeems its code with the right verifier, and a resource at this endpoint is ignored', async () => {
  const fields = { ...CODE, code: await codeFor(cognito, PKCE), client_id: 'publicclient', code_verifier: VERIFIER }
  const response = await ask({ ...fields, resource: 'https://mcp.example.test' })
  assert.is(response.status, 200)
  assert.is((await response.json()).expires_in, 600)
})

token('without openid there is no ID token', async () => {
  const tokens = await tokensFor(cognito, { scope: 'tools/read' })
  assert.is('id_token' in tokens, false)
  assert.type(tokens.access_token, 'string')
})

token('a refresh gives new tokens and no new refresh token, again and again', async () => {
  const { refresh_token } = await tokensFor(cognito)
  assert.not.match(refresh_token, '.')
  for (let turn = 0; turn < 2; turn += 1) {
    const response = await ask({ grant_type: 'refresh_token', refresh_token }, WEB)
    assert.equal(Object.keys(await response.json()).sort(), ['access_token', 'expires_in', 'id_token', 'token_type'])
  }
})

token("another client's refresh token is refused", async () => {
  const { refresh_token } = await tokensFor(cognito)
  const response = await ask({ grant_type: 'refresh_token', refresh_token, client_id: 'publicclient' })
  assert.equal([response.status, await response.json()], [400, { error: 'invalid_grant' }])
})

token('a refresh token lives thirty days', async () => {
  const own = await startSample()
  const { refresh_token } = await tokensFor(own)
  own.wait(30 * 86400 + 1)
  assert.is((await post(own, '/oauth2/token', { grant_type: 'refresh_token', refresh_token }, WEB)).status, 400)
  await own.close()
})

token.run()
