/** Random values that follow from one seed. */

/** `SEED=… node --import tsx tests/….test.ts` repeats a run. */
export const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)

export interface Random {
  below(limit: number): number
  pick<T>(values: readonly T[]): T
  /** True once in `times`. */
  once(times: number): boolean
}

/** Mulberry32: 32 bits of state are plenty here. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, pick: (values) => values[below(values.length)] as (typeof values)[number], once: (times) => below(times) === 0 }
}
