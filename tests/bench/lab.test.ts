/** What the benchmark sends and decides with is what it says it is. */

import { ANSWER, LISTED, toolList } from '../../bench/lab/backend.ts'
import { replaceOnce } from '../../bench/lab/gate.ts'
import { createCookieMaker, createSigner, forgedToken, ISSUER, jwkOf, makeSecrets } from '../../bench/lab/identity.ts'
import { policyOfSize, SCOPE } from '../../bench/lab/policy.ts'
import { CALL, callOfLength, LIST } from '../../bench/parts/calls.ts'
import { createKeyStore } from '../../src/cognito/keys.ts'
import { createTokenVerifier } from '../../src/cognito/verifier.ts'
import type { Document } from '../../src/document.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import * as assert from '../support/assert.ts'
import { jwks } from '../support/documents.ts'
import { suite } from '../support/suite.ts'

const lab = suite('the laboratory')

lab('policies have as many rules as their size says, and the caller has the same rights in each', () => {
  const sets = [10, 100, 1000].map((size) => {
    const loaded = loadScopes(policyOfSize(size))
    if ('problems' in loaded) throw new Error(loaded.problems.join())
    assert.is(loaded.file.rules.length, size)
    assert.ok(loaded.policy.permits([SCOPE], 'currenttime', { method: 'tools/call', name: 'now' }))
    return loaded.policy.allowSet([SCOPE], 'currenttime', 4096)
  })
  assert.is(new Set(sets).size, 1)
})

lab('calls have the length they are named after, and are calls', () => {
  for (const length of [200, 2000, 20_000]) {
    const body = callOfLength(length)
    assert.is(Buffer.byteLength(body), length)
    assert.is(JSON.parse(body).params.name, 'now')
  }
  assert.ok(CALL.length >= 124 && CALL.length <= 200, `${CALL.length}`)
  assert.is(JSON.parse(LIST).method, 'tools/list')
  assert.is(JSON.parse(ANSWER).id, 1)
  assert.is(JSON.parse(toolList(LISTED)).result.tools.length, LISTED)
})

lab('tokens are about as long as those of Cognito, no two are alike, and the validator accepts them', async () => {
  const secrets = makeSecrets()
  const sign = createSigner(secrets)
  const get = async (): Promise<Document> => jwks([jwkOf(secrets)])
  const keys = createKeyStore({ urls: ['http://localhost/'], get, now: () => performance.now() })
  const verify = createTokenVerifier({ keysOf: new Map([[ISSUER, keys]]), clientIds: null, now: () => Date.now() / 1000 })
  const [one, other] = [sign(), sign()]
  assert.is.not(one, other)
  assert.ok(one.length > 900 && one.length < 1300, `${one.length}`)
  assert.ok((await verify(one)).ok && (await verify(other)).ok)
  assert.is((await verify(forgedToken())).ok, false)
})

lab('no two sessions are alike', async () => {
  const seal = createCookieMaker(makeSecrets())
  const [one, other] = [await seal(), await seal()]
  assert.match(one, /^mcp_gateway_session=Fe26/)
  assert.is.not(one, other)
})

lab('a shipped file that has changed is noticed', () => {
  const edit = { file: 'gatehouse/some.conf', from: 'b;', to: '$& $1' }
  assert.is(replaceOnce('a b; c', edit), 'a $& $1 c')
  for (const [text, times] of [
    ['a c', 0],
    ['b; b;', 2],
  ] as const)
    assert.throws(() => replaceOnce(text, edit), `nginx/gatehouse/some.conf must hold "b;" once, holds it ${times} times`)
})

lab.run()
