import { createPublicKey } from 'node:crypto'
import { newPrivateKey } from '../../src/demo/new_key.ts'
import type { Document } from '../../src/document.ts'
import * as assert from '../support/assert.ts'
import { jwks, textDocument } from '../support/documents.ts'
import { suite } from '../support/suite.ts'
import { type Json, makeKey } from './forge.ts'
import { createEndpoint, look } from './key_endpoint.ts'

const answers = suite('what the key endpoint may answer')

const A = makeKey('a')
const B = makeKey('b')
const SMALL = makeKey('small', 1024)
const EC = createPublicKey(newPrivateKey('ec', { namedCurve: 'P-256' })).export({ format: 'jwk' })
const OKP = createPublicKey(newPrivateKey('ed25519')).export({ format: 'jwk' })
const PRIVATE = A.privateKey.export({ format: 'jwk' }) as Json
const LIMIT = 64 * 1024

const typed = (type: string, body: string = JSON.stringify({ keys: [A.jwk] })): Document => textDocument(body, type)
const json = (body: string): Document => typed('application/json', body)
const sized = (size: number): Document =>
  json(JSON.stringify({ keys: [A.jwk], x: '' }).replace('""', (text) => text[0] + 'x'.repeat(size) + text[1]))
const overhead = JSON.stringify({ keys: [A.jwk], x: '' }).length
const status = (code: number): Document => ({ ...jwks([A.jwk]), status: code })

const NO_KEY = 'the JWK set holds no RSA signing key that can be used'
const TOO_LARGE = `the answer is larger than ${LIMIT} bytes`
const REFUSED: [string, () => Document | Promise<Document>, string][] = [
  ...[201, 204, 206, 301, 304, 401, 403, 404, 429, 500, 503].map((code): [string, () => Document, string] => [
    `status ${code}`,
    () => status(code),
    `status ${code} instead of 200`,
  ]),
  ['HTML', () => typed('text/html', '<html>captive portal</html>'), 'the answer is not JSON'],
  ['HTML that says JSON', () => json('<html>captive portal</html>'), 'the answer is not valid JSON'],
  ['keys as text/plain', () => typed('text/plain'), 'the answer is not JSON'],
  ['keys without a type', () => typed(''), 'the answer is not JSON'],
  ['a type that begins like JSON', () => typed('application/jsonp'), 'the answer is not JSON'],
  ['a type that ends like JSON', () => typed('text/application/json'), 'the answer is not JSON'],
  ['another kind of JSON', () => typed('application/problem+json'), 'the answer is not JSON'],
  ['nothing', () => json(''), 'the answer is not valid JSON'],
  ['cut JSON', () => json(JSON.stringify({ keys: [A.jwk] }).slice(0, -2)), 'the answer is not valid JSON'],
  ['JSON with something behind', () => json('{"keys":[]} x'), 'the answer is not valid JSON'],
  ['null', () => json('null'), 'the answer is not a JWK set'],
  ['a list', () => json(JSON.stringify([A.jwk])), 'the answer is not a JWK set'],
  ['a text', () => json('"keys"'), 'the answer is not a JWK set'],
  ['an object without keys', () => json('{"error":"x"}'), 'the answer is not a JWK set'],
  ['keys that are an object', () => json(JSON.stringify({ keys: { a: A.jwk } })), 'the answer is not a JWK set'],
  ['keys out of the prototype', () => json(`{"__proto__":{"keys":[]}}`), 'the answer is not a JWK set'],
  ['one byte too much', () => sized(LIMIT - overhead + 1), TOO_LARGE],
  ['a megabyte', () => sized(1_048_576), TOO_LARGE],
  ['an empty set', () => jwks([]), NO_KEY],
  ['a set of nonsense', () => jwks([null, 1, 'a', [], {}]), NO_KEY],
  ['the same kid twice', () => jwks([A.jwk, B.jwk, { ...B.jwk, kid: 'a' }]), 'two keys have the same kid'],
  ['the same key twice', () => jwks([A.jwk, A.jwk]), 'two keys have the same kid'],
  ['no answer at all', () => Promise.reject(new Error('connect ETIMEDOUT')), 'connect ETIMEDOUT'],
]
for (const [what, answer, error] of REFUSED) {
  answers(`refused: ${what}`, async () => {
    const endpoint = createEndpoint()
    endpoint.answer = answer
    assert.is(await look(endpoint, 'a'), 'unknown')
    assert.equal(endpoint.store.state(), { ageSeconds: null, keys: 0, lastError: error })
    assert.is(endpoint.store.ready(), false)

    endpoint.publish(A.jwk)
    endpoint.clock.time += 10_000
    assert.is(await look(endpoint, 'a'), 'key')
    endpoint.answer = answer
    endpoint.clock.time += 10 * 60_000
    await look(endpoint, 'x')
    assert.is(await look(endpoint, 'a'), 'key', 'the last good set stays')
  })
}

const ACCEPTED: [string, () => Document][] = [
  ['the largest answer', () => sized(LIMIT - overhead)],
  ['a character set', () => typed('application/json; charset=utf-8')],
  ['a character set without a space', () => typed('application/json;charset=UTF-8')],
  ['the type in another case', () => typed('Application/JSON')],
  ['the type of JWK sets', () => typed('application/jwk-set+json')],
  ['members that nobody knows', () => json(JSON.stringify({ x: 1, keys: [{ ...A.jwk, x: 1 }] }))],
]
for (const [what, answer] of ACCEPTED) {
  answers(`accepted: ${what}`, async () => {
    const endpoint = createEndpoint()
    endpoint.answer = answer
    assert.is(await look(endpoint, 'a'), 'key')
  })
}

const without = (name: string): Json => Object.fromEntries(Object.entries(A.jwk).filter(([key]) => key !== name))
const KEYS: [string, unknown, 'key' | 'none'][] = [
  ["Cognito's", A.jwk, 'key'],
  ['one without alg', without('alg'), 'key'],
  ['one without use', without('use'), 'key'],
  ['one for encryption', { ...A.jwk, use: 'enc' }, 'none'],
  ['one with use null', { ...A.jwk, use: null }, 'none'],
  ['one for RS512', { ...A.jwk, alg: 'RS512' }, 'none'],
  ['one for PS256', { ...A.jwk, alg: 'PS256' }, 'none'],
  ['one for HS256', { ...A.jwk, alg: 'HS256' }, 'none'],
  ['one for nothing', { ...A.jwk, alg: 'none' }, 'none'],
  ['one of an elliptic curve', { ...EC, kid: 'a', alg: 'ES256', use: 'sig' }, 'none'],
  ['one of an elliptic curve that says RS256', { ...EC, kid: 'a', alg: 'RS256', use: 'sig' }, 'none'],
  ['an Ed25519 key', { ...OKP, kid: 'a', use: 'sig' }, 'none'],
  ['a secret', { kty: 'oct', kid: 'a', k: 'c2VjcmV0', alg: 'RS256' }, 'none'],
  ['one with kty in lower case', { ...A.jwk, kty: 'rsa' }, 'none'],
  ['one of 1024 bits', { ...SMALL.jwk, kid: 'a' }, 'none'],
  ['a whole private key', { ...PRIVATE, kid: 'a' }, 'none'],
  ...['d', 'p', 'q', 'dp', 'dq', 'qi'].map((part): [string, unknown, 'none'] => [
    `one with its private ${part}`,
    { ...A.jwk, [part]: PRIVATE[part] },
    'none',
  ]),
  ['one with other primes', { ...A.jwk, oth: [] }, 'none'],
  ['one without a modulus', without('n'), 'none'],
  ['one without an exponent', without('e'), 'none'],
  ['one with an empty modulus', { ...A.jwk, n: '' }, 'none'],
  ['one with a modulus that is a number', { ...A.jwk, n: 7 }, 'none'],
  ['one without a kid', without('kid'), 'none'],
  ['one whose kid is a number', { ...A.jwk, kid: 1 }, 'none'],
  ['one with another kid', { ...A.jwk, kid: 'A' }, 'none'],
  ['one that is wrapped in a list', [A.jwk], 'none'],
]
for (const [what, key, expected] of KEYS) {
  answers(`a key: ${what} is ${expected === 'key' ? 'used' : 'passed over, and the others are used'}`, async () => {
    const endpoint = createEndpoint()
    endpoint.answer = () => jwks([key, B.jwk])
    assert.equal([await look(endpoint, 'a'), await look(endpoint, 'b')], [expected, 'key'])
  })
}

answers('an empty kid is no kid', async () => {
  const endpoint = createEndpoint()
  endpoint.answer = () => jwks([{ ...A.jwk, kid: '' }, B.jwk])
  assert.is(await look(endpoint, ''), 'none')
})

const FAILED: [string, Error, string][] = [
  ['a code that is not in the message', Object.assign(new Error('no'), { code: 'EPROTO' }), 'no (EPROTO)'],
  ['a code that is', Object.assign(new Error('connect ECONNREFUSED ::1:1'), { code: 'ECONNREFUSED' }), 'connect ECONNREFUSED ::1:1'],
  ['several addresses', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'no connection (ECONNREFUSED)'],
]
for (const [what, error, said] of FAILED) {
  answers(`what is said of an error with ${what}`, async () => {
    const endpoint = createEndpoint()
    endpoint.answer = () => Promise.reject(error)
    await look(endpoint, 'a')
    assert.is(endpoint.store.state().lastError, said)
  })
}

answers('no error holds anything of the answer', async () => {
  for (const [, answer] of REFUSED) {
    const endpoint = createEndpoint()
    endpoint.answer = answer
    await look(endpoint, 'a')
    assert.not.match(endpoint.store.state().lastError ?? '', /portal|<|keys"|eyJ/)
  }
})

answers.run()
