/** The token endpoint of MCP clients: strangers get nothing out of the gateway's secret. */
import { CALLBACK, challengeOf, reachClient, redeem, register, VERIFIER } from '../oauth/client_case.ts'
import * as assert from '../support/assert.ts'
import { call, post } from '../support/gateway.ts'
import { now } from '../support/issuer.ts'
import { type LoginWorld, seal, startLoginWorld, unseal } from '../support/login_world.ts'
import type { Visit } from '../support/visitor.ts'
import { attackSuite } from './attack_suite.ts'
import { reachCode as reachHandover } from './handover_case.ts'
import { logProblems } from './login_case.ts'

const endpoint = attackSuite('the token endpoint of MCP clients')
let w: LoginWorld
endpoint.before(async () => {
  w = await startLoginWorld()
})
endpoint.after(() => w?.close())
endpoint.before.each(() => {
  w.tokenAnswer = null
})

const TOKEN = '/oauth2/token'
const codeFor = async (changes: Record<string, string | null> = {}, username = 'rosa'): Promise<string> =>
  (await reachClient(w, w.browser(), username, { scope: 'test/now', ...changes })).get('code') ?? ''

async function refused(answer: Visit, expected: string): Promise<void> {
  const { error, error_description, ...rest } = JSON.parse(answer.body)
  assert.is(`${answer.status} ${error}`, expected, answer.body)
  assert.match(error_description, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  assert.equal(rest, {})
  assert.equal(answer.cookies, [])
  assert.is(answer.headers['cache-control']?.join(), 'no-store')
  assert.is(answer.headers['www-authenticate']?.join(), answer.status === 401 ? 'Basic realm="gatehouse"' : undefined)
  assert.is(answer.headers['retry-after']?.join(), answer.status === 503 ? '1' : undefined)
  assert.not.match(answer.body, 'Fe26')
  for (const secret of w.secrets) assert.not.match(answer.body, secret)
}

const GRANT = '400 invalid_grant'
const CODES: [string, (code: string) => string | Promise<string>][] = [
  ['no code', () => ''],
  ['a made-up code', () => 'x'],
  ['a changed code', (code) => code.replace(/~2$/, 'x~2')],
  ['a code of another purpose', async (code) => seal('client_state', (await unseal('client_code', code)) ?? {})],
  ['an expired code', async (code) => seal('client_code', { ...(await unseal('client_code', code)), expiresAt: now() - 1 })],
  ["Cognito's own code", async (code) => String((await unseal('client_code', code))?.code)],
  ['the code of a handover', () => reachHandover(w, w.browser())],
]
for (const [name, change] of CODES) {
  endpoint(`211 ${name}`, async () => {
    const code = await change(await codeFor())
    const asked = w.exchanges.length
    await refused(await redeem(w, code), GRANT)
    assert.is(w.exchanges.length, asked, 'Cognito was not asked')
  })
}

const FORMS: [string, Record<string, string | null>, string][] = [
  ['another client', { client_id: 'web.eA' }, GRANT],
  ['no client', { client_id: null }, '400 invalid_request'],
  ['an empty client', { client_id: '' }, '400 invalid_request'],
  ['a foreign client', { client_id: 'agent' }, '400 invalid_client'],
  ['another redirect URI', { redirect_uri: 'http://127.0.0.1:41235/callback' }, GRANT],
  ['no redirect URI', { redirect_uri: null }, GRANT],
  ["the gateway's redirect URI", { redirect_uri: 'http://localhost/oauth2/callback/mcp' }, GRANT],
  ['another verifier', { code_verifier: 'x'.repeat(43) }, GRANT],
  ['no verifier', { code_verifier: null }, GRANT],
  ['the challenge as verifier', { code_verifier: challengeOf(VERIFIER) }, GRANT],
  ['a verifier of 42 characters', { code_verifier: VERIFIER.slice(1) }, GRANT],
  ['another server', { resource: 'http://localhost/mcpgw/mcp' }, '400 invalid_target'],
  ['a resource elsewhere', { resource: 'https://evil.example/mcp' }, '400 invalid_target'],
  ['a secret', { client_secret: 'guess' }, '400 invalid_client'],
  ['no grant', { grant_type: null }, '400 invalid_request'],
  ['an empty grant', { grant_type: '' }, '400 invalid_request'],
  ['client credentials', { grant_type: 'client_credentials' }, '400 unsupported_grant_type'],
  ['a password', { grant_type: 'password', username: 'rosa', password: 'rosa-pw' }, '400 unsupported_grant_type'],
  ['a device', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code' }, '400 unsupported_grant_type'],
  ['an exchange', { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' }, '400 unsupported_grant_type'],
]
for (const [name, changes, expected] of FORMS) {
  endpoint(`212 ${name}`, async () => {
    const code = await codeFor()
    const asked = w.exchanges.length
    await refused(await redeem(w, code, changes), expected)
    assert.is(w.exchanges.length, asked, 'Cognito was not asked')
    assert.is((await redeem(w, code)).status, 200, 'the code is still good for its client')
  })
}

const SHAPES: [string, () => Promise<Visit>, string][] = [
  ['JSON', () => raw('{"grant_type":"refresh_token"}', { 'content-type': 'application/json' }), '400 invalid_request'],
  ['no type', () => raw('grant_type=refresh_token', { 'content-type': null }), '400 invalid_request'],
  ['two clients', () => raw('grant_type=refresh_token&client_id=web&client_id=web&refresh_token=x'), '400 invalid_request'],
  ['two grants', () => raw('grant_type=refresh_token&grant_type=client_credentials&client_id=web'), '400 invalid_request'],
  [
    'a secret in a header',
    () => raw('grant_type=refresh_token&refresh_token=x', { authorization: basic('web:guess') }),
    '401 invalid_client',
  ],
  ['a bearer in a header', () => raw('grant_type=refresh_token&client_id=web', { authorization: 'Bearer x' }), '401 invalid_client'],
  ['a broken header', () => raw('grant_type=refresh_token', { authorization: 'Basic %%%' }), '401 invalid_client'],
  [
    'another client in a header',
    () => raw('grant_type=refresh_token&client_id=web&refresh_token=x', { authorization: basic('web.eA:') }),
    '400 invalid_request',
  ],
  [
    'an empty client, and one in a header',
    () => raw('grant_type=refresh_token&client_id=&refresh_token=x', { authorization: basic('web:') }),
    GRANT,
  ],
  ['an empty secret', () => raw('grant_type=refresh_token&client_id=web&client_secret=&refresh_token=x'), GRANT],
  ['no refresh token', () => raw('grant_type=refresh_token&client_id=web'), '400 invalid_request'],
  ['a refresh token of line ends', () => raw('grant_type=refresh_token&client_id=web&refresh_token=a%0d%0ab'), '400 invalid_request'],
  ['a made-up refresh token', () => raw('grant_type=refresh_token&client_id=web&refresh_token=x'), GRANT],
  ['an escaped name', () => raw('grant%5Ftype=client_credentials&client_id=web'), '400 unsupported_grant_type'],
  ['the prototype', () => raw('grant_type=__proto__&client_id=web'), '400 unsupported_grant_type'],
]
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const raw = (body: string, headers: Record<string, string | null> = {}): Promise<Visit> =>
  w.browser().send('POST', w.url + TOKEN, body, { 'content-type': 'application/x-www-form-urlencoded', ...headers })
for (const [name, send, expected] of SHAPES) endpoint(`212 form: ${name}`, async () => refused(await send(), expected))

const REFRESH_TOKENS: [string, (token: string) => string | Promise<string>, Record<string, string>][] = [
  ['of another client', (token) => token, { client_id: 'web.eA' }],
  ["that is Cognito's own", async (token) => String((await unseal('client_refresh', token))?.token), {}],
  ['that is a code', () => codeFor(), {}],
  ['that was changed', (token) => token.replace(/~2$/, 'x~2'), {}],
  ['of another purpose', async (token) => seal('client_code', (await unseal('client_refresh', token)) ?? {}), {}],
  ['that names no client', async (token) => seal('client_refresh', { token: (await unseal('client_refresh', token))?.token }), {}],
  ['that holds none', () => seal('client_refresh', { token: 1, clientId: 'web', signIn: null }), {}],
]
for (const [name, change, client] of REFRESH_TOKENS) {
  endpoint(`212 a refresh token ${name}`, async () => {
    const { refresh_token: mine } = JSON.parse((await redeem(w, await codeFor())).body)
    const changed = await change(mine)
    const refresh = (token: string, more = {}): Promise<Visit> =>
      raw(new URLSearchParams({ grant_type: 'refresh_token', client_id: 'web', refresh_token: token, ...more }).toString())
    const asked = w.exchanges.length
    await refused(await refresh(changed, client), GRANT)
    assert.is(w.exchanges.length, asked, 'Cognito was not asked')
    assert.is((await refresh(mine)).status, 200, 'it is still good for its client')
  })
}

endpoint('212 a refresh token of another client is not revoked', async () => {
  const { refresh_token: token } = JSON.parse((await redeem(w, await codeFor())).body)
  const form = (more: Record<string, string>): string => new URLSearchParams({ client_id: 'web', ...more }).toString()
  const revoke = (body: string): Promise<Visit> =>
    w.browser().send('POST', `${w.url}/oauth2/revoke`, body, { 'content-type': 'application/x-www-form-urlencoded' })
  const refresh = (): Promise<Visit> => raw(form({ grant_type: 'refresh_token', refresh_token: token }))
  const asked = w.exchanges.length
  await refused(await revoke(form({ token, client_id: 'web.eA' })), GRANT)
  const own = String((await unseal('client_refresh', token))?.token)
  for (const none of [own, 'x', token.replace(/~2$/, 'x~2')]) assert.is((await revoke(form({ token: none }))).status, 200, none)
  await refused(await revoke(form({ token: 'eyJ.eyJ.x' })), '400 unsupported_token_type')
  assert.is(w.exchanges.length, asked, 'Cognito was not asked')
  assert.match(w.gateway.logs(), '"reason":"foreign","client":"web.eA","msg":"refresh token refused"')
  assert.is((await refresh()).status, 200)
  assert.is((await revoke(form({ token }))).status, 200)
  await refused(await refresh(), GRANT)
})

endpoint('a refresh token is sealed anew by each refresh, whether or not Cognito replaces it', async () => {
  const { refresh_token: first } = JSON.parse((await redeem(w, await codeFor())).body)
  const refresh = async (token: string): Promise<Record<string, string>> => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'web', refresh_token: token }).toString()
    return JSON.parse((await raw(body)).body)
  }
  const { access_token, refresh_token: same = '' } = await refresh(first)
  assert.is.not(same, first)
  assert.equal(await unseal('client_refresh', same), await unseal('client_refresh', first))
  w.tokenAnswer = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ access_token, refresh_token: 'the-next-one' }))
  const { refresh_token: next = '' } = await refresh(first)
  assert.is((await unseal('client_refresh', next))?.token, 'the-next-one')
  await refresh(next)
  assert.is(w.exchanges.at(-1)?.get('refresh_token'), 'the-next-one')
})

endpoint('a client may send its id in a header, with an empty secret', async () => {
  const answer = await raw('grant_type=refresh_token&refresh_token=x', { authorization: basic('web:') })
  await refused(answer, GRANT)
})

const ANSWERS: [string, number, string, string][] = [
  ['of a wrong secret', 400, '{"error":"invalid_client","error_description":"invalid_client_secret"}', '502 server_error'],
  ['of a wrong callback', 400, '{"error":"unauthorized_client","error_description":"invalid_redirect"}', '502 server_error'],
  ['of a used code', 400, '{"error":"invalid_grant"}', GRANT],
  ['of too many requests', 429, '{"message":"Too many requests"}', '503 temporarily_unavailable'],
  ['of a failure', 500, '<html>', '503 temporarily_unavailable'],
  ['of HTML', 200, '<html>', '502 server_error'],
  ['of a list', 200, '[]', '502 server_error'],
  ['without a token', 200, '{"token_type":"Bearer"}', '502 server_error'],
  ['of a number', 200, '{"access_token":1}', '502 server_error'],
  ['of nothing', 400, '', '502 server_error'],
]
for (const [name, status, body, expected] of ANSWERS) {
  endpoint(`an answer of Cognito's ${name}`, async () => {
    const code = await codeFor()
    w.tokenAnswer = (_request, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    await refused(await redeem(w, code), expected)
  })
}

endpoint("an answer of Cognito's that leads elsewhere is not followed", async () => {
  const code = await codeFor()
  w.tokenAnswer = (_request, response) => response.writeHead(307, { location: `${w.domain}/elsewhere` }).end()
  await refused(await redeem(w, code), '502 server_error')
})

endpoint('without the secret of the app client, and the ID token stays here', async () => {
  const { status, body } = await redeem(w, await codeFor())
  assert.is(status, 200)
  assert.equal(Object.keys(JSON.parse(body)).sort(), ['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type'])
  const form = w.exchanges.at(-1)
  assert.is(form?.get('redirect_uri'), `${w.url}/oauth2/callback/mcp`)
  assert.is(form?.get('client_id'), 'web')
})

endpoint('other methods', async () => {
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await w.browser().send(method, w.url + TOKEN, '', {})
    assert.is(answer.status, 405, method)
    assert.is(answer.headers.allow?.join(), 'POST')
  }
})

endpoint('a body of 17 KB', async () => assert.is((await raw(`x=${'x'.repeat(17 * 1024)}`)).status, 413))

endpoint('the token of a narrow scope opens no more than that, whatever the user may do', async () => {
  const { body } = await redeem(w, await codeFor({ scope: 'test/list' }, 'admin'))
  const { access_token } = JSON.parse(body)
  const [answer] = await w.gateway.raw(post('/currenttime/mcp', call('now'), { Authorization: `Bearer ${access_token}` }))
  assert.is(answer?.status, 403)
})

const METADATA: [string, unknown, string][] = [
  ['no JSON', '{', 'invalid_client_metadata'],
  ['a list', [], 'invalid_client_metadata'],
  ['null', 'null', 'invalid_client_metadata'],
  ['no redirect URIs', {}, 'invalid_redirect_uri'],
  ['no list of redirect URIs', { redirect_uris: CALLBACK }, 'invalid_redirect_uri'],
  ['an empty list', { redirect_uris: [] }, 'invalid_redirect_uri'],
  ['numbers', { redirect_uris: [1] }, 'invalid_redirect_uri'],
  ['33 of them', { redirect_uris: Array(33).fill(CALLBACK) }, 'invalid_redirect_uri'],
  ['a site', { redirect_uris: ['https://evil.example/cb'] }, 'invalid_redirect_uri'],
  ['a quote', { redirect_uris: ['https://evil.example/"\\\u0000é'] }, 'invalid_redirect_uri'],
  ['client credentials alone', { redirect_uris: [CALLBACK], grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
  ['an implicit grant', { redirect_uris: [CALLBACK], response_types: ['token'] }, 'invalid_client_metadata'],
]
for (const [name, metadata, expected] of METADATA) {
  endpoint(`registration: ${name}`, async () => {
    const { status, body } = await register(w, metadata)
    assert.is(`${status} ${body.error}`, `400 ${expected}`)
    assert.match(String(body.error_description), /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  })
}

endpoint('registration: of several redirect URIs the allowed ones are taken', async () => {
  const three = [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://www.cursor.com/agents/mcp/oauth/callback',
    'http://localhost:8787/callback',
  ]
  const { status, body } = await register(w, {
    client_name: 'Cursor',
    redirect_uris: [three[0], 'https://evil.example/cb', three[1], three[2]],
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token', 'implicit'],
    scope: 'test/now offline_access test/nothing',
  })
  assert.is(status, 201)
  const { client_id_issued_at, ...rest } = body
  assert.ok(Math.abs(Number(client_id_issued_at) - now()) < 10)
  assert.equal(rest, {
    client_id: `web.${Buffer.from('Cursor').toString('base64url')}`,
    client_name: 'Cursor',
    redirect_uris: three,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'test/now',
  })
})

endpoint('no secret in any log, and nothing has crashed', () => {
  const problems = logProblems(w).filter((line) => !line.includes('too large body'))
  assert.equal(problems, [])
})

endpoint.run()
