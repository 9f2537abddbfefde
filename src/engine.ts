/** How the JavaScript engine runs the validator. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'

/** Bytes in use, above which the policy is what takes room, and going through it again and again would cost more than it saves. */
const SMALL = 48 * 1024 * 1024

/**
 * Memory before speed: what has just been made gets no more room than it has, and the little WebAssembly there is (in fetch) is compiled once
 * and plainly. Call it when the modules are loaded: with other flags than it was built with, Node 20 reads its own modules without the code
 * that it has of them ready made, which nearly doubles the start. An engine that does not know a flag goes on without it.
 */
export function saveMemory(): void {
  for (const flag of ['--semi-space-growth-factor=1', '--liftoff-only', '--wasm-lazy-compilation']) setFlagsFromString(flag)
}

/** 0 is V8's own choice. */
const TIGHT = ['--semi-space-growth-factor=1', '--heap-growing-percent=20']
const ROOMY = ['--semi-space-growth-factor=16', '--heap-growing-percent=0']

/** Milliseconds after which the policy may be another one, and the heap larger or smaller. */
const AGAIN = 60_000

/**
 * Call it once the validator has started. A small heap grows by a fifth at a time from now on. In a large one, what has just been made gets
 * room: each time that it is collected, V8 goes through all pages of the heap.
 */
export function fitHeap(): void {
  const fit = (): void => {
    const isSmall = getHeapStatistics().used_heap_size < SMALL
    for (const flag of isSmall ? TIGHT : ROOMY) setFlagsFromString(flag)
  }
  fit()
  setInterval(fit, AGAIN).unref()
}
