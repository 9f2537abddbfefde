/** When a token is taken from memory, from the cache, and from Cognito. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTokenCache, type TokenCache } from '../../src/cognito/token_cache.ts'
import { createTokenSource, type TokenSource } from '../../src/cognito/token_source.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const source = suite('where a token comes from')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-source-'))
source.after(() => rmSync(folder, { recursive: true, force: true }))

const settings = { clientId: 'agent', clientSecret: 'secret', domain: 'https://a.example' }

interface World {
  at: number
  asked: number
  said: string[]
  open(cache: TokenCache | null, expiresIn?: number): TokenSource
}

function world(): World {
  const self: World = {
    at: 1000,
    asked: 0,
    said: [],
    open: (cache, expiresIn = 3600) =>
      createTokenSource({
        settings,
        scopes: [],
        cache,
        say: (sentence) => self.said.push(sentence),
        now: () => self.at,
        request: async () => {
          self.asked += 1
          return { ok: true, value: { accessToken: `token-${self.asked}`, expiresIn } }
        },
      }),
  }
  return self
}
let number = 0
const emptyCache = (): TokenCache => createTokenCache(join(folder, String(++number)))
const next = async (tokens: TokenSource): Promise<string> => (await tokens.token()).accessToken

source('asks once, and again when three quarters of its life are over', async () => {
  const w = world()
  const tokens = w.open(emptyCache())
  assert.equal(await tokens.token().then(({ accessToken, expiresAt, cached }) => [accessToken, expiresAt, cached]), [
    'token-1',
    4600,
    false,
  ])
  w.at = 3699
  assert.is(await next(tokens), 'token-1')
  w.at = 3700
  assert.is(await next(tokens), 'token-2')
})

source('the next process takes it from the cache, and says so', async () => {
  const w = world()
  const cache = emptyCache()
  await next(w.open(cache))
  w.at = 3600
  const { accessToken, cached } = await w.open(cache).token()
  assert.equal([accessToken, cached, w.asked], ['token-1', true, 1])
})

source('without a cache each process asks', async () => {
  const w = world()
  await next(w.open(null))
  assert.is(await next(w.open(null)), 'token-2')
})

source('a forgotten token is asked for anew, here and in the next process', async () => {
  const w = world()
  const cache = emptyCache()
  const tokens = w.open(cache)
  await next(tokens)
  tokens.forget()
  assert.is(await next(tokens), 'token-2')
  assert.is(await next(w.open(cache)), 'token-2')
})

source('a token of unknown life is used once', async () => {
  const w = world()
  const cache = emptyCache()
  await next(w.open(cache, 0))
  assert.is(await next(w.open(cache, 0)), 'token-2')
})

source('a cache that cannot be used is told of, and the token is given all the same', async () => {
  const w = world()
  const broken: TokenCache = { read: () => null, write: () => '/x: EROFS', remove: () => {} }
  assert.is(await next(w.open(broken)), 'token-1')
  assert.equal(w.said, ['The token was not kept for the next time (/x: EROFS).'])
})

source.run()
