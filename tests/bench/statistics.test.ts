import { type Figure, figureOf, type Sample } from '../../bench/figure.ts'
import { differenceOfRounds, median, mediansOf, queueP99, ratio, ratioOfRounds, spread } from '../../bench/statistics.ts'
import * as assert from '../support/assert.ts'
import { createRandom, SEED } from '../support/random.ts'
import { suite } from '../support/suite.ts'

const statistics = suite('the arithmetic of measurements')

statistics('the median is the value in the middle, or between the two in the middle', () => {
  const table: [number[], number | null][] = [
    [[], null],
    [[7], 7],
    [[9, 1], 5],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ]
  for (const [values, expected] of table) {
    const before = [...values]
    assert.is(median(values), expected, JSON.stringify(values))
    assert.equal(values, before, 'the list stays as it was')
  }
})

statistics(`no more values lie above the median than below it (SEED=${SEED})`, () => {
  const random = createRandom(SEED)
  for (let round = 0; round < 200; round += 1) {
    const values = Array.from({ length: 1 + random.below(9) }, () => random.below(20))
    const middle = median(values) as number
    const half = values.length / 2
    assert.ok(
      values.filter((value) => value < middle).length <= half && values.filter((value) => value > middle).length <= half,
      `${values}`,
    )
  }
})

statistics('the ratio of rounds is that of most of them, whatever the machine does between them', () => {
  assert.is(ratioOfRounds([10, 20, 5], [20, 40, 10]), 0.5)
  assert.is(ratioOfRounds([10, 20, 30], [20, 80, 30]), 0.5)
  assert.is(ratioOfRounds([10, 30], [20]), 1)
  assert.is(ratioOfRounds([10, 20], [0, 40]), 0.5)
  assert.is(ratioOfRounds([], []), null)
})

statistics('the difference of rounds is that of most of them', () => {
  assert.is(differenceOfRounds([700, 9000, 800], [300, 350, 8000]), 400)
  assert.is(differenceOfRounds([1500], [400]), 1100)
  assert.is(differenceOfRounds([10, 30, 20], [4, 8]), 14)
  assert.is(differenceOfRounds([], []), null)
  assert.is(differenceOfRounds([1], []), null)
})

statistics('a ratio of what is missing, or to nothing, is missing', () => {
  assert.is(ratio(3, 2), 1.5)
  assert.is(ratio(0, 2), 0)
  for (const [a, b] of [
    [null, 1],
    [1, null],
    [undefined, 1],
    [1, undefined],
    [1, 0],
  ] as const)
    assert.is(ratio(a, b), null, `${a} to ${b}`)
})

statistics('the spread is how far apart the rounds lie, in terms of the median', () => {
  assert.is(spread([90, 100, 120]), 0.3)
  assert.is(spread([5, 5]), 0)
  assert.is(spread([5]), null)
})

statistics('medians of names that not every sample has', () => {
  assert.equal(mediansOf([{ nginx: 1, validator: 5 }, { nginx: 3 }, { nginx: 2 }]), { nginx: 2, validator: 5 })
})

const sample = (perSecond: number, problems: string[] = []): Sample => ({
  perSecond,
  p50: perSecond * 2,
  p99: null,
  cpu: { nginx: 7 },
  problems,
})

statistics('rounds that do not count have no part in the medians, and are not forgotten', () => {
  const figure: Figure = figureOf('hot', 'Hot', [sample(10), sample(1_000_000, ['refused']), sample(20), sample(30)], { 'x, MB': 1 })
  assert.equal(figure, {
    name: 'hot',
    title: 'Hot',
    perSecond: 20,
    p50: 40,
    p99: null,
    cpu: { nginx: 7 },
    rounds: [10, 20, 30],
    extra: { 'x, MB': 1 },
    problems: ['refused'],
  })
  assert.is(figureOf('none', '', [sample(5, ['refused'])]).perSecond, null)
})

statistics('what is timed call by call is kept round by round', () => {
  const rounds = [
    { ...sample(10), p99: 90 },
    { ...sample(20), p99: 5000 },
    { ...sample(1, ['refused']), p99: 1 },
  ]
  assert.equal(figureOf('half', '', rounds).latencies, { p50: [20, 40], p99: [90, 5000] })
})

/** p99 of a queue that is simulated, in terms of what its server takes for each. */
function simulated(load: number): number {
  const random = createRandom(1)
  const all: number[] = []
  for (let wait = 0, count = 0; count < 300_000; count += 1) {
    all.push(wait + 1)
    wait = Math.max(0, wait + 1 + Math.log((random.below(1_000_000) + 1) / 1_000_001) / load)
  }
  return all.sort((a, b) => a - b)[297_000] as number
}

statistics('p99 of a queue is that of a queue which is simulated, and there is none where it grows for ever', () => {
  for (const load of [0.1, 0.3, 0.5, 0.68, 0.85]) {
    const found = (queueP99(load * 1000, 0.001) ?? 0) * 1000
    const expected = simulated(load)
    assert.ok(Math.abs(found - expected) < 0.06 * expected, `${load}: ${found} instead of ${expected}`)
  }
  for (const load of [0, 0.9, 1, 2, Number.NaN]) assert.is(queueP99(load * 1000, 0.001), null)
})

statistics.run()
