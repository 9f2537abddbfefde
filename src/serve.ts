/** The validator as a program of its own, for its image: `gatehouse serve` without the other commands, its settings from the environment. */
import { prepareEngine } from './engine.ts'
import { runValidator } from './main.ts'
import { ConfigError } from './settings.ts'
import { StartError } from './start_error.ts'

prepareEngine()
try {
  await runValidator(process.env)
} catch (error) {
  const known = error instanceof ConfigError || error instanceof StartError
  process.stderr.write(`gatehouse: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  // The same codes as those of `gatehouse serve`.
  process.exitCode = error instanceof ConfigError ? 2 : 1
}
