import { decodeProtectedHeader } from 'jose'
import { startCognito } from '../../src/demo/cognito/start.ts'
import { newRsaKey } from '../../src/demo/new_key.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { AGENT, type Json, post, SAMPLE, startSample, tokensFor } from './sample_pool.ts'

const documents = suite('Cognito stand-in: documents and keys')
let cognito: Awaited<ReturnType<typeof startSample>>
documents.before(async () => {
  cognito = await startSample()
})
documents.after(() => cognito.close())

const json = async (url: string): Promise<Json> => (await fetch(url)).json()

documents('discovery has the members of Cognito in their order, and no other', async () => {
  const document = await json(`${cognito.issuer}/.well-known/openid-configuration`)
  assert.equal(Object.keys(document), [
    'authorization_endpoint',
    'end_session_endpoint',
    'id_token_signing_alg_values_supported',
    'issuer',
    'jwks_uri',
    'response_types_supported',
    'revocation_endpoint',
    'scopes_supported',
    'subject_types_supported',
    'token_endpoint',
    'token_endpoint_auth_methods_supported',
    'userinfo_endpoint',
  ])
  assert.is(document.issuer, cognito.issuer)
  assert.is(document.issuer, `${cognito.origin}/us-east-1_GatehouseDemo`)
  assert.match(cognito.origin, /^http:\/\/localhost:\d+$/)
  assert.is(document.jwks_uri, cognito.jwksUrl)
  assert.equal(document.scopes_supported, ['openid', 'email', 'phone', 'profile'])
  assert.equal(document.response_types_supported, ['code', 'token'])
})

documents('the path of RFC 8414 is not served', async () => {
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/oauth-authorization-server/us-east-1_GatehouseDemo']) {
    assert.is((await fetch(cognito.origin + path)).status, 404)
  }
})

documents('there are two 2048-bit keys with a kid in standard base64', async () => {
  const { keys } = await json(cognito.jwksUrl)
  assert.is(keys.length, 2)
  for (const key of keys) {
    assert.equal(Object.keys(key), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
    assert.equal([key.alg, key.kty, key.use], ['RS256', 'RSA', 'sig'])
    assert.match(key.kid, /^[A-Za-z0-9+/]{43}=$/)
    assert.is(Buffer.from(key.n, 'base64url').length, 256)
  }
})

documents('ID and access tokens are signed with different keys, and a header has kid and alg only', async () => {
  const { id_token, access_token } = await tokensFor(cognito)
  const { keys } = await json(cognito.jwksUrl)
  const headers = [decodeProtectedHeader(id_token), decodeProtectedHeader(access_token)]
  assert.equal(headers, [
    { kid: keys[0].kid, alg: 'RS256' },
    { kid: keys[1].kid, alg: 'RS256' },
  ])
})

documents('after a rotation new tokens have a new key and the old keys stay for one more rotation', async () => {
  const own = await startSample()
  const kids = async () => (await json(own.jwksUrl)).keys.map((key: Json) => key.kid)
  const first = await kids()
  await own.rotateKeys()
  const second = await kids()
  assert.equal(second.slice(2), first)
  const { access_token } = await (await post(own, '/oauth2/token', { grant_type: 'client_credentials' }, AGENT)).json()
  assert.is(decodeProtectedHeader(access_token).kid, second[1])
  await own.rotateKeys()
  assert.equal((await kids()).slice(2), second.slice(0, 2))
  await own.close()
})

documents('given keys are used, and their private part is not published', async () => {
  const key = (kid: string) => ({ ...newRsaKey().export({ format: 'jwk' }), kid })
  const own = await startCognito({ ...SAMPLE, keys: { id: key('one'), access: key('two') } })
  const { keys } = await json(own.jwksUrl)
  assert.equal(
    keys.map((one: Json) => [one.kid, Object.keys(one).length]),
    [
      ['one', 6],
      ['two', 6],
    ],
  )
  await own.close()
})

documents('every answer carries the request id header', async () => {
  for (const path of ['/us-east-1_GatehouseDemo/.well-known/jwks.json', '/oauth2/token', '/nothing']) {
    assert.match((await fetch(cognito.origin + path)).headers.get('x-amz-cognito-request-id') ?? '', /^[0-9a-f-]{36}$/)
  }
})

for (const host of ['0.0.0.0', '::', '192.0.2.1', '', 'example.com', '127.0.0.1.example.com']) {
  documents(`it refuses to listen on ${JSON.stringify(host)}`, async () => {
    const failure = await startCognito({ ...SAMPLE, host }).then(
      () => undefined,
      (error: Error) => error,
    )
    assert.is(failure?.name, 'StartError')
    assert.match(failure?.message ?? '', 'loopback addresses only')
  })
}

documents.run()
