/** Values that a grammar draws choice by choice, and their shrinking: the choices that led to a value are made fewer and smaller. */
import fc from 'fast-check'
import type { Random } from '../support/random.ts'

/** Of every choice the first one is the plainest, so what is rare is the last one. */
function randomOf(below: (limit: number) => number): Random {
  return {
    below,
    pick: (values) => values[below(values.length)] as (typeof values)[number],
    once: (times) => below(times) === times - 1,
  }
}

class Drawn<T> extends fc.Arbitrary<T> {
  private readonly draw: (random: Random) => T
  constructor(draw: (random: Random) => T) {
    super()
    this.draw = draw
  }

  generate(source: fc.Random): fc.Value<T> {
    const choices: number[] = []
    const below = (limit: number): number => {
      const choice = limit > 1 ? source.nextInt(0, limit - 1) : 0
      choices.push(choice)
      return choice
    }
    return new fc.Value(this.draw(randomOf(below)), choices)
  }

  canShrinkWithoutContext(_value: unknown): _value is T {
    return false
  }

  shrink(_value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return fc.stream(this.smaller(context as readonly number[]))
  }

  private *smaller(choices: readonly number[]): IterableIterator<fc.Value<T>> {
    for (const fewer of smallerChoices(choices)) {
      const replayed = this.replay(fewer)
      if (isSmaller(replayed.context as number[], choices)) yield replayed
    }
  }

  /** What the choices lead to; where there are none left, the plainest one is made. */
  private replay(choices: readonly number[]): fc.Value<T> {
    const made: number[] = []
    const below = (limit: number): number => {
      const choice = Math.min(choices[made.length] ?? 0, Math.max(0, limit - 1))
      made.push(choice)
      return choice
    }
    return new fc.Value(this.draw(randomOf(below)), made)
  }
}

function* smallerChoices(choices: readonly number[]): Generator<readonly number[]> {
  for (let size = choices.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < choices.length; at += size) yield [...choices.slice(0, at), ...choices.slice(at + size)]
  }
  for (const [at, choice] of choices.entries()) {
    for (let less = choice; less > 0; less = Math.floor(less / 2)) yield choices.with(at, choice - less)
  }
}

/** Shorter, or of the same length and smaller where they first differ: so shrinking comes to an end. */
function isSmaller(choices: readonly number[], than: readonly number[]): boolean {
  if (choices.length !== than.length) return choices.length < than.length
  const at = choices.findIndex((choice, index) => choice !== than[index])
  return at !== -1 && (choices[at] as number) < (than[at] as number)
}

/** @param draw gives the same value for the same choices */
export const drawn = <T>(draw: (random: Random) => T): fc.Arbitrary<T> => new Drawn(draw)

class Batch<T> extends fc.Arbitrary<T[]> {
  private readonly of: fc.Arbitrary<T>
  private readonly size: number
  constructor(of: fc.Arbitrary<T>, size: number) {
    super()
    this.of = of
    this.size = size
  }

  generate(source: fc.Random, bias: number | undefined): fc.Value<T[]> {
    return this.whole(Array.from({ length: this.size }, () => this.of.generate(source, bias)))
  }

  canShrinkWithoutContext(_value: unknown): _value is T[] {
    return false
  }

  shrink(_value: T[], context: unknown): fc.Stream<fc.Value<T[]>> {
    const items = context as Array<fc.Value<T>>
    const [only] = items
    if (items.length > 1) return fc.stream(items.values()).map((item) => this.whole([item]))
    return only === undefined ? fc.Stream.nil() : this.of.shrink(only.value, only.context).map((item) => this.whole([item]))
  }

  private whole(items: Array<fc.Value<T>>): fc.Value<T[]> {
    return new fc.Value(
      items.map((item) => item.value),
      items,
    )
  }
}

/** So many values to be judged at once; the one that fails is found alone, and then made smaller. */
export const batches = <T>(of: fc.Arbitrary<T>, size: number): fc.Arbitrary<T[]> => new Batch(of, size)
