import { createKeyStore } from '../../src/cognito/keys.ts'
import { poolInRegion } from '../../src/cognito/pool.ts'
import { createTokenVerifier } from '../../src/cognito/verifier.ts'
import * as assert from '../support/assert.ts'
import { jwks } from '../support/documents.ts'
import { suite } from '../support/suite.ts'
import { type Bench, CLIENT, claims, type Key, makeKey, NOW, token, verdict } from './forge.ts'

const pools = suite('tokens of more than one pool')

const FIRST = poolInRegion('us-east-1_First', 'us-east-1')
const SECOND = poolInRegion('eu-west-1_Second', 'eu-west-1')
const FOREIGN = poolInRegion('us-east-1_Foreign', 'us-east-1')
const keyOfFirst = makeKey('same')
const keyOfSecond = makeKey('same')
const extraOfSecond = makeKey('extra')

const storeOf = (keys: readonly Key[]) =>
  createKeyStore({
    urls: ['https://keys.test/jwks.json'],
    get: async () => jwks(keys.map(({ jwk }) => jwk)),
    now: () => 0,
  })
const first = storeOf([keyOfFirst])
const second = storeOf([keyOfSecond, extraOfSecond])
const keysOf = new Map([
  ...FIRST.issuers.map((issuer) => [issuer, first] as const),
  ...SECOND.issuers.map((issuer) => [issuer, second] as const),
])
const bench: Pick<Bench, 'verify'> = { verify: createTokenVerifier({ keysOf, clientIds: new Set([CLIENT]), now: () => NOW }) }

const TABLE: [string, string, Key, string][] = [
  ['the first pool by its key', FIRST.issuers[0] as string, keyOfFirst, 'accepted'],
  ['the first pool by its key, newer issuer', FIRST.issuers[1] as string, keyOfFirst, 'accepted'],
  ['the second pool by its key', SECOND.issuers[0] as string, keyOfSecond, 'accepted'],
  ['the second pool by its key, newer issuer', SECOND.issuers[1] as string, keyOfSecond, 'accepted'],
  ['the second pool by its other key', SECOND.issuers[0] as string, extraOfSecond, 'accepted'],
  ["the first pool by the second one's key of the same kid", FIRST.issuers[0] as string, keyOfSecond, 'token_signature'],
  ["the second pool by the first one's key of the same kid", SECOND.issuers[0] as string, keyOfFirst, 'token_signature'],
  ['the first pool by a key that only the second one has', FIRST.issuers[0] as string, extraOfSecond, 'token_key'],
  ['a third pool by a key of the first', FOREIGN.issuers[0] as string, keyOfFirst, 'token_issuer'],
]
for (const [what, iss, key, expected] of TABLE) {
  pools(`${what}: ${expected}`, async () => {
    assert.is(await verdict(bench, token(key, claims({ iss }))), expected)
  })
}

pools.run()
