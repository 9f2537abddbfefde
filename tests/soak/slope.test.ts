/** What counts as growth in a soak, and what does not. */

import * as assert from '../support/assert.ts'
import { createRandom } from '../support/random.ts'
import { suite } from '../support/suite.ts'
import { binned, fit, judgeSlope, type Rule, type Sample, sentence } from './slope.ts'

const slopes = suite('slopes')
const RULE: Rule = { title: 'memory', unit: 'MB', allowed: 8, share: 0.1, of: 'least' }
const series = (seconds: number, value: (at: number) => number): Sample[] =>
  Array.from({ length: seconds }, (_, at) => ({ at, value: value(at) }))

slopes('a line is found exactly', () => {
  const { slope, mean } = fit(series(11, (at) => 3 + 2 * at))
  assert.equal([slope, mean], [2, 13])
  assert.is(fit([{ at: 1, value: 5 }]).slope, 0)
})

slopes('a point is the least, or the middle, of five seconds', () => {
  const samples = [9, 4, 7, 100, 5].map((value, at) => ({ at, value }))
  assert.equal(binned(samples, 'least'), [{ at: 2.5, value: 4 }])
  assert.equal(binned(samples, 'middle'), [{ at: 2.5, value: 7 }])
})

for (const [what, value, ok] of [
  ['what stays', () => 80, true],
  ['what falls', (at: number) => 80 - at / 10, true],
  ['a saw of garbage collections', (at: number) => 80 + (at % 17), true],
  ['one step during warm-up', (at: number) => (at < 90 ? 40 : 80), true],
  ['a burst in the end', (at: number) => (at > 296 ? 300 : 80), true],
  ['a leak of 50 KB a second', (at: number) => 80 + 0.05 * at, false],
  ['a leak below a saw', (at: number) => 80 + 0.05 * at + (at % 17), false],
] as const) {
  slopes(`${what} is ${ok ? 'no growth' : 'growth'}, whatever the noise`, () => {
    const random = createRandom(7)
    const noisy = series(300, (at) => value(at) + random.below(100) / 50)
    const judgement = judgeSlope(noisy, 100, RULE)
    assert.is(judgement.ok, ok, sentence(judgement))
    assert.match(sentence(judgement), ok ? /^ok {4}memory: / : /^GROWS memory: /)
  })
}

slopes('the share counts where it is more', () => {
  const samples = series(300, (at) => 1000 + 0.05 * at)
  assert.is(judgeSlope(samples, 100, RULE).ok, true)
  assert.is(judgeSlope(samples, 100, { ...RULE, share: 0 }).ok, false)
})

slopes('too short a run is not judged', () => {
  assert.throws(
    () =>
      judgeSlope(
        series(60, () => 1),
        40,
        RULE,
      ),
    /too few to judge/,
  )
})

slopes.run()
