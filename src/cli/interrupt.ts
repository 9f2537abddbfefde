/** Ctrl-C and SIGTERM as an orderly end: whatever waits is told, and cleans up. */
import { CommandError, EXIT } from './exit.ts'

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const

/** Runs work that is told of SIGINT and SIGTERM by the signal, whose reason is the error to end with. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const handlers = Object.entries(SIGNALS).map(([name, exitCode]) => {
    const handler = (): void => controller.abort(new CommandError(exitCode, 'interrupted; nothing was saved'))
    return [name, handler] as const
  })
  // Once: who presses Ctrl-C again does not want to wait.
  for (const [name, handler] of handlers) process.once(name, handler)
  try {
    return await work(controller.signal)
  } finally {
    for (const [name, handler] of handlers) process.off(name, handler)
  }
}

/** What comes first: the result, or the end that the signal orders. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // It may fail when nobody waits for it any more.
  promise.catch(() => {})
  signal.throwIfAborted()
  let stop = (): void => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
