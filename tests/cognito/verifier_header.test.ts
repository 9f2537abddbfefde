import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { base64url, claims, createBench, type Json, makeKey, signingInput, token, verdict } from './forge.ts'

const headers = suite('the header of an access token')

const KEY = makeKey('k1=')
const ATTACKER = makeKey('k1=')
const bench = createBench([KEY])
const RIGHT = { kid: KEY.kid, alg: 'RS256' }

const ACCEPTED: [string, unknown][] = [
  ["Cognito's", RIGHT],
  ['the members in another order', { alg: 'RS256', kid: KEY.kid }],
  ['typ JWT besides', { ...RIGHT, typ: 'JWT' }],
  ['white space between members', `{ "alg" : "RS256" ,\n "kid" : "${KEY.kid}" }`],
  ['names in escapes', `{"\\u0061lg":"RS256","kid":"${KEY.kid}"}`],
]
for (const [what, header] of ACCEPTED) {
  headers(`accepted: ${what}`, async () => {
    assert.is(await verdict(bench, token(KEY, claims(), header)), 'accepted')
  })
}

// All of these are signed as RS256 by the right key: a plain verifier lets many of them pass.
const REFUSED: [string, unknown][] = [
  ...['none', 'None', 'NONE', 'HS256', 'PS256', 'ES256', 'RS384', 'RS512', 'RS1', 'EdDSA', 'Ed25519', 'rs256', ' RS256', 'RS256 ', ''].map(
    (alg): [string, unknown] => [`alg "${alg}"`, { ...RIGHT, alg }],
  ),
  ['alg in a list', { ...RIGHT, alg: ['RS256'] }],
  ['alg null', { ...RIGHT, alg: null }],
  ['alg an object', { ...RIGHT, alg: { toString: 'RS256' } }],
  ['no alg', { kid: KEY.kid }],
  ['alg twice, the last one right', `{"alg":"none","kid":"k1=","alg":"RS256"}`],
  ['alg twice, the first one right', `{"alg":"RS256","kid":"k1=","alg":"none"}`],
  ['alg twice, both right', `{"alg":"RS256","kid":"k1=","alg":"RS256"}`],
  ['alg twice, once in escapes', `{"\\u0061lg":"none","kid":"k1=","alg":"RS256"}`],
  ['kid twice', `{"alg":"RS256","kid":"other","kid":"k1="}`],
  ['typ twice', `{"alg":"RS256","kid":"k1=","typ":"JWT","typ":"JWT"}`],
  ['no kid', { alg: 'RS256' }],
  ['an empty kid', { ...RIGHT, kid: '' }],
  ['kid a number', { ...RIGHT, kid: 1 }],
  ['kid in a list', { ...RIGHT, kid: [KEY.kid] }],
  ['kid null', { ...RIGHT, kid: null }],
  ...['at+jwt', 'jwt', 'JOSE', '', null, ['JWT']].map((typ): [string, unknown] => [`typ ${JSON.stringify(typ)}`, { ...RIGHT, typ }]),
  ['jku', { ...RIGHT, jku: 'http://127.0.0.1:9/keys' }],
  ['x5u', { ...RIGHT, x5u: 'http://127.0.0.1:9/cert' }],
  ['x5c', { ...RIGHT, x5c: ['MIIB'] }],
  ['x5t', { ...RIGHT, x5t: 'abc' }],
  ['jwk, the right one', { ...RIGHT, jwk: KEY.jwk }],
  ['crit of a known claim', { ...RIGHT, crit: ['exp'], exp: 1 }],
  ['crit of an unknown member', { ...RIGHT, crit: ['x'], x: 1 }],
  ['an empty crit', { ...RIGHT, crit: [] }],
  ['crit a text', { ...RIGHT, crit: 'x' }],
  ['crit of b64', { ...RIGHT, crit: ['b64'], b64: false }],
  ['b64 true and critical', { ...RIGHT, crit: ['b64'], b64: true }],
  ['b64 false', { ...RIGHT, b64: false }],
  ['b64 true', { ...RIGHT, b64: true }],
  ['zip', { ...RIGHT, zip: 'DEF' }],
  ['cty JWT', { ...RIGHT, cty: 'JWT' }],
  ['enc', { ...RIGHT, enc: 'A128GCM' }],
  ['a member that nobody knows', { ...RIGHT, x: 1 }],
  ['a member __proto__', `{"alg":"RS256","kid":"k1=","__proto__":{}}`],
  ['everything in __proto__', `{"__proto__":{"alg":"RS256","kid":"k1="}}`],
  ['a list', [RIGHT]],
  ['a text', '"RS256"'],
  ['null', 'null'],
  ['a number', '7'],
  ['an empty object', '{}'],
  ['no JSON', '{alg:RS256}'],
  ['a byte order mark', `\ufeff${JSON.stringify(RIGHT)}`],
  ['something behind the object', `${JSON.stringify(RIGHT)}{}`],
  ['a comment', `{/**/"alg":"RS256","kid":"k1="}`],
]
for (const [what, header] of REFUSED) {
  headers(`refused: ${what}`, async () => {
    assert.is(await verdict(bench, token(KEY, claims(), header)), 'token_header')
  })
}

const OTHER_ALGORITHMS: [string, string, (input: Buffer) => Buffer][] = [
  ['RS384 by the right key', 'RS384', (input) => sign('sha384', input, KEY.privateKey)],
  ['RS512 by the right key', 'RS512', (input) => sign('sha512', input, KEY.privateKey)],
  ['RS1 by the right key', 'RS1', (input) => sign('sha1', input, KEY.privateKey)],
  ['PS256 by the right key', 'PS256', (input) => sign('sha256', input, { key: KEY.privateKey, padding: 6, saltLength: 32 })],
  ['ES256 by a key of its own', 'ES256', (input) => sign('sha256', input, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
  ['EdDSA by a key of its own', 'EdDSA', (input) => sign(null, input, generateKeyPairSync('ed25519').privateKey)],
]
for (const [what, alg, signIt] of OTHER_ALGORITHMS) {
  headers(`refused: ${what}, whether the header says so or RS256`, async () => {
    for (const [header, reason] of [
      [{ ...RIGHT, alg }, 'token_header'],
      [RIGHT, 'token_signature'],
    ] as const) {
      const input = signingInput(header, claims())
      assert.is(await verdict(bench, `${input}.${base64url(signIt(Buffer.from(input)))}`), reason)
    }
  })
}

// The public key is no secret: a verifier that takes it for one accepts these.
const SECRETS: [string, string | Buffer][] = [
  ['the public key as PEM', KEY.publicKey.export({ type: 'spki', format: 'pem' })],
  ['the public key as PEM without its last newline', (KEY.publicKey.export({ type: 'spki', format: 'pem' }) as string).trim()],
  ['the public key as PKCS#1 PEM', KEY.publicKey.export({ type: 'pkcs1', format: 'pem' })],
  ['the public key as DER', KEY.publicKey.export({ type: 'spki', format: 'der' })],
  ['the public key as PKCS#1 DER', KEY.publicKey.export({ type: 'pkcs1', format: 'der' })],
  ['the JWK', JSON.stringify(KEY.jwk)],
  ['the modulus', Buffer.from(KEY.jwk.n as string, 'base64url')],
  ['nothing', ''],
  ['the kid', KEY.kid],
]
for (const [what, secret] of SECRETS) {
  headers(`refused: an HMAC keyed with ${what}`, async () => {
    for (const header of [{ ...RIGHT, alg: 'HS256' }, RIGHT]) {
      const input = signingInput(header, claims())
      const forged = `${input}.${base64url(createHmac('sha256', secret).update(input).digest())}`
      assert.is(await verdict(bench, forged), header.alg === 'HS256' ? 'token_header' : 'token_signature')
    }
  })
}

headers('refused: none with an empty and with a dummy signature', async () => {
  const input = signingInput({ ...RIGHT, alg: 'none' }, claims())
  assert.is(await verdict(bench, `${input}.`), 'token_malformed')
  assert.is(await verdict(bench, `${input}.AAAA`), 'token_header')
})

headers("refused: another key under the victim's kid", async () => {
  assert.is(await verdict(bench, token(ATTACKER)), 'token_signature')
})

const BROUGHT_KEYS: [string, Json][] = [
  ['a key in the header', { jwk: ATTACKER.jwk }],
  ['a URL of keys', { jku: 'http://127.0.0.1:9/jwks.json' }],
  ['a URL of certificates', { x5u: 'http://127.0.0.1:9/cert.pem' }],
]
for (const [what, header] of BROUGHT_KEYS) {
  headers(`refused without asking anybody: ${what}`, async () => {
    const own = createBench([KEY])
    const before = globalThis.fetch
    globalThis.fetch = () => Promise.reject(assert.unreachable('a key was fetched'))
    try {
      for (const key of [KEY, ATTACKER]) {
        assert.is(await verdict(own, token(key, claims(), { ...RIGHT, ...header })), 'token_header')
      }
    } finally {
      globalThis.fetch = before
    }
    assert.equal(own.fetched, [])
  })
}

headers.run()
