/** The probe of the key: it says whether a fresh seal opens, and nothing else. */

import { LONGEST_PROBE, opensProbe, PROBE_LIFE, sealProbe } from '../../src/login/probe.ts'
import { createSealer } from '../../src/session/seal.ts'
import * as assert from '../support/assert.ts'
import { type Gateway, SECRET_KEY, startGateway } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const NOW = 1_800_000_000
const KEY = '0b7e2d9c4a61f835e0d7c2b9a4f81635'
const OLD = '5f1d7a0c93be4826d1f0a7c4e8b29360'
const ours = createSealer([KEY, OLD])
const opens = async (order: string): Promise<boolean> => (await opensProbe({ sealer: ours, now: () => NOW }, order)).opens

const probe = suite('a probe of the key')
for (const [what, order, expected] of [
  ['of our key, now', () => sealProbe(ours, NOW), true],
  ['of our old key', () => sealProbe(createSealer([OLD]), NOW), true],
  ['of another key', () => sealProbe(createSealer(['a'.repeat(10) + OLD]), NOW), false],
  ['a minute old', () => sealProbe(ours, NOW - PROBE_LIFE), true],
  ['older', () => sealProbe(ours, NOW - PROBE_LIFE - 1), false],
  ['of the future', () => sealProbe(ours, NOW + PROBE_LIFE + 1), false],
  ['for another purpose', () => ours.seal('session', { at: NOW }), false],
  ['without a time', () => ours.seal('probe', {}), false],
  ['with a time that is none', () => ours.seal('probe', { at: String(NOW) }), false],
  ['with a time that is no number', () => ours.seal('probe', { at: Number.NaN }), false],
  ['that is nothing', async () => '', false],
  ['that is no seal', async () => 'Fe26.2*1*x~2', false],
] as [string, () => Promise<string>, boolean][]) {
  probe(what, async () => assert.is(await opens(await order()), expected))
}
probe('is no order, no session, no login', async () => {
  const seal = await sealProbe(ours, NOW)
  for (const purpose of ['session', 'login', 'handover_request', 'handover_code', 'operator'] as const) {
    assert.is(await ours.open(purpose, seal), null)
  }
})
probe('fits into what is read', async () => assert.ok((await sealProbe(ours, NOW)).length < LONGEST_PROBE / 2))
probe.run()

const route = suite('POST /oauth2/probe at the gateway')
let gateway: Gateway
route.before(async () => {
  gateway = await startGateway()
})
route.after(() => gateway.close())
const post = (body: string, headers: Record<string, string> = {}) => fetch(`${gateway.url}/oauth2/probe`, { method: 'POST', headers, body })

route('says yes or no in the same form', async () => {
  const now = Date.now() / 1000
  for (const [key, text] of [
    [SECRET_KEY, '{"opens":true}'],
    [KEY, '{"opens":false}'],
  ] as const) {
    const answer = await post(await sealProbe(createSealer([key]), now))
    assert.equal([answer.status, await answer.text()], [200, text])
    assert.is(answer.headers.get('set-cookie'), null)
    assert.is(answer.headers.get('cache-control'), 'no-store')
  }
})
route('reads no more than a probe has', async () => {
  assert.is((await post('x'.repeat(LONGEST_PROBE + 1))).status, 413)
  assert.is((await post('x'.repeat(LONGEST_PROBE))).status, 200)
})
route('opens nothing that a GET could carry', async () => {
  const answer = await fetch(`${gateway.url}/oauth2/probe?${await sealProbe(createSealer([SECRET_KEY]), Date.now() / 1000)}`)
  assert.is(answer.status, 404)
  assert.not.match(await answer.text(), 'opens')
})
route('no page of another site may read the answer', async () => {
  const answer = await post('x', { origin: 'https://evil.example' })
  assert.is(answer.headers.get('access-control-allow-origin'), null)
  assert.is(answer.headers.get('cross-origin-resource-policy'), 'same-origin')
})
route('leaves no trace of the seal in a log', async () => {
  const seal = await sealProbe(createSealer([SECRET_KEY]), Date.now() / 1000)
  await post(seal)
  assert.not.match(gateway.logs(), seal)
})
route.run()
