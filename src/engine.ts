/** How the JavaScript engine runs the validator. What it must know before it starts stands where it is started: in bin/gatehouse and in the image. */
import { setFlagsFromString } from 'node:v8'

/** Bytes in use after the start, above which the policy is what takes room, and going through it again and again would cost more than it saves. */
const SMALL = 48 * 1024 * 1024

/** Memory before speed: the little WebAssembly there is (in fetch) is compiled once and plainly. An engine that does not know a flag goes on without it. */
export function saveMemory(): void {
  for (const flag of ['--liftoff-only', '--wasm-lazy-compilation']) setFlagsFromString(flag)
}

/** Once it has started: the heap grows by a fifth at a time from now on. */
export function growSlowly(): void {
  if (process.memoryUsage().heapUsed < SMALL) setFlagsFromString('--heap-growing-percent=20')
}
