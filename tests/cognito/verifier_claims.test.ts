import type { AccessToken } from '../../src/gate/principal.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { CLIENT, claims, createBench, ISSUER, type Json, makeKey, NOW, POOL, token, verdict } from './forge.ts'

const saying = suite('the claims of an access token')

const KEY = makeKey('k1')
const bench = createBench([KEY])
/** Undefined leaves a claim out. */
const saysThat = (changes: Json): string => token(KEY, claims(changes))

const AGENT: AccessToken = {
  clientId: CLIENT,
  username: null,
  groups: [],
  scopes: ['tools/read'],
  audience: null,
  expiresAt: NOW + 3600,
}
const READ: [string, Json, Partial<AccessToken>][] = [
  ['an agent', {}, {}],
  ['a user', { username: 'rosa', 'cognito:groups': ['a', 'b'] }, { username: 'rosa', groups: ['a', 'b'] }],
  ['a user without groups', { username: 'rosa' }, { username: 'rosa' }],
  ['an empty list of groups', { username: 'rosa', 'cognito:groups': [] }, { username: 'rosa' }],
  ['no scope', { scope: undefined }, { scopes: [] }],
  ['an empty scope', { scope: '' }, { scopes: [] }],
  ['more scopes', { scope: 'openid a/b c/d' }, { scopes: ['openid', 'a/b', 'c/d'] }],
  ['scopes with spaces around', { scope: ' a/b  c/d ' }, { scopes: ['a/b', 'c/d'] }],
  ['scopes with other white space, which does not separate', { scope: 'a/b\tc/d' }, { scopes: ['a/b\tc/d'] }],
  ['an audience', { aud: 'https://gate.test' }, { audience: ['https://gate.test'] }],
  ['a list of audiences', { aud: ['https://gate.test', 'x'] }, { audience: ['https://gate.test', 'x'] }],
  ['an empty list of audiences, which fits nothing', { aud: [] }, { audience: [] }],
  ['the newer issuer', { iss: POOL.issuers[1] }, {}],
  ['the end of the life in a second', { exp: NOW + 1 }, { expiresAt: NOW + 1 }],
  ['the longest life', { exp: NOW + 86_400 }, { expiresAt: NOW + 86_400 }],
  ['the longest life that began before', { iat: NOW - 86_399, exp: NOW + 1 }, { expiresAt: NOW + 1 }],
  ['an issuer a minute ahead', { iat: NOW + 60 }, {}],
  ['nbf now', { nbf: NOW }, {}],
  ['nbf in the past', { nbf: NOW - 1 }, {}],
  ['claims that nobody knows', { 'custom:x': { y: 1 }, event_id: 'z' }, {}],
]
for (const [what, changes, expected] of READ) {
  saying(`read: ${what}`, async () => {
    assert.equal(await bench.verify(saysThat(changes)), { ok: true, value: { ...AGENT, ...expected } })
  })
}

const HOST = 'cognito-idp.us-east-1.amazonaws.com'
const ISSUERS: [string, unknown][] = [
  ['missing', undefined],
  ['null', null],
  ['empty', ''],
  ['in a list', [ISSUER]],
  ['with a final slash', `${ISSUER}/`],
  ['in upper case', ISSUER.toUpperCase()],
  ['with the host in upper case', ISSUER.replace(HOST, HOST.toUpperCase())],
  ['with the port', ISSUER.replace(HOST, `${HOST}:443`)],
  ['with http', ISSUER.replace('https', 'http')],
  ['with a query', `${ISSUER}?x`],
  ['with a fragment', `${ISSUER}#x`],
  ['with a user', ISSUER.replace('https://', 'https://x@')],
  ['with a dot behind the host', ISSUER.replace(HOST, `${HOST}.`)],
  ['with white space', ` ${ISSUER}`],
  ['of another pool in the region', ISSUER.replace('TestPool1', 'TestPool2')],
  ['of the pool id in another case', ISSUER.replace('TestPool1', 'testpool1')],
  ['of the same pool in another region', ISSUER.replaceAll('us-east-1', 'eu-west-1')],
  ['of the FIPS host', ISSUER.replace('cognito-idp', 'cognito-idp-fips')],
  ['with a path out of it', `${ISSUER}/../us-east-1_TestPool1`],
  ['of somebody else', 'https://evil.example/us-east-1_TestPool1'],
  ['out of the prototype', '__proto__'],
]
for (const [what, iss] of ISSUERS) {
  saying(`an issuer ${what} is refused before any fetch`, async () => {
    const own = createBench([KEY])
    assert.is(await verdict(own, saysThat({ iss })), 'token_issuer')
    assert.equal(own.fetched, [])
  })
}

const REFUSED: [string, Json, string][] = [
  ['exp missing', { exp: undefined }, 'token_claims'],
  ['exp now', { exp: NOW }, 'token_expired'],
  ['exp a second ago', { exp: NOW - 1 }, 'token_expired'],
  ['exp 61 seconds ago', { exp: NOW - 61 }, 'token_expired'],
  ['exp 0', { exp: 0 }, 'token_expired'],
  ['exp negative', { exp: -1 }, 'token_expired'],
  ['exp a text', { exp: String(NOW + 3600) }, 'token_claims'],
  ['exp null', { exp: null }, 'token_claims'],
  ['exp a list', { exp: [NOW + 3600] }, 'token_claims'],
  ['exp true', { exp: true }, 'token_claims'],
  ['exp in milliseconds', { exp: 1000 * (NOW + 3600) }, 'token_lifetime'],
  ['a life of a second more than a day', { exp: NOW + 86_401 }, 'token_lifetime'],
  ['a life that began too long ago', { iat: NOW - 86_400, exp: NOW + 1 }, 'token_lifetime'],
  ['a life since 1970', { iat: 0 }, 'token_lifetime'],
  ['iat missing', { iat: undefined }, 'token_claims'],
  ['iat a text', { iat: String(NOW) }, 'token_claims'],
  ['iat null', { iat: null }, 'token_claims'],
  ['iat 61 seconds ahead', { iat: NOW + 61 }, 'token_not_yet_valid'],
  ['iat a day ahead', { iat: NOW + 86_400, exp: NOW + 90_000 }, 'token_not_yet_valid'],
  ['nbf in 100 seconds', { nbf: NOW + 100 }, 'token_not_yet_valid'],
  ['nbf in a second', { nbf: NOW + 1 }, 'token_not_yet_valid'],
  ['nbf a text', { nbf: String(NOW) }, 'token_claims'],
  ['sub missing', { sub: undefined }, 'token_claims'],
  ['token_use missing', { token_use: undefined }, 'token_claims'],
  ['token_use refresh', { token_use: 'refresh' }, 'token_use'],
  ['token_use id', { token_use: 'id' }, 'token_use'],
  ['token_use in a list', { token_use: ['access'] }, 'token_use'],
  ['token_use in another case', { token_use: 'Access' }, 'token_use'],
  ['token_use null', { token_use: null }, 'token_use'],
  ['client_id missing', { client_id: undefined }, 'token_claims'],
  ['client_id empty', { client_id: '' }, 'token_claims'],
  ['client_id in a list', { client_id: [CLIENT] }, 'token_claims'],
  ['client_id a number', { client_id: 1 }, 'token_claims'],
  ['client_id null', { client_id: null }, 'token_claims'],
  ['another client', { client_id: '9otherclient' }, 'token_client'],
  ['the client in another case', { client_id: CLIENT.toUpperCase() }, 'token_client'],
  ['the client with a space', { client_id: `${CLIENT} ` }, 'token_client'],
  ['a client out of the prototype', { client_id: '__proto__' }, 'token_client'],
  ['the right aud beside another client', { client_id: '9otherclient', aud: CLIENT }, 'token_client'],
  ['the right aud and no client', { client_id: undefined, aud: CLIENT }, 'token_claims'],
  ['aud a number', { aud: 1 }, 'token_claims'],
  ['aud null', { aud: null }, 'token_claims'],
  ['aud empty', { aud: '' }, 'token_claims'],
  ['aud a list of numbers', { aud: [1] }, 'token_claims'],
  ['aud an object', { aud: {} }, 'token_claims'],
  ['aud a list in a list', { aud: [['https://gate.test']] }, 'token_claims'],
  ['scope a list', { scope: ['tools/read'] }, 'token_claims'],
  ['scope a number', { scope: 1 }, 'token_claims'],
  ['scope null', { scope: null }, 'token_claims'],
  ['groups a text', { username: 'rosa', 'cognito:groups': 'admins' }, 'token_claims'],
  ['groups an object', { username: 'rosa', 'cognito:groups': { 0: 'admins', length: 1 } }, 'token_claims'],
  ['groups null', { username: 'rosa', 'cognito:groups': null }, 'token_claims'],
  ['groups with null', { username: 'rosa', 'cognito:groups': [null] }, 'token_claims'],
  ['groups with a list', { username: 'rosa', 'cognito:groups': [['admins']] }, 'token_claims'],
  ['groups with an empty name', { username: 'rosa', 'cognito:groups': ['admins', ''] }, 'token_claims'],
  ['groups with a number', { username: 'rosa', 'cognito:groups': ['admins', 1] }, 'token_claims'],
  ['groups of an agent that are none', { 'cognito:groups': 'admins' }, 'token_claims'],
  ['username a number', { username: 1 }, 'token_claims'],
  ['username empty', { username: '' }, 'token_claims'],
  ['username null', { username: null }, 'token_claims'],
  ['username a list', { username: ['rosa'] }, 'token_claims'],
  ['username an object', { username: {} }, 'token_claims'],
]
for (const [what, changes, reason] of REFUSED) {
  saying(`refused: ${what}`, async () => {
    assert.is(await verdict(bench, saysThat(changes)), reason)
  })
}

saying('a number that is too large for JSON is no way round the limits', async () => {
  const text = (name: string, value: string): string => JSON.stringify(claims({ [name]: 'here' })).replace('"here"', value)
  assert.is(await verdict(bench, token(KEY, text('exp', '1e999'))), 'token_lifetime')
  assert.is(await verdict(bench, token(KEY, text('iat', '-1e999'))), 'token_lifetime')
  assert.is(await verdict(bench, token(KEY, text('iat', '1e999'))), 'token_not_yet_valid')
})

saying('a token whose life ends within the current second is expired when it is', async () => {
  for (const [now, expected] of [
    [NOW + 3599.9, 'accepted'],
    [NOW + 3600, 'token_expired'],
    [NOW + 3600.1, 'token_expired'],
  ] as const) {
    assert.is(await verdict(createBench([KEY], { now: () => now }), saysThat({})), expected)
  }
})

// Cognito's ID token has no client_id, and its owner must be told what is wrong with it.
saying('an ID token is told to be one', async () => {
  const { client_id, scope, version, ...common } = claims()
  const id = { ...common, token_use: 'id', aud: CLIENT, 'cognito:username': 'rosa', 'cognito:groups': ['a'], email: 'rosa@example.com' }
  assert.is(await verdict(bench, token(KEY, id)), 'token_use')
  assert.is(await verdict(bench, token(KEY, { ...id, client_id })), 'token_use')
})

saying('__proto__ in the payload has no effect on anything', async () => {
  const evil = '"__proto__":{"cognito:groups":["admins"],"username":"root","scope":"all"},"constructor":{"prototype":{"username":"root"}}'
  const text = JSON.stringify(claims({ scope: undefined })).replace(/}$/, `,${evil}}`)
  assert.equal(await bench.verify(token(KEY, text)), { ok: true, value: { ...AGENT, scopes: [] } })
  assert.is(({} as Json).username, undefined)
})

saying('every client of the pool is accepted where none is listed', async () => {
  const own = createBench([KEY], { clientIds: null })
  assert.is(await verdict(own, saysThat({ client_id: '9otherclient' })), 'accepted')
  assert.is(await verdict(own, saysThat({ client_id: undefined })), 'token_claims')
})

saying('a user under the name of an app client does not pass for it', async () => {
  const { client_id } = claims({}) as Json
  assert.is(await verdict(bench, saysThat({ username: client_id })), 'token_claims')
  assert.is(await verdict(bench, saysThat({ username: 'rosa' })), 'accepted')
})

saying('no client is accepted where the list is empty', async () => {
  assert.is(await verdict(createBench([KEY], { clientIds: new Set() }), saysThat({})), 'token_client')
})

saying('a fault of the key store is no verdict', async () => {
  const keys = { ...bench.store, find: () => Promise.reject(new Error('fault')) }
  const own = createBench([KEY], { keysOf: new Map([[ISSUER, keys]]) })
  const outcome = await verdict(own, saysThat({})).catch((error: Error) => error.message)
  assert.is(outcome, 'fault')
})

saying.run()
