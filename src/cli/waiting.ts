/** A wait that may be short: nothing is shown for the first second. */

const QUIET = 1000

/** Whether something may move on the screen. */
export const isLively = (): boolean => process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !('CI' in process.env)

/**
 * Shows on standard error that something is being waited for: on a terminal a spinner, elsewhere one line.
 * @returns ends the display
 */
export function showWaiting(text: string): () => void {
  let stop = (): void => {}
  let over = false
  const timer = setTimeout(async () => {
    if (!isLively()) {
      process.stderr.write(`${text} …\n`)
      return
    }
    const { default: createSpinner } = await import('yocto-spinner')
    if (over) return
    const spinner = createSpinner({ text, stream: process.stderr, handleSignals: false }).start()
    stop = () => spinner.stop()
  }, QUIET)
  return () => {
    over = true
    clearTimeout(timer)
    stop()
  }
}

export async function whileWaiting<T>(text: string, work: Promise<T>): Promise<T> {
  return work.finally(showWaiting(text))
}
