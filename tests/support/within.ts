/** How long something takes, on a machine that may be busy with others. */
import * as assert from './assert.ts'

const TRIES = 5

/**
 * Fails when something takes too long each time. A busy machine makes single ones longer, so it is done again then.
 * @param most milliseconds
 * @param measured does it; gives the milliseconds that count, where those are not all that it takes
 */
export async function within(most: number, measured: () => unknown): Promise<void> {
  const seen: number[] = []
  while (seen.length < TRIES) {
    const started = performance.now()
    const own = await measured()
    const took = typeof own === 'number' ? own : performance.now() - started
    if (took < most) return
    seen.push(Math.round(took))
  }
  assert.unreachable(`took ${seen.join(', ')} ms, not less than ${most}`)
}
