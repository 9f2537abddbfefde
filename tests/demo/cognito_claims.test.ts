import { createHash } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { AGENT, type Json, post, startSample, tokensFor, WEB } from './sample_pool.ts'

const claims = suite('Cognito stand-in: the claims')
let cognito: Awaited<ReturnType<typeof startSample>>
claims.before(async () => {
  cognito = await startSample()
})
claims.after(() => cognito.close())

/** Verified as a client would do it: by the published keys. */
const verified = async (token: string): Promise<Json> => {
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(cognito.jwksUrl)), { issuer: cognito.issuer })
  return payload
}
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

claims("a user's access token", async () => {
  const token = await verified((await tokensFor(cognito, { scope: 'openid email tools/read' })).access_token)
  assert.equal(Object.keys(token).sort(), [
    'auth_time',
    'client_id',
    'cognito:groups',
    'event_id',
    'exp',
    'iat',
    'iss',
    'jti',
    'origin_jti',
    'scope',
    'sub',
    'token_use',
    'username',
    'version',
  ])
  assert.equal([token.token_use, token.version, token.client_id, token.username], ['access', 2, 'webclient', 'rosa'])
  assert.equal(token['cognito:groups'], ['ops', 'a,b'])
  assert.is(token.scope, 'openid email tools/read')
  assert.is(token.exp - token.iat, 3600)
  for (const name of ['sub', 'jti', 'origin_jti', 'event_id']) assert.match(token[name], UUID)
})

claims('an ID token', async () => {
  const { id_token, access_token } = await tokensFor(cognito, { nonce: 'n-1' })
  const [id, access] = [await verified(id_token), await verified(access_token)]
  assert.equal(Object.keys(id).sort(), [
    'at_hash',
    'aud',
    'auth_time',
    'cognito:groups',
    'cognito:username',
    'email',
    'email_verified',
    'event_id',
    'exp',
    'iat',
    'iss',
    'jti',
    'nonce',
    'origin_jti',
    'sub',
    'token_use',
  ])
  assert.equal([id.token_use, id.aud, id['cognito:username'], id.nonce], ['id', 'webclient', 'rosa', 'n-1'])
  assert.equal([id.email, id.email_verified], ['rosa@example.test', true])
  assert.equal([id.sub, id.origin_jti, id.event_id], [access.sub, access.origin_jti, access.event_id])
  assert.is.not(id.jti, access.jti)
  assert.is(id.at_hash, createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url'))
})

for (const [scope, expected] of [
  ['openid', 'rosa@example.test'],
  ['openid email', 'rosa@example.test'],
  ['openid profile', undefined],
] as const) {
  claims(`"${scope}" ${expected ? 'opens' : 'does not open'} the e-mail address`, async () => {
    const id = decodeJwt((await tokensFor(cognito, { scope })).id_token)
    assert.equal([id.email, id.email_verified], [expected, expected && true])
  })
}

claims('a user without groups has no groups claim', async () => {
  const { id_token, access_token } = await tokensFor(cognito, {}, 'nobody')
  assert.is('cognito:groups' in decodeJwt(id_token), false)
  assert.is('cognito:groups' in decodeJwt(access_token), false)
})

claims('no scope asked means all scopes of the client', async () => {
  const { access_token } = await tokensFor(cognito, { scope: undefined })
  assert.is(decodeJwt(access_token).scope, 'openid email profile tools/read')
})

claims("a machine's token names no user and no audience", async () => {
  const fields = { grant_type: 'client_credentials', scope: 'tools/write', resource: 'https://mcp.example.test' }
  const { access_token } = await (await post(cognito, '/oauth2/token', fields, AGENT)).json()
  const token = await verified(access_token)
  assert.equal(Object.keys(token).sort(), ['auth_time', 'client_id', 'exp', 'iat', 'iss', 'jti', 'scope', 'sub', 'token_use', 'version'])
  assert.equal([token.sub, token.client_id, token.scope, token.token_use, token.version], ['agent', 'agent', 'tools/write', 'access', 2])
})

for (const resource of ['https://mcp.example.test', 'https://mcp.example.test/', 'http://localhost:8080/currenttime/mcp', 'app://mcp']) {
  claims(`the resource ${resource} becomes the audience, verbatim`, async () => {
    const { id_token, access_token } = await tokensFor(cognito, { resource })
    assert.is(decodeJwt(access_token).aud, resource)
    assert.is(decodeJwt(id_token).aud, 'webclient')
  })
}

claims('a refresh keeps the sign-in: its time, its origin, its audience, but not the nonce', async () => {
  const own = await startSample()
  const before = await tokensFor(own, { resource: 'https://mcp.example.test', nonce: 'n-1' })
  own.wait(100)
  const after = await (await post(own, '/oauth2/token', { grant_type: 'refresh_token', refresh_token: before.refresh_token }, WEB)).json()
  const [first, second]: Json[] = [decodeJwt(before.access_token), decodeJwt(after.access_token)]
  for (const name of ['sub', 'auth_time', 'origin_jti', 'aud', 'scope', 'username']) assert.is(second[name], first[name])
  assert.ok(second.iat - first.iat >= 100)
  assert.is.not(second.jti, first.jti)
  assert.is('nonce' in decodeJwt(after.id_token), false)
  await own.close()
})

claims('a user keeps the sub over restarts, and two users differ', async () => {
  const own = await startSample()
  const sub = async (from: typeof own, name: string) => decodeJwt((await tokensFor(from, {}, name)).access_token).sub
  assert.is(await sub(own, 'rosa'), await sub(cognito, 'rosa'))
  assert.is.not(await sub(own, 'rosa'), await sub(own, 'nobody'))
  await own.close()
})

claims.run()
