/** How the JavaScript engine runs the validator. What it must know before it starts stands where it is started: in bin/gatehouse and in the image. */
import { setFlagsFromString } from 'node:v8'

/**
 * Memory before speed: the heap grows by a fifth at a time, and the little WebAssembly there is (in fetch) is compiled once and plainly. An
 * engine that does not know a flag goes on without it.
 */
export function saveMemory(): void {
  for (const flag of ['--heap-growing-percent=20', '--liftoff-only', '--wasm-lazy-compilation']) setFlagsFromString(flag)
}
