/** The validator as a program of its own, for its image: `gatehouse serve` without the other commands, its settings from the environment. */
import { setFlagsFromString } from 'node:v8'
import { runValidator } from './main.ts'
import { ConfigError } from './settings.ts'
import { StartError } from './start_error.ts'

// Memory before speed: the heap grows by a fifth at a time, and the little WebAssembly there is (in fetch) is compiled once and plainly. An
// engine that does not know a flag goes on without it.
for (const flag of ['--heap-growing-percent=20', '--liftoff-only', '--wasm-lazy-compilation']) setFlagsFromString(flag)

try {
  await runValidator(process.env)
} catch (error) {
  const known = error instanceof ConfigError || error instanceof StartError
  process.stderr.write(`gatehouse: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  // The same codes as those of `gatehouse serve`.
  process.exitCode = error instanceof ConfigError ? 2 : 1
}
