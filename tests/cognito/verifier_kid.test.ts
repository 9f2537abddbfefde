import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { claims, createBench, makeKey, POOL, token, verdict } from './forge.ts'

const kids = suite('the kid of an access token')

const KEY = makeKey('k1')
const withKid = (kid: string): string => token(KEY, claims(), { alg: 'RS256', kid })

const ODD: [string, string][] = [
  ['a path', '../../k1'],
  ['a NUL behind', 'k1\u0000'],
  ['another case', 'K1'],
  ['a space before', ' k1'],
  ['a space behind', 'k1 '],
  ['a newline behind', 'k1\n'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['hasOwnProperty', 'hasOwnProperty'],
  ['SQL', `k1' OR '1'='1`],
  ['a URL', 'https://evil.example/keys'],
  ['a file URL', 'file:///dev/null'],
  ['a shell command', 'k1|sleep 10'],
  ['a full-width letter', '\uff4b1'],
  ['half a character', '\ud83d'],
  ['padding', 'k1='],
  ['a comma', 'k1,k1'],
  ['a quote and a colon', 'k1":"'],
  ['text like another member', '","alg":"none'],
]
for (const [what, kid] of ODD) {
  kids(`${what} is no key of the pool, and costs at most one fetch`, async () => {
    const bench = createBench([KEY])
    for (let attempt = 0; attempt < 3; attempt += 1) assert.is(await verdict(bench, withKid(kid)), 'token_key')
    assert.equal(bench.fetched, [POOL.jwksUrls[0]])
    assert.is(await verdict(bench, withKid('k1')), 'accepted')
    assert.equal(bench.fetched.length, 1)
  })
}

kids('a flood of unknown ones costs one fetch in ten seconds', async () => {
  const bench = createBench([KEY])
  assert.is(await verdict(bench, withKid('k1')), 'accepted')
  const started = bench.clock.time
  for (let count = 0; count < 200; count += 1) {
    bench.clock.time += 250
    assert.is(await verdict(bench, withKid(`k${count + 2}`)), 'token_key')
  }
  assert.is(await verdict(bench, withKid('k1')), 'accepted')
  assert.is(bench.fetched.length, 1 + (bench.clock.time - started) / 10_000)
})

kids('without keys every kid is undecided', async () => {
  const bench = createBench([])
  assert.is(await verdict(bench, withKid('k1')), 'keys_unavailable')
  assert.is(await verdict(bench, withKid('k2')), 'keys_unavailable')
  assert.equal(bench.fetched.length, 1)
})

// A header is read before anything is known of its sender, so that no header may be dear.
const DEAR: [string, string][] = [
  ['quotes', '"'.repeat(2500)],
  ['quotes and commas', '",'.repeat(1650)],
  ['quotes and colons', '":'.repeat(1650)],
  ['backslashes', '\\'.repeat(2500)],
  ['spaces', ' '.repeat(5000)],
  ['braces', '{'.repeat(5000)],
]
for (const [what, kid] of DEAR) {
  kids(`thousands of ${what} are read in no time`, async () => {
    const bench = createBench([KEY])
    const long = withKid(kid)
    assert.ok(long.length < 8192)
    const times: number[] = []
    for (let attempt = 0; attempt < 7; attempt += 1) {
      const started = performance.now()
      assert.not.equal(await verdict(bench, long), 'accepted')
      times.push(performance.now() - started)
    }
    assert.ok(Math.min(...times) < 4, `${Math.min(...times)} ms`)
  })
}

kids.run()
