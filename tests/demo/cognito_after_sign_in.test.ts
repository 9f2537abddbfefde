import { decodeJwt } from 'jose'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { AGENT, type Answer, basic, type Fields, type Json, post, startSample, tokensFor, WEB } from './sample_pool.ts'

const after = suite('Cognito stand-in: userInfo and revocation')
let cognito: Awaited<ReturnType<typeof startSample>>
after.before(async () => {
  cognito = await startSample()
})
after.after(() => cognito.close())

const userInfo = (authorization: string, from = cognito): Promise<Answer> =>
  fetch(`${from.origin}/oauth2/userInfo`, { headers: authorization ? { authorization } : {} })
const revoke = (fields: Fields, headers?: Fields) => post(cognito, '/oauth2/revoke', fields, headers)
const GONE =
  'error="invalid_token", error_description="Access token is expired, disabled, or deleted, or the user has globally signed out."'
const BAD = 'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"'

after('userInfo gives the attributes, with email_verified as a string', async () => {
  const { access_token } = await tokensFor(cognito)
  const response = await userInfo(`Bearer ${access_token}`)
  assert.is(response.status, 200)
  assert.equal(await response.json(), {
    sub: decodeJwt(access_token).sub,
    email_verified: 'true',
    email: 'rosa@example.test',
    username: 'rosa',
  })
})

after('userInfo keeps to the scopes', async () => {
  const { access_token } = await tokensFor(cognito, { scope: 'openid profile' })
  assert.is('email' in (await (await userInfo(`Bearer ${access_token}`)).json()), false)
})

for (const [what, header] of [
  ['no header', ''],
  ['another scheme', 'Basic eDp5'],
  ['no token', 'Bearer'],
] as const) {
  after(`userInfo refuses ${what}`, async () => {
    const response = await userInfo(header)
    assert.equal([response.status, response.headers.get('www-authenticate')], [400, BAD])
  })
}

after('userInfo refuses what is not a valid access token of a user', async () => {
  const { id_token } = await tokensFor(cognito)
  const { access_token } = await (await post(cognito, '/oauth2/token', { grant_type: 'client_credentials' }, AGENT)).json()
  for (const token of ['x', 'a.b.c', id_token, access_token, `${id_token}x`]) {
    const response = await userInfo(`Bearer ${token}`)
    assert.equal([response.status, response.headers.get('www-authenticate')], [401, GONE])
  }
})

after('userInfo refuses a token without openid', async () => {
  const { access_token } = await tokensFor(cognito, { scope: 'tools/read' })
  const response = await userInfo(`Bearer ${access_token}`)
  assert.equal([response.status, (await response.json()).error_description], [401, 'Access token does not contain openid scope'])
})

after('userInfo refuses an expired token', async () => {
  const own = await startSample()
  const { access_token } = await tokensFor(own)
  own.wait(3599)
  assert.is((await userInfo(`Bearer ${access_token}`, own)).status, 200)
  own.wait(2)
  assert.is((await userInfo(`Bearer ${access_token}`, own)).status, 401)
  await own.close()
})

after('a token signed before a rotation stays valid until the next one', async () => {
  const own = await startSample()
  const { access_token } = await tokensFor(own)
  await own.rotateKeys()
  assert.is((await userInfo(`Bearer ${access_token}`, own)).status, 200)
  await own.rotateKeys()
  assert.is((await userInfo(`Bearer ${access_token}`, own)).status, 401)
  await own.close()
})

after('revoking ends the refresh token and the access tokens of the same sign-in, not of another', async () => {
  const [one, other] = [await tokensFor(cognito), await tokensFor(cognito)]
  const response = await revoke({ token: one.refresh_token }, WEB)
  assert.equal([response.status, await response.text()], [200, ''])
  const refresh = (refresh_token: string) => post(cognito, '/oauth2/token', { grant_type: 'refresh_token', refresh_token }, WEB)
  const refused = await refresh(one.refresh_token)
  assert.equal([refused.status, await refused.json()], [400, { error: 'invalid_grant' }])
  assert.is((await userInfo(`Bearer ${one.access_token}`)).status, 401)
  assert.is((await refresh(other.refresh_token)).status, 200)
  assert.is((await userInfo(`Bearer ${other.access_token}`)).status, 200)
  assert.is((await revoke({ token: one.refresh_token }, WEB)).status, 200)
})

after("another client's refresh token survives", async () => {
  const { refresh_token } = await tokensFor(cognito)
  assert.is((await revoke({ token: refresh_token, client_id: 'publicclient' })).status, 200)
  assert.is((await post(cognito, '/oauth2/token', { grant_type: 'refresh_token', refresh_token }, WEB)).status, 200)
})

const REFUSALS: [string, Fields, Fields, number, Json][] = [
  ['a missing token', {}, WEB, 400, { error: 'invalid_request' }],
  ['a missing client', { token: 'x' }, {}, 400, { error: 'invalid_request' }],
  ['a wrong secret', { token: 'x' }, basic('webclient', 'x'), 401, { error: 'invalid_client', error_description: 'invalid_client_secret' }],
  ['an unknown client', { token: 'x' }, basic('x', 'x'), 401, { error: 'invalid_client' }],
]
for (const [what, fields, headers, status, expected] of REFUSALS) {
  after(`revoke refuses ${what}`, async () => {
    const response = await revoke(fields, headers)
    assert.equal([response.status, await response.json()], [status, expected])
  })
}

after('revoke refuses an access token', async () => {
  const { access_token } = await tokensFor(cognito)
  const response = await revoke({ token: access_token }, WEB)
  assert.equal([response.status, await response.json()], [400, { error: 'unsupported_token_type' }])
})

after.run()
