/** How a process that serves ends: when it is told to, and whatever others have not taken of it. */

/** Resolves when the process is told to end: SIGTERM or SIGINT. To be called at the beginning, so that a stop during the start is orderly too. */
export function toldToStop(): Promise<void> {
  // Else Node would open a debugger by it, to everybody on this machine.
  process.on('SIGUSR1', () => {})
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve())
  })
}

/** Ends the process now. Lines of the log that their reader does not take, or spans, would else keep it for as long as that lasts. */
export const end = (): never => process.exit()
