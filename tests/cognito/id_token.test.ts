import { createIdTokenVerifier, type IdToken } from '../../src/cognito/id_token.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { CLIENT, createBench, ISSUER, type Json, makeKey, NOW, POOL, token } from './forge.ts'

const saying = suite('an ID token')

const KEY = makeKey('k1')
const OTHER = makeKey('k2')
const { store } = createBench([KEY])
const MOST = 20_000
const create = (clientId = CLIENT) =>
  createIdTokenVerifier({ keysOf: new Map(POOL.issuers.map((issuer) => [issuer, store])), now: () => NOW, maxLength: MOST, clientId })
const verify = create()

/** The claims of Cognito's; undefined leaves one out. */
const CLAIMS: Json = {
  at_hash: 'x',
  sub: '5d1f7c2e-0000-4a11-9b77-1c2d3e4f5a6b',
  email: 'rosa@example.test',
  email_verified: true,
  iss: ISSUER,
  'cognito:username': 'rosa',
  nonce: 'n',
  origin_jti: 'x',
  aud: CLIENT,
  event_id: 'x',
  token_use: 'id',
  auth_time: NOW,
  exp: NOW + 3600,
  iat: NOW,
  jti: 'x',
}
const says = (changes: Json = {}, key = KEY): string => token(key, { ...CLAIMS, ...changes })
const verdict = async (text: string): Promise<string> => {
  const result = await verify(text)
  return result.ok ? 'accepted' : result.reason
}

const ROSA: IdToken = { subject: '5d1f7c2e-0000-4a11-9b77-1c2d3e4f5a6b', username: 'rosa', groups: null }
const READ: [string, Json, Partial<IdToken>][] = [
  ['a user', {}, {}],
  ['groups', { 'cognito:groups': ['a', 'b c', 'ü'] }, { groups: ['a', 'b c', 'ü'] }],
  ['an empty list of groups', { 'cognito:groups': [] }, { groups: [] }],
  ['groups of one name twice', { 'cognito:groups': ['a', 'a'] }, { groups: ['a', 'a'] }],
  ['a name that is no ASCII', { 'cognito:username': 'größe' }, { username: 'größe' }],
  ['a name of another member', { username: 'admin', name: 'admin', 'custom:groups': ['admins'] }, {}],
  ['the newer issuer', { iss: POOL.issuers[1] }, {}],
  ['an end in a second', { exp: NOW + 1 }, {}],
  ['a clock of the issuer a minute ahead', { iat: NOW + 60 }, {}],
  ['a hundred groups', { 'cognito:groups': Array(100).fill('g'.repeat(100)) }, { groups: Array(100).fill('g'.repeat(100)) }],
]
for (const [what, changes, expected] of READ) {
  saying(`is read: ${what}`, async () => {
    assert.equal(await verify(says(changes)), { ok: true, value: { ...ROSA, ...expected } })
  })
}

const REFUSED: [string, Json, string][] = [
  ['token_use access', { token_use: 'access' }, 'token_use'],
  ['token_use refresh', { token_use: 'refresh' }, 'token_use'],
  ['token_use in another case', { token_use: 'ID' }, 'token_use'],
  ['token_use in a list', { token_use: ['id'] }, 'token_use'],
  ['token_use missing', { token_use: undefined }, 'token_claims'],
  ['aud missing', { aud: undefined }, 'token_client'],
  ['aud of another client', { aud: '9otherclient' }, 'token_client'],
  ['aud in a list', { aud: [CLIENT] }, 'token_client'],
  ['aud of two clients', { aud: [CLIENT, '9otherclient'] }, 'token_client'],
  ['aud in another case', { aud: CLIENT.toUpperCase() }, 'token_client'],
  ['aud with a space', { aud: `${CLIENT} ` }, 'token_client'],
  ['aud empty', { aud: '' }, 'token_client'],
  ['aud null', { aud: null }, 'token_client'],
  ['the client in client_id beside another aud', { aud: '9otherclient', client_id: CLIENT, azp: CLIENT }, 'token_client'],
  ['exp now', { exp: NOW }, 'token_expired'],
  ['exp a second ago', { exp: NOW - 1 }, 'token_expired'],
  ['exp missing', { exp: undefined }, 'token_claims'],
  ['exp a text', { exp: String(NOW + 3600) }, 'token_claims'],
  ['iat 61 seconds ahead', { iat: NOW + 61 }, 'token_not_yet_valid'],
  ['iat missing', { iat: undefined }, 'token_claims'],
  ['iat a text', { iat: String(NOW) }, 'token_claims'],
  ['nbf in a second', { nbf: NOW + 1 }, 'token_not_yet_valid'],
  ['sub missing', { sub: undefined }, 'token_claims'],
  ['sub empty', { sub: '' }, 'token_claims'],
  ['sub a number', { sub: 1 }, 'token_claims'],
  ['no name', { 'cognito:username': undefined }, 'token_claims'],
  ['no name but that of an access token', { 'cognito:username': undefined, username: 'rosa' }, 'token_claims'],
  ['an empty name', { 'cognito:username': '' }, 'token_claims'],
  ['a name in a list', { 'cognito:username': ['rosa'] }, 'token_claims'],
  ['a name that is a number', { 'cognito:username': 7 }, 'token_claims'],
  ['a name that is null', { 'cognito:username': null }, 'token_claims'],
  ['groups a text', { 'cognito:groups': 'admins' }, 'token_claims'],
  ['groups an object', { 'cognito:groups': { 0: 'admins', length: 1 } }, 'token_claims'],
  ['groups with null', { 'cognito:groups': [null] }, 'token_claims'],
  ['groups with an empty name', { 'cognito:groups': ['a', ''] }, 'token_claims'],
  ['groups with a list', { 'cognito:groups': [['admins']] }, 'token_claims'],
  ['iss of somebody else', { iss: 'https://evil.example' }, 'token_issuer'],
  ['iss missing', { iss: undefined }, 'token_issuer'],
  ['iss of another pool', { iss: ISSUER.replace('TestPool1', 'TestPool2') }, 'token_issuer'],
]
for (const [what, changes, expected] of REFUSED) {
  saying(`with ${what} is ${expected}`, async () => {
    assert.is(await verdict(says(changes)), expected)
  })
}

const TEXTS: [string, () => string, string][] = [
  ['nothing', () => '', 'token_malformed'],
  ['a text', () => 'x', 'token_malformed'],
  ['signed with a key that is not published', () => says({}, OTHER), 'token_key'],
  ['signed with another key under the name of the right one', () => says({}, { ...OTHER, kid: KEY.kid }), 'token_signature'],
  ['without a signature', () => `${says().split('.').slice(0, 2).join('.')}.`, 'token_malformed'],
  ['with alg none', () => token(KEY, CLAIMS, { alg: 'none', kid: KEY.kid }), 'token_header'],
  ['with typ at+jwt', () => token(KEY, CLAIMS, { alg: 'RS256', kid: KEY.kid, typ: 'at+jwt' }), 'token_header'],
  ['too long', () => says({ filler: 'x'.repeat(MOST) }), 'token_too_large'],
]
for (const [what, make, expected] of TEXTS) {
  saying(`${what} is ${expected}`, async () => {
    assert.is(await verdict(make()), expected)
  })
}

saying('of one client is nothing for another', async () => {
  assert.equal(await create('9otherclient')(says()), { ok: false, reason: 'token_client' })
  assert.is((await create('9otherclient')(says({ aud: '9otherclient' }))).ok, true)
})

saying.run()
