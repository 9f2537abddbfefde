/** The life of a demo process: one ready line, wait for a signal, close, exit. */
import { StartError } from '../start_error.ts'

/** Closing takes milliseconds; a process that still hangs after this long is ended anyway. */
const CLOSE_MS = 2000

export type Environment = Record<string, string | undefined>

/**
 * Starts a service, prints its ready line (one JSON object on stdout) and closes it on SIGTERM or SIGINT.
 * Resolves as soon as the service is up, or has failed to start.
 * @param start gives what the ready line says and how to close. A StartError it throws is printed as one line on stderr
 *   and sets exit code 1; any other error is a bug and passes through
 */
export async function runUntilSignal(start: () => Promise<{ ready: Record<string, unknown>; close(): Promise<void> }>): Promise<void> {
  try {
    const { ready, close } = await start()
    const stop = () => {
      setTimeout(() => process.exit(0), CLOSE_MS).unref()
      close().then(() => process.exit(0))
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
    process.stdout.write(`${JSON.stringify({ msg: 'ready', ...ready })}\n`)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

/**
 * A port number out of the environment.
 * @param least 1 where others must know it beforehand, so that it cannot be any free one
 * @throws StartError when it is not a number from that to 65535
 */
export function portFrom(env: Environment, name: string, otherwise: number, least: 0 | 1 = 0): number {
  const text = env[name]
  if (text === undefined || text === '') return otherwise
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < least || port > 65535)
    throw new StartError(`${name} must be a port number from ${least} to 65535, got ${JSON.stringify(text)}`)
  return port
}
