/** What changes while the gate is at work: the policy, the keys. */
import { renameSync, writeFileSync } from 'node:fs'
import * as assert from '../support/assert.ts'
import { call, type Gateway, POLICY, post, startGateway } from '../support/gateway.ts'
import { makeKey, type SigningKey } from '../support/issuer.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const change = suite('changes')
let gateway: Gateway

change.before(async () => {
  gateway = await startGateway()
})
change.after(() => gateway.close())
change.before.each(() => gateway.reset())

const status = async (tool: string, key?: SigningKey): Promise<number | undefined> => {
  const token = await gateway.issuer.token({}, {}, key)
  const [answer] = await gateway.raw(post('/currenttime/mcp', call(tool), { Authorization: `Bearer ${token}` }))
  return answer?.status
}
const replacePolicy = (text: string): void => {
  writeFileSync(`${gateway.scopesFile}.new`, text)
  renameSync(`${gateway.scopesFile}.new`, gateway.scopesFile)
}

change('a changed policy holds within five seconds, both ways', async () => {
  assert.is(await status('later'), 403)
  replacePolicy(POLICY.replace('tools: [now]', 'tools: [later]'))
  await until('the new tool is open', async () => (await status('later')) === 200, 5000)
  assert.is(await status('now'), 403)
  writeFileSync(gateway.scopesFile, POLICY)
  await until('the old tool is open again', async () => (await status('now')) === 200, 5000)
  assert.is(await status('later'), 403)
})

for (const [name, text] of [
  ['a syntax error', 'a: [1'],
  ['an empty file', ''],
  ['a duplicate key', `${POLICY}\ntest/now: []\n`],
  ['an unknown field', POLICY.replace('tools: [now]', 'tool: [now]')],
  ['half of the file', POLICY.slice(0, POLICY.length / 2)],
] as const) {
  change(`a broken policy replaces nothing: ${name}`, async () => {
    const before = gateway.validator.output().split('policy refused').length
    writeFileSync(gateway.scopesFile, text)
    await until('it is refused', () => gateway.validator.output().split('policy refused').length > before, 5000)
    assert.is(await status('now'), 200)
    assert.is(await status('delete_all'), 403)
    assert.is((await fetch(`${gateway.url}/health`)).status, 200)
  })
}

change('a key that the pool begins to publish is accepted, and tokens of the first stay good', async () => {
  replacePolicy(POLICY)
  const next = await makeKey('bmV4dA==')
  await new Promise((done) => setTimeout(done, 10_000 - Math.min(10_000, Date.now() - started)))
  gateway.issuer.publish([gateway.issuer.key.jwk, next.jwk])
  await until('the new key is known', async () => (await status('now', next)) === 200, 11_000)
  assert.is(await status('now'), 200)
})

change('an outage of the key endpoint hurts nobody whose key is known', async () => {
  gateway.issuer.answer = (response) => response.writeHead(500).end()
  const fetches = gateway.issuer.fetches
  const unknown = await makeKey('dW5rbm93bg==')
  for (let n = 0; n < 20; n += 1) assert.is(await status('now', unknown), 401)
  assert.is(await status('now'), 200)
  assert.ok(gateway.issuer.fetches - fetches <= 1, `${gateway.issuer.fetches - fetches} fetches`)
})

change('without keys the validator is not ready and lets nobody through', async () => {
  const cold = await startGateway({ env: { COGNITO_JWKS_URL: 'http://127.0.0.1:9/jwks.json' } })
  const ready = await fetch(`http://127.0.0.1:${cold.validatorPort}/ready`)
  assert.is(ready.status, 503)
  assert.match(await ready.text(), /keys of pool us-east-1_TestPool1/)
  assert.is((await fetch(`http://127.0.0.1:${cold.validatorPort}/health`)).status, 200)
  const [answer] = await cold.raw(post('/currenttime/mcp', call('now'), { Authorization: `Bearer ${await cold.issuer.token()}` }))
  assert.is(answer?.status, 503)
  assert.is(JSON.parse(answer?.body ?? '').reason, 'keys_unavailable')
  assert.is(cold.currenttime.received.length, 0)
  await cold.close()
})

const started = Date.now()
change.run()
