import { createKeyStore } from '../../src/cognito/keys.ts'
import { createRememberingVerifier } from '../../src/cognito/remembered_tokens.ts'
import { createCredentialMemory } from '../../src/credential_memory.ts'
import type { Document } from '../../src/document.ts'
import type { Verified } from '../../src/gate/decide.ts'
import type { AccessToken } from '../../src/gate/principal.ts'
import * as assert from '../support/assert.ts'
import { jwks } from '../support/documents.ts'
import { suite } from '../support/suite.ts'
import { CLIENT, claims, type Json, type Key, makeKey, NOW, POOL, token } from './forge.ts'

const remembering = suite('verified tokens that are remembered')

const HOUR = 3_600_000
const KEY = makeKey('k1')
const OTHER = makeKey('k2')

/** A verifier whose clocks and whose pool a test moves. */
function createWorld(most?: number) {
  const world = { wall: NOW, monotonic: 0, published: [KEY.jwk] as Json[], fetches: 0, verified: 0, away: false }
  const getIt = async (): Promise<Document> => {
    world.fetches += 1
    if (world.away) throw new Error('away')
    return jwks(structuredClone(world.published))
  }
  const store = createKeyStore({ urls: POOL.jwksUrls, get: getIt, now: () => world.monotonic })
  // A token is verified where its issuer is looked up, and recalled without.
  const keysOf = new Map(POOL.issuers.map((issuer) => [issuer, store]))
  const get = keysOf.get.bind(keysOf)
  keysOf.get = (issuer) => {
    world.verified += 1
    return get(issuer)
  }
  const { verifyToken, recallToken } = createRememberingVerifier(
    { keysOf, clientIds: new Set([CLIENT]), now: () => world.wall },
    createCredentialMemory(most),
  )
  const said = async (text: string): Promise<string> => {
    const result: Verified<AccessToken> = await verifyToken(text)
    return result.ok ? 'accepted' : result.reason
  }
  const settle = () => new Promise((done) => setTimeout(done, 20))
  return { world, store, verifyToken, recallToken, said, settle }
}

remembering('a token is verified once, and then known at once as the same object', async () => {
  const { world, verifyToken, recallToken } = createWorld()
  const text = token(KEY)
  const first = await verifyToken(text)
  const again = verifyToken(text)
  assert.ok(first.ok && !(again instanceof Promise) && again.ok)
  assert.ok(first.value === again.value)
  assert.ok(recallToken(`Bearer ${text}`) === again)
  assert.is(world.verified, 1)
})

remembering('what tokens have in common is kept once, and nothing else', async () => {
  const { verifyToken } = createWorld()
  const verified = async (more: Json): Promise<AccessToken> => {
    const result = await verifyToken(token(KEY, claims(more)))
    assert.ok(result.ok)
    return result.value
  }
  const lists = { 'cognito:groups': ['a', 'b'], scope: 'x y' }
  const [one, other, joined] = [
    await verified({ ...lists, username: 'rosa' }),
    await verified({ ...lists, username: 'hugo' }),
    await verified({ 'cognito:groups': ['a,b'], scope: 'a,b', username: 'rosa' }),
  ]
  assert.ok(one.groups === other.groups && one.scopes === other.scopes)
  assert.equal([one.username, other.username], ['rosa', 'hugo'])
  assert.equal([joined.groups, joined.scopes], [['a,b'], ['a,b']])
})

remembering('only the very text of the header is known', async () => {
  const { verifyToken, recallToken } = createWorld()
  const text = token(KEY)
  await verifyToken(text)
  const others = [
    '',
    text,
    `bearer ${text}`,
    `Bearer  ${text}`,
    `Bearer ${text} `,
    `Bearer ${text}=`,
    `Bearer ${text.slice(0, -1)}`,
    `Basic ${text}`,
  ]
  for (const header of [...others, `Bearer ${text}, Bearer ${text}`, `Bearer ${'a'.repeat(9000)}`])
    assert.is(recallToken(header), undefined)
})

remembering('first uses at the same time each verify', async () => {
  const { said } = createWorld()
  const text = token(KEY)
  assert.equal(await Promise.all(Array.from({ length: 5 }, () => said(text))), Array(5).fill('accepted'))
})

for (const [what, payload] of [
  ['expired', claims({ exp: NOW })],
  ['too early', claims({ nbf: NOW + 100 })],
  ['of another client', claims({ client_id: 'another' })],
] as const) {
  remembering(`nothing is remembered of a token that is ${what}`, async () => {
    const { world, said } = createWorld()
    const text = token(KEY, payload)
    const reason = await said(text)
    assert.is.not(reason, 'accepted')
    assert.is(await said(text), reason)
    assert.is(world.verified, 2)
  })
}

const CLOCKS: [string, Json, number, string][] = [
  ['just before its end', {}, NOW + 3599.999, 'accepted'],
  ['at its end', {}, NOW + 3600, 'token_expired'],
  ['after its end', {}, NOW + 7200, 'token_expired'],
  ['when the clock is set back a little', {}, NOW - 59, 'accepted'],
  ['when the clock is set back to before it was issued', {}, NOW - 61, 'token_not_yet_valid'],
  ['when the clock is set back to before it begins', { nbf: NOW - 5 }, NOW - 6, 'token_not_yet_valid'],
]
for (const [what, changes, at, expected] of CLOCKS) {
  remembering(`a remembered token is ${expected} ${what}, and good again when the clock is right`, async () => {
    const { world, said } = createWorld()
    const text = token(KEY, claims(changes))
    assert.is(await said(text), 'accepted')
    world.wall = at
    assert.is(await said(text), expected)
    world.wall = NOW
    assert.is(await said(text), 'accepted')
  })
}

async function refetch(self: ReturnType<typeof createWorld>, published: readonly Json[]): Promise<void> {
  self.world.published = [...published]
  self.world.monotonic += 10 * 60_000
  self.store.tick()
  await self.settle()
}

remembering('it survives that its key is fetched again', async () => {
  const self = createWorld()
  const text = token(KEY)
  await self.said(text)
  await refetch(self, [OTHER.jwk, KEY.jwk])
  assert.is(await self.said(text), 'accepted')
  assert.equal([self.world.verified, self.world.fetches], [1, 2])
})

const impostor = (): Key => ({ ...OTHER, jwk: { ...OTHER.jwk, kid: 'k1' } })
for (const [what, published, expected] of [
  ['withdrawn', [OTHER.jwk], 'token_key'],
  ['replaced under the same name', [impostor().jwk], 'token_signature'],
  ['published with a private part', [{ ...KEY.jwk, d: 'AQAB' }, OTHER.jwk], 'token_key'],
] as const) {
  remembering(`it ends when its key is ${what}`, async () => {
    const self = createWorld()
    const text = token(KEY)
    await self.said(text)
    await refetch(self, published)
    assert.is(await self.said(text), expected)
    await refetch(self, [KEY.jwk])
    assert.is(await self.said(text), 'accepted')
  })
}

remembering('it is good through an outage of a day, undecided after it, and good again when keys come back', async () => {
  const { world, said, settle } = createWorld()
  const text = token(KEY, claims({ exp: NOW + 80_000 }))
  await said(text)
  world.away = true
  world.monotonic += 23.9 * HOUR
  assert.is(await said(text), 'accepted')
  world.monotonic += 0.2 * HOUR
  assert.is(await said(text), 'keys_unavailable')
  world.away = false
  world.monotonic += 10_000
  await said(text)
  await settle()
  assert.is(await said(text), 'accepted')
})

remembering('asking for it alone has keys fetched when it is time, and never more than once in ten seconds', async () => {
  const { world, said, settle } = createWorld()
  const text = token(KEY)
  await said(text)
  world.monotonic += 9 * 60_000
  for (let count = 0; count < 100; count += 1) await said(text)
  await settle()
  assert.is(world.fetches, 2)
})

remembering('those that were not used for the longest make room', async () => {
  const { world, said } = createWorld(3)
  const texts = [1, 2, 3, 4].map((n) => token(KEY, claims({ jti: String(n) })))
  const [first, second] = texts as [string, string]
  for (const text of texts.slice(0, 3)) await said(text)
  await said(first)
  await said(texts[3] as string)
  assert.is(world.verified, 4)
  await said(first)
  assert.is(world.verified, 4)
  await said(second)
  assert.is(world.verified, 5)
})

remembering('what is remembered holds no part of the token', async () => {
  const remembered: unknown[] = []
  const store = createKeyStore({
    urls: POOL.jwksUrls,
    get: async () => jwks([KEY.jwk]),
    now: () => 0,
  })
  const memory = {
    get: () => undefined,
    set: (key: unknown, { signedBy: _, ...value }: { signedBy: unknown }) => {
      remembered.push(key, value)
    },
    delete: () => {},
  }
  const { verifyToken } = createRememberingVerifier(
    { keysOf: new Map(POOL.issuers.map((issuer) => [issuer, store])), clientIds: null, now: () => NOW },
    memory,
  )
  const text = token(KEY)
  await verifyToken(text)
  assert.is(remembered.length, 2)
  for (const part of text.split('.')) assert.not.ok(JSON.stringify(remembered).includes(part.slice(0, 20)))
})

remembering.run()
