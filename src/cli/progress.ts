/** The wait for a person, shown on the terminal. */
import { isLively } from './waiting.ts'
import { inWords } from './words.ts'

/** Ends the display and gives the terminal back as it was. */
export type Stop = () => void

/** Shows on standard error how long is left: on a terminal a spinner and a countdown, elsewhere one line. */
export async function showWait(seconds: number): Promise<Stop> {
  if (!isLively()) {
    process.stderr.write(`Waiting for the login in the browser, ${inWords(seconds)} at most.\n`)
    return () => {}
  }
  const { default: createSpinner } = await import('yocto-spinner')
  const end = Date.now() + seconds * 1000
  const text = (): string => `Waiting for the login in the browser, ${clock(end - Date.now())} left. Ctrl-C ends it.`
  // Signals are obeyed elsewhere: by its own handler it would end the process, and leave the listener's answers unsent.
  const spinner = createSpinner({ text: text(), stream: process.stderr, handleSignals: false }).start()
  const timer = setInterval(() => {
    spinner.text = text()
  }, 1000)
  return () => {
    clearInterval(timer)
    spinner.stop()
  }
}

/** `4:59`. */
function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
