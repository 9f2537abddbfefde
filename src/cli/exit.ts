/** How a command ends: the exit codes, errors that carry one, and what a person is shown of them. */
import { CommanderError } from 'commander'
import { ConfigError } from '../settings.ts'
import { StartError } from '../start_error.ts'

/** Stable: scripts may rely on them. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  port: 4,
  client: 5,
  clock: 6,
  nobody: 7,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** For `gatehouse --help`. */
export const EXIT_HELP = `
Exit codes:
    0  done
    1  failed
    2  wrong usage or settings
    3  refused by Cognito or by the gateway; explain: the call would be refused
    4  the port for the way back from the browser cannot be used
    5  the app client or its secret is wrong
    6  the clock is off
    7  nobody logged in within five minutes
  130  interrupted by Ctrl-C (143 by SIGTERM)`

/** An end that is nobody's bug: the message says what happened and what to do. */
export class CommandError extends Error {
  override name = 'CommandError'
  readonly exitCode: ExitCode
  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Writes what a person can act on, without a stack; a stack only for what is our fault. Gives the exit code. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const lost = (error as NodeJS.ErrnoException | null)?.syscall === 'uv_cwd'
  if (lost) return report(new CommandError(EXIT.failed, 'The working directory is not there any more. Change to another one.'))
  const known = error instanceof CommandError || error instanceof ConfigError || error instanceof StartError
  process.stderr.write(`gatehouse: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  if (error instanceof CommandError) return error.exitCode
  return error instanceof ConfigError ? EXIT.usage : EXIT.failed
}
